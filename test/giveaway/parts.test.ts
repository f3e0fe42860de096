import { createHmac, randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { createBeacons } from '../../server/features/giveaway/beacons.ts';
import { foldedText } from '../../server/features/giveaway/folded-text.ts';
import { keptAwaySince } from '../../server/features/giveaway/kept-away.ts';
import { createReceiptSigning } from '../../server/features/giveaway/receipt-signing.ts';
import { createHmacOf, createPseudonyms, newSecrets } from '../../server/features/giveaway/receipts.ts';
import type { GiveawayRow } from '../../server/features/giveaway/giveaways.ts';
import { createWatching } from '../../server/features/giveaway/watching.ts';
import type { Deed } from '../../server/features/fan-club/fan-points.ts';
import type { RoomView } from '../../server/features/room/rooms.ts';
import { Id, madeAtMs, newId } from '../../shared/ids.ts';
import type { BeaconRound } from '../../shared/raffle/beacon.ts';
import { recordedRounds } from '../raffle/recorded-rounds.ts';

test.each([
  ['Ｔｅａ', 'I like tea'],
  ['ΟΔΟΣ', 'η οδος εδώ'],
  ['οδοσ', 'ΟΔΟΣ'],
  ['straße', 'STRASSE'],
  ['STRAẞE', 'strasse'],
  ['❤️', 'I ❤ it'],
  [' mooncake ', 'mooncakes'],
])('the keyword "%s" is said by "%s"', (keyword, comment) => {
  expect(foldedText(comment)).toContain(foldedText(keyword));
});

test.each([
  ['kicked half a minute before the close', [[70_000, 130_000]], 70_000],
  [
    'kicked again and again until it',
    [
      [10_000, 70_000],
      [75_000, 135_000],
    ],
    10_000,
  ],
  ['banned long before it', [[5_000, null]], 5_000],
  ['just let in again', [[5_000, 99_000]], 5_000],
  ['let in again in time', [[-90_000, -30_000]], undefined],
  [
    'let in again in time, and kicked later',
    [
      [-400_000, -300_000],
      [95_000, null],
    ],
    95_000,
  ],
] as [string, [number, number | null][], number | undefined][])(
  'who was %s was kept away from it',
  (_name, times, sinceMs) => {
    const putOuts = times.map(([fromMs, untilMs]) => ({ personId: 'ana', fromMs, untilMs }));

    expect(keptAwaySince(putOuts, 100_000).get('ana')).toBe(sinceMs);
  },
);

test('a round of drand is fetched behind, once for all who ask, and again only when it was not to be had', async () => {
  const { recorded } = recordedRounds[0]!;
  const relay = [Promise.withResolvers<BeaconRound | null>(), Promise.withResolvers<BeaconRound | null>()];
  let calls = 0;
  const clock = { nowMs: 0 };
  const ask = createBeacons(
    () => relay[calls++]!.promise,
    async () => true,
    () => clock.nowMs,
  );

  expect([await ask('quicknet', 1), await ask('quicknet', 1)]).toEqual([null, null]);
  expect(calls).toBe(1);
  relay[0]!.reject(new Error('unreachable'));
  await relay[0]!.promise.catch(() => undefined);
  expect(await ask('quicknet', 1)).toBeNull();
  expect(calls).toBe(1);
  clock.nowMs += 5_000;
  expect(await ask('quicknet', 1)).toBeNull();
  relay[1]!.resolve(recorded);
  await relay[1]!.promise;

  expect(await ask('quicknet', 1)).toEqual(recorded);
  expect(calls).toBe(2);
});

test.each([
  ['show', 'live', true, false],
  ['show', 'paused', false, false],
  ['show', 'scheduled', false, false],
  ['group', 'live', false, false],
  ['show', 'live', false, true],
] as const)('in a %s that is %s, watching counts: %s (rehearsal: %s)', async (kind, state, counts, rehearsal) => {
  const deeds: Deed[] = [];
  const counted: boolean[] = [];
  const credit = createWatching({
    rooms: { get: async () => ({ hostId: 'host', kind, state, rehearsal }) as RoomView },
    watchTime: {
      credit: async (_roomId, people, isOnAir) => {
        counted.push(isOnAir);
        // The fan was seen last a moment before the minute was full, and now, after a run that failed.
        return { sinceMs: 7, watchedMs: people.map((_, i) => [61_000, 74_900, 81_000][i]!) };
      },
    },
    members: { among: async (_hostId, people) => new Map(people.slice(1).map((one) => [one, memberRow])) },
    award: async (deed) => deeds.push(deed) > 0,
    warn: unexpected,
  });

  await credit('room', ['stranger', 'fan', 'thanked before']);

  expect(counted).toEqual([counts]);
  const thanks = { clubId: 'host', personId: 'fan', source: 'watch', cause: 'room:7:1', times: 1 };
  expect(deeds).toEqual(counts ? [thanks] : []);
});

test('a full house is thanked a part at a time: no more wait for the ledger than may', async () => {
  const house = Array.from({ length: 2_500 }, (_, i) => `fan ${i}`);
  const thanked = new Set<string>();
  let [waiting, waitingMost] = [0, 0];
  const credit = createWatching({
    rooms: { get: async () => ({ hostId: 'host', kind: 'show', state: 'live' }) as RoomView },
    watchTime: { credit: async (_roomId, people) => ({ sinceMs: 1, watchedMs: people.map(() => 61_000) }) },
    members: { among: async (_hostId, people) => new Map(people.map((one) => [one, memberRow])) },
    async award({ personId }) {
      waitingMost = Math.max(waitingMost, (waiting += 1));
      await new Promise((resolve) => setImmediate(resolve));
      waiting -= 1;
      return thanked.add(personId).has(personId);
    },
    warn: unexpected,
  });

  await credit('room', house);

  expect([thanked.size, waitingMost]).toEqual([2_500, 1_000]);
});

function unexpected(error: unknown): never {
  throw error;
}

const memberRow = { level: 1, firstJoinedAtMs: 0 };

test('ids that are made one after the other rise, are all different, and say when they were made', () => {
  const beforeMs = Date.now();
  const ids = Array.from({ length: 20_000 }, newId);

  expect(new Set(ids).size).toBe(ids.length);
  expect(ids).toEqual(ids.toSorted());
  for (const id of [ids[0]!, ids.at(-1)!]) {
    expect(Id.safeParse(id).success).toBe(true);
    expect(madeAtMs(id)).toBeGreaterThanOrEqual(beforeMs);
    expect(madeAtMs(id)).toBeLessThanOrEqual(Date.now());
  }
});

test.each(['', '0b1c2d3e-0000-4000-8000-000000000000', 'Ünïcödé 名字', 'x'.repeat(200)])(
  'the salts of accounts are the HMAC they always were: "%s"',
  (text) => {
    const key = new Uint8Array(randomBytes(32));
    const hmac = createHmacOf(key);
    hmac('another one before');

    expect(hmac(text)).toBe(createHmac('sha256', key).update(text).digest('hex'));
  },
);

test('a crowd is signed in groups, and others have their turn between two of them', async () => {
  const sign = createReceiptSigning();
  const giveaway = { giveawayId: 'one', rulesHash: '00'.repeat(32), ...newSecrets() } as GiveawayRow;
  const pseudonymOf = createPseudonyms(giveaway);
  let answered = 0;
  const receipts = Array.from({ length: 300 }, async (_, number) => {
    const { salt, entrant } = pseudonymOf(`fan ${number}`);
    const receipt = await sign({ giveaway, salt, entry: { number, id: newId(), entrant, nonce: '00'.repeat(16) } });
    answered += 1;
    return receipt;
  });

  await receipts[0];
  await new Promise((resolve) => setImmediate(resolve));
  expect(answered).toBeLessThan(300);
  const batches = (await Promise.all(receipts)).map(({ batch, signature }) => ({ ...batch, signature }));
  expect(batches.map(({ size }) => size)).toEqual([...Array(256).fill(128), ...Array(44).fill(44)]);
  expect(new Set(batches.map(({ signature }) => signature)).size).toBe(3);
  expect(Math.max(...batches.map(({ path }) => path.length))).toBe(7);
});
