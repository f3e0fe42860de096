import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { App } from '../../server/app/app.ts';
import { createDrawThreads } from '../../server/features/giveaway/draw-threads.ts';
import { createEntryStore } from '../../server/features/giveaway/entries.pg.ts';
import { createGiveawayStore } from '../../server/features/giveaway/giveaways.pg.ts';
import { createWatchTime } from '../../server/features/giveaway/watch-time.redis.ts';
import { createLogStore } from '../../server/features/room-log/log-store.redis.ts';
import type { RoomLog } from '../../server/features/room-log/room-log.ts';
import type { Input } from '../../shared/protocol/index.ts';
import { merkleRoot } from '../../shared/raffle/merkle.ts';
import { idsOf, leafHashes } from '../../shared/raffle/packed-entry.ts';
import type { ProofDocument } from '../../shared/raffle/proof-document.ts';
import { rankEntries } from '../../shared/raffle/ranking.ts';
import { verifyDraw } from '../../shared/raffle/verify-draw.ts';
import { quicknetRound, quicknetRoundAtMs } from '../raffle/draw-fixture.ts';
import { openOffer, openShopFloor } from '../sale/shop-floor.ts';
import { freshStores, openSocket, startTestApp } from '../support/app.ts';
import { Crash, portsThatDie, stepsOver, unharmed, type Dying, type Given } from './dying-steps.ts';
import { ask, createShow, luckyBag, nonce, reportUntil, type Person } from './show.ts';

const show = createShow({ nowMs: Date.UTC(2026, 0, 5) });
const { clock } = show;
const threads = createDrawThreads(1);
let app: App;

beforeAll(async () => {
  // A gateway without a worker: the draw is made by hand here, and dies where the test says.
  app = await startTestApp(await freshStores(), {
    nowMs: () => clock.nowMs,
    settings: { NIGHTMARKET_ROLES: 'gateway', NIGHTMARKET_ACCESS_TOKEN_SECONDS: '3600' },
  });
});
afterAll(async () => {
  show.close();
  await Promise.all([threads.close(), app.close()]);
});

type Wish = Partial<Input<'giveaway:publish'>>;
type Kind = {
  name: string;
  /** What is published; its host is in a live room of theirs. */
  wish: () => Promise<Wish & { host: Person & { roomId: string } }>;
  /** When the first of the draw's winners are known; by default at the close. */
  drawnAtMs?: number;
  /** What the draw makes of the first places. */
  states: string[];
  /** …and of all, when nobody claims in time. */
  statesAfterwards: string[];
};

const claimMs = 60_000;
const lost = ['forfeited', 'forfeited', 'forfeited', 'offered', 'offered', 'offered'];
const plain = { states: ['offered', 'offered', 'offered', 'waiting', 'waiting', 'waiting'], statesAfterwards: lost };
const kinds: Kind[] = [
  { name: 'lucky bag of goods', wish: async () => ({ host: await show.host(app) }), ...plain },
  {
    name: 'lucky bag of points',
    async wish() {
      const host = await show.host(app);
      await ask(host, 'fan-club:set', { clubId: host.personId });
      return { host, prize: { prize: 'points', points: 50 } };
    },
    states: ['claimed', 'claimed', 'claimed', 'waiting', 'waiting', 'waiting'],
    statesAfterwards: ['claimed', 'claimed', 'claimed', 'waiting', 'waiting', 'waiting'],
  },
  { name: 'raffle drop', wish: dropOfSomething, ...plain },
  {
    name: 'lucky bag with a beacon',
    async wish() {
      clock.nowMs = quicknetRoundAtMs - 300_000;
      return { host: await show.host(app), beacon: 'quicknet', closesAtMs: quicknetRoundAtMs - 30_000 };
    },
    drawnAtMs: quicknetRoundAtMs,
    ...plain,
  },
  {
    name: 'lucky bag for those who are there',
    wish: async () => ({ host: await show.host(app), tasks: [{ task: 'present-at-draw' }] }),
    states: ['absent', 'absent', 'offered', 'offered', 'offered', 'waiting'],
    statesAfterwards: ['absent', 'absent', 'forfeited', 'forfeited', 'forfeited', 'offered'],
  },
];

/** Offers open by the clock of the database: the clock of this test goes there first. */
async function dropOfSomething() {
  clock.nowMs = Date.now();
  const floor = await openShopFloor(app);
  const { offerId, priceMinor, currency } = await openOffer(app, floor, { audience: { who: 'right' } });
  const { personId, name } = floor.host.person;
  const host = { socket: await openSocket(app, floor.host), personId, name, roomId: floor.roomId };
  const what = { offerId, what: 'A teapot', units: 1, minutes: claimMs / 60_000, priceMinor, currency };
  return { host, kind: 'raffle-drop' as const, prize: { prize: 'right-to-buy' as const, ...what } };
}

/** A giveaway that is due, with six entries, in a room that was watched before. */
async function dueGiveaway(change: Wish & { host: Person & { roomId: string } }) {
  const { host, ...wish } = change;
  const published = luckyBag(host.roomId, clock.nowMs, { claimMs, ...wish });
  const { giveawayId, rules } = await ask(host, 'giveaway:publish', published);
  const fans = await show.people([app], 6);
  for (const fan of fans) await ask(fan, 'giveaway:enter', { giveawayId, nonce: nonce() });
  const watchTime = createWatchTime(app.platform.redis.commands, () => clock.nowMs);
  clock.nowMs = rules.closesAtMs - 40_000;
  await reportUntil(clock, rules.closesAtMs, () => watchTime.credit(host.roomId, [host.personId], true));
  return { giveawayId, roomId: host.roomId, fans, watchTime };
}

type PlaceRow = {
  place: number;
  entryNumber: number;
  score: string;
  state: string;
  personId: string;
  awardId: string | null;
};

const placesOf = async (giveawayId: string): Promise<PlaceRow[]> =>
  (
    await app.platform.db.query<PlaceRow>(
      `SELECT place, entry_number AS "entryNumber", encode(score, 'hex') AS score, state, person_id AS "personId", award_id AS "awardId"
       FROM giveaway_places WHERE giveaway_id = $1 ORDER BY place`,
      [giveawayId],
    )
  ).rows;

/** Rights that this giveaway gave, by the award they are of. */
const rightsOf = async (awardIds: readonly (string | null)[]): Promise<string[]> =>
  (
    await app.platform.db.query<{ personId: string }>(
      'SELECT person_id AS "personId" FROM rights_to_buy WHERE right_id = ANY ($1) AND NOT passed_on ORDER BY person_id',
      [awardIds],
    )
  ).rows.map(({ personId }) => personId);

async function kindsIn(roomId: string): Promise<string[]> {
  const store = createLogStore(app.platform.redis.commands, { chatPerSecondMax: 100 });
  return (await store.lastEntries(roomId, 100)).map(({ kind }) => kind).filter((kind) => kind.startsWith('giveaway:'));
}

type Steps = ReturnType<typeof stepsOver>;
const workerWith = (dying: Dying, given?: Given): Steps => stepsOver(app, threads, () => clock.nowMs, dying, given);

/** Runs steps so that they die at one call after the other, each time started again, until one run gets through. */
async function withCrashes(
  when: 'before' | 'after',
  run: (steps: Steps) => Promise<void>,
  given?: Given,
): Promise<number> {
  for (let atCall = 1; ; atCall++) {
    try {
      await run(workerWith(portsThatDie(atCall, when), given));
      return atCall - 1;
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
    }
  }
}

describe.each(kinds)('a $name', ({ wish, drawnAtMs, states, statesAfterwards }) => {
  test.each(['before', 'after'] as const)(
    'that dies again and again, %s a later call each time, gives its prizes to the same people, once, and tells each step once',
    async (when) => {
      const { giveawayId, roomId, watchTime, fans } = await dueGiveaway(await wish());
      const [paid, told] = [new Map<string, number>(), new Set<string>()];
      await makeTwoAbsent(giveawayId, roomId, fans, watchTime);
      if (drawnAtMs) {
        await withCrashes(when, ({ advance }) => advance(giveawayId));
        clock.nowMs = drawnAtMs;
      }

      const crashes = await withCrashes(when, ({ advance }) => advance(giveawayId), { paid, told });

      expect(crashes).toBeGreaterThanOrEqual(9);
      const places = await placesOf(giveawayId);
      expect(places.map(({ state }) => state)).toEqual(states);
      await workerWith(unharmed, { paid }).advance(giveawayId);
      expect(await placesOf(giveawayId)).toEqual(places);
      const proof = await proofOf(giveawayId);
      expect((await verifyDraw(proof)).filter(({ ok }) => !ok)).toEqual([]);
      expect(places).toMatchObject(
        [...proof.winners, ...proof.alternates].map(({ entryNumber, score }) => ({ entryNumber, score })),
      );
      await expectGiven(giveawayId, proof, { paid, told });

      clock.nowMs += claimMs;
      await withCrashes(when, ({ passOn }) => passOn(giveawayId), { paid, told });

      expect((await placesOf(giveawayId)).map(({ state }) => state)).toEqual(statesAfterwards);
      await expectGiven(giveawayId, proof, { paid, told });
      const steps = ['published', 'closed', 'frozen', 'drawn', 'counted'].map((step) => `giveaway:${step}`);
      const wentOn = statesAfterwards.includes('forfeited') ? ['giveaway:lapsed', 'giveaway:passed-on'] : [];
      expect(await kindsIn(roomId)).toEqual([...steps, ...wentOn]);
    },
  );
});

test('points that can not be paid for longer than their claim time stay with their winner, and the others have theirs', async () => {
  const { giveawayId } = await dueGiveaway(await kinds.find(({ name }) => name === 'lucky bag of points')!.wish());
  const paid = new Map<string, number>();
  let unlucky: string | undefined;
  let refusal = (): boolean | Promise<never> => Promise.reject(new Error('no ledger'));
  const canPay = (personId: string): boolean | Promise<never> =>
    personId === (unlucky ??= personId) ? refusal() : true;
  const worker = workerWith(unharmed, { paid, canPay });
  const states = async (): Promise<string[]> => (await placesOf(giveawayId)).map(({ state }) => state).slice(0, 4);

  await expect(worker.advance(giveawayId)).rejects.toThrow('no ledger');
  expect(await states()).toEqual(['offered', 'claimed', 'claimed', 'waiting']);
  clock.nowMs += 2 * claimMs;
  await expect(worker.passOn(giveawayId)).rejects.toThrow('no ledger');
  refusal = () => false;
  await worker.passOn(giveawayId);
  expect(await states()).toEqual(['offered', 'claimed', 'claimed', 'waiting']);

  refusal = () => true;
  await worker.passOn(giveawayId);
  expect(await states()).toEqual(['claimed', 'claimed', 'claimed', 'waiting']);
  expect(paid.size).toBe(3);
});

/** The people of the list in the order of the draw, which only who knows the seed can compute before it. */
async function bestOf(giveawayId: string): Promise<string[]> {
  const [store, entries] = [createGiveawayStore(app.platform.db), createEntryStore(app.platform.db)];
  const { seed, entryCount } = (await store.find(giveawayId))!;
  const packed = await entries.slice(giveawayId, 0, entryCount);
  const root = await merkleRoot(await leafHashes(packed));
  const people = await entries.people(giveawayId, 0, entryCount);
  return (await rankEntries(seed, root, idsOf(packed), entryCount)).map(
    ({ entryNumber }) => people[entryNumber]!.personId,
  );
}

/** Where presence is asked, the two best places are of people who were not there. */
async function makeTwoAbsent(
  giveawayId: string,
  roomId: string,
  fans: readonly Person[],
  watchTime: ReturnType<typeof createWatchTime>,
): Promise<void> {
  const best = await bestOf(giveawayId);
  const there = fans.map(({ personId }) => personId).filter((personId) => !best.slice(0, 2).includes(personId));
  await watchTime.credit(roomId, there, true);
}

/** What was given is with those who have it, as often as they have it, and with nobody else; and they know. */
async function expectGiven(
  giveawayId: string,
  { rules }: ProofDocument,
  { paid, told }: Required<Pick<Given, 'paid' | 'told'>>,
): Promise<void> {
  const places = await placesOf(giveawayId);
  const holders = places.filter(({ state }) => state === 'offered' || state === 'claimed');
  for (const { personId } of holders) expect(told).toContain(personId);
  const { prize } = rules;
  if (prize.prize === 'points') expect(paid).toEqual(new Map(holders.map(({ awardId }) => [awardId, prize.points])));
  if (rules.prize.prize === 'right-to-buy')
    expect(await rightsOf(places.map(({ awardId }) => awardId))).toEqual(
      holders.map(({ personId }) => personId).sort(),
    );
}

async function proofOf(giveawayId: string): Promise<ProofDocument> {
  return (await (await fetch(`${app.url}/api/giveaways/${giveawayId}/proof`)).json()) as ProofDocument;
}

test('prizes wait for a room that can not be told: nobody loses one that they could not know of, and each has the whole time', async () => {
  const { giveawayId } = await dueGiveaway({ host: await show.host(app), prizeCount: 1, alternateCount: 5 });
  let refused = ['giveaway:drawn'];
  const refuses: Dying = (port) =>
    'append' in port
      ? {
          ...port,
          append: (...args: Parameters<RoomLog['append']>) =>
            refused.includes(args[1]) ? Promise.reject(new Crash()) : (port as unknown as RoomLog).append(...args),
        }
      : port;
  const worker = workerWith(refuses);
  const states = async (): Promise<string[]> => (await placesOf(giveawayId)).map(({ state }) => state).slice(0, 3);
  /** Turns of the worker while the room hears nothing, for seven times what a winner has. */
  const outage = async (turn: () => Promise<void>): Promise<void> => {
    for (let i = 0; i < 14; i++) {
      await turn().catch((error: unknown) => expect(error).toBeInstanceOf(Crash));
      clock.nowMs += claimMs / 2;
    }
  };
  const turn = async (): Promise<void> => {
    await Promise.allSettled([worker.advance(giveawayId)]);
    await worker.passOn(giveawayId);
  };

  await outage(turn);
  expect(await states()).toEqual(['offered', 'waiting', 'waiting']);
  refused = ['giveaway:passed-on'];
  await turn();
  clock.nowMs += claimMs - 1;
  await turn();
  expect(await states()).toEqual(['offered', 'waiting', 'waiting']);
  clock.nowMs += 1;
  await outage(turn);
  expect(await states()).toEqual(['forfeited', 'offered', 'waiting']);
  refused = [];
  await turn();
  clock.nowMs += claimMs - 1;
  await turn();
  expect(await states()).toEqual(['forfeited', 'offered', 'waiting']);
  clock.nowMs += 1;
  await turn();
  expect(await states()).toEqual(['forfeited', 'forfeited', 'offered']);
});

test('a list that was frozen when its round was known already is void, and its proof is that of a void draw', async () => {
  clock.nowMs = quicknetRoundAtMs - 300_000;
  const closesAtMs = quicknetRoundAtMs - 30_000;
  const { giveawayId } = await dueGiveaway({ host: await show.host(app), beacon: 'quicknet', closesAtMs });

  clock.nowMs = quicknetRoundAtMs + 1_000;
  await workerWith(unharmed).advance(giveawayId);

  // One that an older program noted all the same is no part of what the proof says.
  await app.platform.db.query('UPDATE giveaways SET beacon = $2 WHERE giveaway_id = $1', [giveawayId, quicknetRound]);
  const proof = await proofOf(giveawayId);
  expect(proof).toMatchObject({ seed: null, beacon: null, winners: [] });
  expect((await verifyDraw(proof)).filter(({ ok }) => !ok)).toEqual([]);
});

test('two workers that draw at the same time draw once', async () => {
  const { giveawayId, roomId } = await dueGiveaway({ host: await show.host(app) });

  await Promise.all([workerWith(unharmed).advance(giveawayId), workerWith(unharmed).advance(giveawayId)]);

  expect((await placesOf(giveawayId)).map(({ state }) => state)).toEqual(plain.states);
  const told = await kindsIn(roomId);
  expect(new Set(told).size).toBe(told.length);
  expect(told).toContain('giveaway:drawn');
});
