import { afterAll, beforeAll, expect, test } from 'vitest';
import type { App } from '../../server/app/app.ts';
import { createAdvance } from '../../server/features/giveaway/advance.ts';
import { createAwardStore } from '../../server/features/giveaway/awards.pg.ts';
import { createDrawThreads } from '../../server/features/giveaway/draw-threads.ts';
import { createEntryStore } from '../../server/features/giveaway/entries.pg.ts';
import { createGiveawayStore } from '../../server/features/giveaway/giveaways.pg.ts';
import { createRightUses } from '../../server/features/sale/right-uses.pg.ts';
import { createAppendQueue } from '../../server/features/room-log/append-queue.ts';
import { createLogStore } from '../../server/features/room-log/log-store.redis.ts';
import type { RoomLog } from '../../server/features/room-log/room-log.ts';
import { freshStores, startTestApp } from '../support/app.ts';
import { ask, createShow, luckyBag, nonce } from './show.ts';

const show = createShow({ nowMs: Date.UTC(2026, 0, 5) });
const { clock } = show;
const threads = createDrawThreads(1);
let app: App;

beforeAll(async () => {
  // A gateway without a worker: the draw is made by hand here, and dies where the test says.
  app = await startTestApp(await freshStores(), {
    nowMs: () => clock.nowMs,
    settings: { NIGHTMARKET_ROLES: 'gateway' },
  });
});
afterAll(async () => {
  show.close();
  await Promise.all([threads.close(), app.close()]);
});

class Crash extends Error {}

/** Everything a draw calls, dying at the given call: before it does anything, or after it did and before it said so. */
function portsThatDie(atCall: number, when: 'before' | 'after') {
  let calls = 0;
  const dying = <P extends object>(port: P): P =>
    new Proxy(port, {
      get(target, name) {
        const verb = Reflect.get(target, name) as unknown;
        if (typeof verb !== 'function') return verb;
        return (...args: unknown[]) => {
          const dies = ++calls === atCall;
          if (dies && (when === 'before' || name === 'pages')) throw new Crash(); // A list of pages is made lazily: nothing happened yet.
          const result: unknown = Reflect.apply(verb, target, args);
          if (!dies) return result;
          return Promise.resolve(result).then(() => {
            throw new Crash();
          });
        };
      },
    });
  return dying;
}

function advanceWith(dying: <P extends object>(port: P) => P, seenAtMs = 0) {
  const { db, redis } = app.platform;
  const append = createAppendQueue(createLogStore(redis.commands, { chatPerSecondMax: 100 }));
  const log: RoomLog = {
    append: (roomId, kind, body, { senderId = '', clientKey } = {}) =>
      append(roomId, {
        tail: { lane: 'host', senderId, entryId: '', redacts: [], kind, body: JSON.stringify(body) },
        clientKey,
      }),
    setAggregate: () => undefined,
  };
  const paid = { paid: async () => true };
  return createAdvance({
    store: dying(createGiveawayStore(db)),
    entries: dying(createEntryStore(db)),
    awards: dying(createAwardStore(db, createRightUses())),
    threads,
    watchTime: { of: async (_roomId, people) => people.map(() => ({ watchedMs: 0, seenAtMs })) },
    funnel: dying({ of: async () => ({ viewers: 6, entrants: 6, joined: 0, buyers: 0 }) }),
    log: dying(log),
    fetchBeacon: async () => null,
    payPoints: dying(paid).paid,
    tellWinner: () => undefined,
    nowMs: () => clock.nowMs,
  }).advance;
}

const unharmed = <P extends object>(port: P): P => port;

async function giveawayWithEntries(
  wish: Parameters<typeof luckyBag>[2] = {},
): Promise<{ giveawayId: string; roomId: string }> {
  const host = await show.host(app);
  const { giveawayId, rules } = await ask(host, 'giveaway:publish', luckyBag(host.roomId, clock.nowMs, wish));
  for (const fan of await show.people([app], 6)) await ask(fan, 'giveaway:enter', { giveawayId, nonce: nonce() });
  clock.nowMs = rules.closesAtMs;
  return { giveawayId, roomId: host.roomId };
}

const winnersOf = async (giveawayId: string): Promise<unknown[]> =>
  (
    await app.platform.db.query(
      `SELECT place, entry_number, encode(score, 'hex') AS score FROM giveaway_places WHERE giveaway_id = $1 AND state = 'offered' ORDER BY place`,
      [giveawayId],
    )
  ).rows;

async function kindsIn(roomId: string): Promise<string[]> {
  const store = createLogStore(app.platform.redis.commands, { chatPerSecondMax: 100 });
  return (await store.lastEntries(roomId, 100)).map(({ kind }) => kind).filter((kind) => kind.startsWith('giveaway:'));
}

/** Runs the draw so that it dies at one call after the other, each time started again, until one run gets through. */
async function drawWithCrashes(giveawayId: string, when: 'before' | 'after'): Promise<number> {
  for (let atCall = 1; ; atCall++) {
    try {
      await advanceWith(portsThatDie(atCall, when))(giveawayId);
      return atCall - 1;
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
    }
  }
}

test.each(['before', 'after'] as const)(
  'a draw that dies again and again, %s a later call each time, ends with the same winners, once, each step told once',
  async (when) => {
    const { giveawayId, roomId } = await giveawayWithEntries();

    const crashes = await drawWithCrashes(giveawayId, when);

    expect(crashes).toBeGreaterThanOrEqual(9);
    const winners = await winnersOf(giveawayId);
    expect(winners).toHaveLength(3);
    await advanceWith(unharmed)(giveawayId);
    expect(await winnersOf(giveawayId)).toEqual(winners);
    expect(await kindsIn(roomId)).toEqual([
      'giveaway:published',
      'giveaway:closed',
      'giveaway:frozen',
      'giveaway:drawn',
      'giveaway:counted',
    ]);
    const answer = await fetch(`${app.url}/api/giveaways/${giveawayId}/proof`);
    const { winners: published } = (await answer.json()) as { winners: { entryNumber: number; score: string }[] };
    expect(winners).toMatchObject(published.map(({ entryNumber, score }) => ({ entry_number: entryNumber, score })));
  },
);

test('two workers that draw at the same time draw once', async () => {
  const { giveawayId, roomId } = await giveawayWithEntries();

  await Promise.all([advanceWith(unharmed)(giveawayId), advanceWith(unharmed)(giveawayId)]);

  expect(await winnersOf(giveawayId)).toHaveLength(3);
  const kinds = await kindsIn(roomId);
  expect(new Set(kinds).size).toBe(kinds.length);
  expect(kinds).toContain('giveaway:drawn');
});

test('whoever was there at the close is not absent because the draw came minutes later', async () => {
  const { giveawayId } = await giveawayWithEntries({ tasks: [{ task: 'present-at-draw' }] });
  const closedAtMs = clock.nowMs;
  // Freezing is not yet drawing: the process dies where it reads who was drawn.
  const dies = <P extends object>(port: P): P =>
    'peopleOf' in port ? { ...port, peopleOf: () => Promise.reject(new Crash()) } : port;
  await expect(advanceWith(dies, closedAtMs)(giveawayId)).rejects.toThrow(Crash);
  clock.nowMs += 600_000;

  await advanceWith(unharmed, closedAtMs)(giveawayId);

  expect(await winnersOf(giveawayId)).toHaveLength(3);
});

test('a worker that comes back after the close gives people time to come back, too, before it calls anybody absent', async () => {
  const { giveawayId } = await giveawayWithEntries({ tasks: [{ task: 'present-at-draw' }] });
  clock.nowMs += 60_000;
  const restarted = advanceWith(unharmed, 1);

  await restarted(giveawayId);
  expect(await winnersOf(giveawayId)).toHaveLength(0);
  expect(await drawnPlaces(giveawayId)).toBe(0);
  clock.nowMs += 15_000;
  await restarted(giveawayId);

  expect(await drawnPlaces(giveawayId)).toBe(6);
});

const drawnPlaces = async (giveawayId: string): Promise<number | null> =>
  (await app.platform.db.query('SELECT FROM giveaway_places WHERE giveaway_id = $1', [giveawayId])).rowCount;
