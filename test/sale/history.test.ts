import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { App } from '../../server/app/app.ts';
import { freshStores, startTestApp } from '../support/app.ts';
import { violationsOf, type Attempt, type LedgerEntry } from './history.ts';
import { createRecorder, ledgerOf } from './recorder.ts';
import { buyers, newKey, openOffer, openShopFloor, type ShopFloor } from './shop-floor.ts';

const sale = { offerId: 'O', supplyUnits: 2, limitUnits: 1, releaseMsMax: 10, settleMsMax: 100 };
const entry = (n: number, change: Partial<LedgerEntry> = {}): LedgerEntry => ({
  orderId: `order-${n}`,
  buyerId: `buyer-${n}`,
  requestKey: 'key',
  offerId: 'O',
  units: 1,
  heldAtMs: n * 10,
  freedAtMs: null,
  ...change,
});
const attempt = (n: number, change: Partial<Attempt> = {}): Attempt => ({
  buyerId: `buyer-${n}`,
  requestKey: 'key',
  offerId: 'O',
  units: 1,
  beganAtMs: n * 10 - 5,
  endedAtMs: n * 10 + 5,
  answer: { outcome: 'held', orderId: `order-${n}` },
  ...change,
});

/** Two units, two buyers, a third who came too late. */
const ledger = [entry(1), entry(2)];
const attempts = [attempt(1), attempt(2), attempt(3, { answer: { outcome: 'sold_out' } })];

describe('the checker of histories', () => {
  test('finds nothing in a sale that kept its promises', () => {
    expect(violationsOf(sale, attempts, ledger)).toEqual([]);
  });

  // Each bug is one that a sale could have; a checker that misses it would prove nothing.
  test.each<[string, Attempt[], LedgerEntry[], RegExp]>([
    ['a unit sold twice', [...attempts, attempt(4)], [...ledger, entry(4)], /oversold: 3 units of 2/],
    [
      'a limit that is not kept',
      attempts,
      [entry(1), entry(2, { buyerId: 'buyer-1', requestKey: 'other' })],
      /over the limit: buyer-1/,
    ],
    ['two orders of one key', [attempt(1)], [entry(1), entry(2, { buyerId: 'buyer-1' })], /2 orders of one key/],
    ['an order that was told and is gone', attempts, [entry(2)], /lost: order-1/],
    [
      'another order at the second try',
      [...attempts, attempt(1, { answer: { outcome: 'held', orderId: 'order-2' } })],
      ledger,
      /two orders were told/,
    ],
    [
      'a refusal after the order was told',
      [...attempts, attempt(1, { beganAtMs: 50, endedAtMs: 60, answer: { outcome: 'sold_out' } })],
      ledger,
      /held, then refused/,
    ],
    [
      '"sold out" while there are units',
      [attempt(1), attempt(3, { answer: { outcome: 'sold_out' } })],
      [entry(1)],
      /false "sold out" to buyer-3/,
    ],
    [
      '"sold out" long after a release',
      [...attempts, attempt(9, { answer: { outcome: 'sold_out' } })],
      [entry(1, { freedAtMs: 40 }), entry(2)],
      /false "sold out" to buyer-9/,
    ],
    [
      '"sold out" while a key that was told to come again had the one unit that was gone',
      [
        ...[5, 10, 15].map((beganAtMs) =>
          attempt(1, { beganAtMs, endedAtMs: beganAtMs + 1, answer: { outcome: 'retry' } }),
        ),
        attempt(1, { beganAtMs: 20, endedAtMs: 22 }),
        attempt(3, { beganAtMs: 16, endedAtMs: 18, answer: { outcome: 'sold_out' } }),
      ],
      [entry(1, { heldAtMs: 21 })],
      /false "sold out" to buyer-3: 1 units/,
    ],
  ])('finds %s', (_bug, told, written, sentence) => {
    expect(violationsOf(sale, told, written).join('\n')).toMatch(sentence);
  });

  test('takes "sold out" as true while the last units are on their way into the ledger', () => {
    const slowly = [attempt(1), attempt(2, { endedAtMs: 45 })];
    const meanwhile = attempt(3, { endedAtMs: 32, answer: { outcome: 'sold_out' } });
    const before = attempt(3, { beganAtMs: 12, endedAtMs: 14, answer: { outcome: 'sold_out' } });
    const late = [entry(1), entry(2, { heldAtMs: 40 })];

    expect(violationsOf(sale, [...slowly, meanwhile], late)).toEqual([]);
    expect(violationsOf(sale, [...slowly, before], late)).toHaveLength(1);
  });

  test('takes "sold out" as true while a release is under way, or a failed try is not settled', () => {
    const soon = attempt(5, { beganAtMs: 45, endedAtMs: 48, answer: { outcome: 'sold_out' } });
    const failed = attempt(2, { answer: { outcome: 'unknown' }, endedAtMs: null });

    expect(violationsOf(sale, [attempt(1), soon], [entry(1), entry(2, { freedAtMs: 40 })])).toEqual([]);
    expect(violationsOf(sale, [attempt(1), failed, soon], [entry(1)])).toEqual([]);
    // Settled long ago.
    const late = attempt(15, { answer: { outcome: 'sold_out' } });
    expect(violationsOf(sale, [attempt(1), failed, late], [entry(1)])).toHaveLength(1);
  });
});

// What the ledger itself refuses (a unit twice, two orders of a key) no bug of a gate can bring about; these two it can.
describe('a bug planted in the gate of a real sale', () => {
  const limit = 'boughtOf(offer.records[buyer]) + units > offer.limit';
  const soldOut = 'units > (plan.waited and offer.kept or offer.left)';
  let app: App;
  let floor: ShopFloor;
  beforeAll(async () => {
    app = await startTestApp(await freshStores());
    floor = await openShopFloor(app);
  });
  afterAll(() => app.close());

  /** From now on gates decide by this. */
  function plant(right: string, wrong: string): void {
    const lua = readFileSync(new URL('../../server/features/sale/lua/take.lua', import.meta.url), 'utf8');
    expect(lua.split(right)).toHaveLength(2);
    app.platform.redis.commands.defineCommand('lua:sale/take', { lua: lua.replace(right, wrong) });
  }

  test.each([
    ['none', limit, limit, /^$/],
    ['a limit for each order', limit, 'units > offer.limit', /over the limit: .* had more than 1 units/],
    [
      'a last unit that nobody gets',
      soldOut,
      `units + 1 ${soldOut.slice(6)}`,
      /false "sold out" to .*: 1 units were free/,
    ],
  ])('is found by the checker: %s', async (_bug, right, wrong, sentence) => {
    plant(right, wrong);
    const { offerId } = await openOffer(app, floor, { allotmentUnits: 3, limitUnits: 1 });
    const [first, second, third] = await buyers(app, 3);
    const recorder = createRecorder(floor, offerId);

    for (const buyer of [first!, first!, second!, third!]) await recorder.insist(app, buyer, newKey());

    const bounds = { supplyUnits: 3, limitUnits: 1, releaseMsMax: 1_000, settleMsMax: 10_000 };
    const found = violationsOf({ offerId, ...bounds }, recorder.attempts, await ledgerOf(app, offerId));
    expect(found.join('\n')).toMatch(sentence);
  });
});
