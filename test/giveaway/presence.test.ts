import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { App } from '../../server/app/app.ts';
import { createDrawThreads } from '../../server/features/giveaway/draw-threads.ts';
import { createWatchRound } from '../../server/features/giveaway/watch-round.ts';
import { createWatchTime } from '../../server/features/giveaway/watch-time.redis.ts';
import { createWatching } from '../../server/features/giveaway/watching.ts';
import type { RoomView } from '../../server/features/room/rooms.ts';
import { freshStores, startTestApp } from '../support/app.ts';
import { eventually } from '../support/eventually.ts';
import { Crash, stepsOver, unharmed, type Dying } from './dying-steps.ts';
import { ask, createShow, luckyBag, nonce, reportUntil, type Person } from './show.ts';

const show = createShow({ nowMs: Date.UTC(2026, 0, 5) });
const { clock } = show;
const threads = createDrawThreads(1);
let app: App;

beforeAll(async () => {
  // A gateway without a worker, and nobody joins a room: who is there, and when it is drawn, is what the test says.
  const settings = { NIGHTMARKET_ROLES: 'gateway', NIGHTMARKET_ACCESS_TOKEN_SECONDS: '3600' };
  app = await startTestApp(await freshStores(), { nowMs: () => clock.nowMs, settings });
});
afterAll(async () => {
  show.close();
  await Promise.all([threads.close(), app.close()]);
});

/** A gateway that has just started. */
const anotherGateway = () => createWatchTime(app.platform.redis.commands, () => clock.nowMs);
const workerWith = (dying: Dying) => stepsOver(app, threads, () => clock.nowMs, dying);

type Stage = {
  host: Person & { roomId: string };
  fans: Person[];
  see: (people: readonly Person[]) => Promise<unknown>;
};

type Setting = { untilMs?: number; host?: Stage['host']; arrive?: (fan: Person) => Promise<unknown> };

/**
 * Four entries in a giveaway for those who are there, at its close; the first two were there until `untilMs` before it, and somebody was
 * reported steadily until then. @param before its close.
 */
async function closed(
  closesInMs = 60_000,
  before: (stage: Stage) => Promise<void> = async () => undefined,
  { untilMs = 1_000, host: of, arrive }: Setting = {},
) {
  const host = of ?? (await show.host(app));
  const watchTime = anotherGateway();
  const see = async (people: readonly { personId: string }[]) => {
    await watchTime.credit(
      host.roomId,
      people.map(({ personId }) => personId),
      true,
    );
    await watchTime.reported();
  };
  const wish = { tasks: [{ task: 'present-at-draw' as const }], closesAtMs: clock.nowMs + closesInMs };
  const { giveawayId, rules } = await ask(host, 'giveaway:publish', luckyBag(host.roomId, clock.nowMs, wish));
  const fans = await show.people([app], 4);
  for (const fan of fans) {
    await arrive?.(fan);
    await ask(fan, 'giveaway:enter', { giveawayId, nonce: nonce() });
  }
  await before({ host, fans, see });
  const there = fans.slice(0, 2);
  clock.nowMs = Math.max(clock.nowMs, rules.closesAtMs - 60_000);
  await reportUntil(clock, rules.closesAtMs - untilMs, () => see([host]));
  await see(there);
  clock.nowMs = rules.closesAtMs;
  return { giveawayId, roomId: host.roomId, fans, there, see, nobodyIsThere: watchTime.reported };
}

/** A gateway with people in one room that is on the air, whose ways to the ledger and to Redis can be cut. */
function gatewayWith(roomId: string) {
  const watchTime = anotherGateway();
  const gateway = { people: [] as readonly Person[], hasLedger: true, hasRedis: true, watchTime, report };
  const askLedger = async () => {
    if (!gateway.hasLedger) throw new Crash();
  };
  const credit = createWatching({
    rooms: {
      async get() {
        await askLedger();
        return { hostId: '1', kind: 'show', state: 'live' } as RoomView;
      },
    },
    watchTime,
    members: { among: async () => new Map() },
    award: async () => false,
    warn: () => undefined,
  });
  const round = createWatchRound({
    people: () => [[roomId, new Map(gateway.people.map(({ personId }) => [personId, 1]))]],
    credit: async (...people) => {
      if (!gateway.hasRedis) throw new Crash();
      await credit(...people);
    },
    watchTime,
    askLedger,
    warn: () => undefined,
  });
  return gateway;

  function report(): Promise<void> {
    return round();
  }
}

const redisForgets = (roomId: string) =>
  app.platform.redis.commands.del(...['watched', 'seen', 'known'].map((name) => `nm:v1:{room:${roomId}}:${name}`));

async function holdersOf(giveawayId: string): Promise<string[]> {
  const { rows } = await app.platform.db.query<{ personId: string }>(
    `SELECT person_id AS "personId" FROM giveaway_places WHERE giveaway_id = $1 AND state = 'offered'`,
    [giveawayId],
  );
  return rows.map(({ personId }) => personId).sort();
}
const idsOf = (people: readonly { personId: string }[]): string[] => people.map(({ personId }) => personId).sort();
const isDrawn = async (giveawayId: string): Promise<boolean> =>
  (await app.platform.db.query('SELECT FROM giveaway_places WHERE giveaway_id = $1', [giveawayId])).rowCount! > 0;

test('whoever was there at the close was there, though the draw dies, Redis is lost, and an hour goes by', async () => {
  const { giveawayId, roomId, there } = await closed();
  const dies: Dying = (port) => ('draw' in port ? { ...port, draw: () => Promise.reject(new Crash()) } : port);
  await expect(workerWith(dies).advance(giveawayId)).rejects.toThrow(Crash);
  await redisForgets(roomId);
  clock.nowMs += 3_000_000;

  await workerWith(unharmed).advance(giveawayId);

  expect(await holdersOf(giveawayId)).toEqual(idsOf(there));
});

test('when Redis was lost before anybody looked, people are waited for until they have been reported again', async () => {
  const { giveawayId, roomId, there, see } = await closed();
  const worker = workerWith(unharmed);
  await redisForgets(roomId);

  await worker.advance(giveawayId);
  clock.nowMs += 30_000;
  await worker.advance(giveawayId);
  await see(there.slice(0, 1)); // The first gateway is back, the second is not.
  await worker.advance(giveawayId);
  expect(await isDrawn(giveawayId)).toBe(false);
  await reportUntil(clock, clock.nowMs + 16_000, () => see(there));
  await worker.advance(giveawayId);

  expect(await holdersOf(giveawayId)).toEqual(idsOf(there));
});

/** The third was there until they were kicked, the fourth was kicked and had not been there. */
const withTwoKicked = () =>
  closed(90_000, async ({ host, fans, see }) => {
    const [, , rival, away] = fans as [Person, Person, Person, Person];
    clock.nowMs = Date.now(); // A ban is by the clock of the database.
    await see([rival]);
    for (const { personId } of [rival, away])
      await ask(host, 'moderation:sanction', { roomId: host.roomId, personId, kind: 'kick' });
  });

test('whom those who run the room put out counts as there when they were there until then', async () => {
  clock.nowMs = Date.now();
  const { giveawayId, fans } = await withTwoKicked();

  await workerWith(unharmed).advance(giveawayId);

  expect(await holdersOf(giveawayId)).toEqual(idsOf(fans.slice(0, 3)));
});

test('whom they put out counts as there when Redis was lost since, for they can not come back to be seen', async () => {
  clock.nowMs = Date.now();
  const { giveawayId, roomId, fans, there, see } = await withTwoKicked();
  const worker = workerWith(unharmed);
  await redisForgets(roomId);
  await worker.advance(giveawayId);
  await see(there.slice(0, 1));
  clock.nowMs += 5_000;
  await anotherGateway().credit(roomId, [there[0]!.personId], true); // The second one that is back makes it no later outage.
  await reportUntil(clock, clock.nowMs + 16_000, () => see(there.slice(0, 1)));

  await worker.advance(giveawayId);

  expect(await holdersOf(giveawayId)).toEqual(idsOf([fans[0]!, ...fans.slice(2)]));
});

test('whom the host put out of the group counts as there, also when they were let in again right before the close', async () => {
  const owner = await show.person(app);
  const clubId = owner.personId;
  await ask(owner, 'fan-club:set', { clubId });
  const { groupRoomId } = await ask(owner, 'fan-club:open-group', { clubId, title: 'Tea friends' });
  const host = { ...owner, roomId: groupRoomId! };
  const join = (fan: Person) => ask(fan, 'fan-club:join', { clubId });
  const decide = ({ personId }: Person, accept: boolean) => ask(host, 'fan-club:decide', { clubId, personId, accept });
  const { giveawayId, fans } = await closed(
    60_000,
    async ({ fans, see }) => {
      const [, , rival, away] = fans as [Person, Person, Person, Person];
      await see([rival]);
      clock.nowMs += 5_000;
      for (const fan of [rival, away]) await decide(fan, false);
    },
    { host, arrive: join },
  );
  clock.nowMs -= 1_000;
  for (const fan of fans.slice(2)) {
    await decide(fan, true);
    await join(fan);
  }
  clock.nowMs += 1_000;

  await workerWith(unharmed).advance(giveawayId);

  expect(await holdersOf(giveawayId)).toEqual(idsOf(fans.slice(0, 3)));
});

test('a room that stays empty is not waited for for ever, but as long as nobody could come into it', async () => {
  const { giveawayId, roomId, nobodyIsThere } = await closed();
  const worker = workerWith(unharmed);
  await redisForgets(roomId);
  await worker.advance(giveawayId);
  clock.nowMs += 3_600_000; // No gateway has reported that it is up.
  await worker.advance(giveawayId);
  await reportUntil(clock, clock.nowMs + 55_000, nobodyIsThere);
  await worker.advance(giveawayId);
  expect(await isDrawn(giveawayId)).toBe(false);

  await reportUntil(clock, clock.nowMs + 6_000, nobodyIsThere);
  await worker.advance(giveawayId);

  expect(await isDrawn(giveawayId)).toBe(true);
  expect(await holdersOf(giveawayId)).toEqual([]);
});

describe('nobody is absent because of an outage over the close:', () => {
  /** What is reported last at 40 s before the close, though everybody stays until it. */
  const broken = () => closed(60_000, undefined, { untilMs: 40_000 });

  test('reports come again when the draw was due, from a worker and gateways that may never have been down', async () => {
    const { giveawayId, there, see } = await broken();
    const worker = workerWith(unharmed);
    await worker.advance(giveawayId);
    clock.nowMs += 2_000;
    await worker.advance(giveawayId);
    expect(await isDrawn(giveawayId)).toBe(false);

    await reportUntil(clock, clock.nowMs + 16_000, () => see(there));
    await worker.advance(giveawayId);

    expect(await holdersOf(giveawayId)).toEqual(idsOf(there));
  });

  test('they come again seconds before it, when nobody but the first is back', async () => {
    const { giveawayId, fans, there, see } = await broken();
    clock.nowMs -= 5_000;
    await see(fans.slice(3));
    clock.nowMs += 5_000;
    const worker = workerWith(unharmed);
    await worker.advance(giveawayId);
    expect(await isDrawn(giveawayId)).toBe(false);

    await reportUntil(clock, clock.nowMs + 16_000, () => see(there));
    await worker.advance(giveawayId);

    expect(await holdersOf(giveawayId)).toEqual(idsOf([...there, fans[3]!]));
  });

  test('an hour later one of two is back: nobody saw the other one leave before the close', async () => {
    const { giveawayId, there, see } = await broken();
    const worker = workerWith(unharmed);
    clock.nowMs += 3_600_000;
    await worker.advance(giveawayId);
    expect(await isDrawn(giveawayId)).toBe(false);

    await reportUntil(clock, clock.nowMs + 16_000, () => see(there.slice(1)));
    await worker.advance(giveawayId);

    expect(await holdersOf(giveawayId)).toEqual(idsOf(there));
  });

  test.each([
    ['seconds after the first', 300_000, 3_000, 0],
    ['after another outage', 300_000, 20_000, 60_000],
    ['after an outage that came before people were back from the one before it', -15_000, 3_000, 60_000],
  ])('the second gateway is back %s', async (_when, backMs, aloneMs, outAgainMs) => {
    const { giveawayId, roomId, fans, there, see } = await broken();
    clock.nowMs += backMs;
    await reportUntil(clock, clock.nowMs + aloneMs, () => see(fans.slice(3)));
    clock.nowMs += outAgainMs;
    const second = anotherGateway();
    clock.nowMs += 3_000;
    await second.credit(roomId, [fans[3]!.personId], true);
    await second.reported();

    await reportUntil(clock, clock.nowMs + 16_000, () => see(fans.slice(3)));
    await workerWith(unharmed).advance(giveawayId);

    expect(await holdersOf(giveawayId)).toEqual(idsOf([...there, fans[3]!]));
  });

  test.each([0, 20_000])('the ledger alone was away, and it is drawn %i ms after it is back', async (backForMs) => {
    const { giveawayId, roomId, fans } = await closed(60_000, undefined, { untilMs: 30_000 });
    const gateway = gatewayWith(roomId);
    clock.nowMs -= 29_000;
    gateway.people = fans.slice(0, 3);
    await gateway.report();
    gateway.hasLedger = false;
    gateway.people = fans.slice(0, 2); // The third lost the connection, and nobody can come into a room now.
    await reportUntil(clock, clock.nowMs + 95_000, gateway.report);
    gateway.hasLedger = true;
    if (backForMs > 0) await reportUntil(clock, clock.nowMs + backForMs, gateway.report);

    await workerWith(unharmed).advance(giveawayId);

    expect(await holdersOf(giveawayId)).toEqual(idsOf(fans.slice(0, 3)));
    const [watched] = await gateway.watchTime.of(roomId, [fans[0]!.personId]);
    expect(watched!.watchedMs).toBeGreaterThanOrEqual(90_000);
  });

  test('a gateway that could not report one of its rooms does not say that it has', async () => {
    const gateway = gatewayWith('no-room');
    await gateway.report();
    clock.nowMs += 5_000;
    const before = await gateway.watchTime.gatewayReports();
    gateway.hasRedis = false;
    await gateway.report();
    expect(await gateway.watchTime.gatewayReports()).toEqual(before);

    gateway.hasRedis = true;
    await gateway.report();

    expect((await gateway.watchTime.gatewayReports()).lastMs).toBe(clock.nowMs);
  });

  test.each(['could not reach Redis', 'restarted'])('one gateway of two %s', async (what) => {
    const gateway = app.platform.redis.commands.duplicate({ enableOfflineQueue: false, lazyConnect: true });
    await gateway.connect();
    const second = createWatchTime(gateway, () => clock.nowMs);
    const seeOn = (people: readonly Person[], roomId: string) => second.credit(roomId, [people[2]!.personId], true);
    const { giveawayId, roomId, fans, see } = await closed(60_000, async ({ fans, host }) => {
      await seeOn(fans, host.roomId);
    });
    clock.nowMs -= 500;
    gateway.disconnect();
    await eventually(() => gateway.status === 'end');
    await expect(seeOn(fans, roomId)).rejects.toThrow();
    await gateway.connect();
    const back = what === 'restarted' ? createWatchTime(gateway, () => clock.nowMs) : second;
    await back.credit(roomId, [fans[3]!.personId], true);
    clock.nowMs += 500;
    const worker = workerWith(unharmed);
    await worker.advance(giveawayId);
    expect(await isDrawn(giveawayId)).toBe(false);

    await reportUntil(clock, clock.nowMs + 16_000, () => see(fans.slice(2)));
    await worker.advance(giveawayId);

    const absent = "SELECT FROM giveaway_places WHERE giveaway_id = $1 AND state = 'absent'";
    expect((await app.platform.db.query(absent, [giveawayId])).rowCount).toBe(0);
    gateway.disconnect();
  });

  test('when nothing was broken, nobody waits: whoever looks an hour later needs nobody to come back', async () => {
    const { giveawayId, there } = await closed();
    clock.nowMs += 3_600_000;

    await workerWith(unharmed).advance(giveawayId);

    expect(await holdersOf(giveawayId)).toEqual(idsOf(there));
  });
});

test('what a room knows lives as long as a giveaway of it, though nobody comes for weeks', async () => {
  const { roomId, see } = await closed(20 * 86_400_000);

  await see([]);

  const left = await app.platform.redis.commands.pttl(`nm:v1:{room:${roomId}}:seen`);
  expect(left).toBeGreaterThan(20 * 86_400_000);
});
