import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { App } from '../../server/app/app.ts';
import { freshStores, startTestApp } from '../support/app.ts';
import { buyerWithOrder, sendWebhook, startPayment, succeeded, webhookOf } from '../payments/till.ts';
import { eventually } from '../support/eventually.ts';
import type { Attempt, Joining, LatePayment, Ledger, LedgerOrder, Place, Told } from './history-form.ts';
import { violationsOf } from './history.ts';
import { createRecorder, ledgerOf } from './recorder.ts';
import { buyers, data, letExpire, newKey, openOffer, openShopFloor, type ShopFloor } from './shop-floor.ts';

const bounds = { releaseMsMax: 10, settleMsMax: 100, serveMsMax: 50 };
const sale = { ...bounds, offers: ['O', 'P'].map((offerId) => ({ offerId, supplyUnits: 2, limitUnits: 1 })) };
const one = [{ offerId: 'O', units: 1 }];
const both = [...one, { offerId: 'P', units: 1 }];
const span = (fromMs: number, untilMs: number | null = null) => ({ fromMs, untilMs });
const order = (n: number, change: Partial<LedgerOrder> = {}): LedgerOrder => ({
  orderId: `order-${n}`,
  buyerId: `buyer-${n}`,
  requestKey: 'key',
  lines: one,
  spans: [span(n * 10)],
  ...change,
});
const attempt = (n: number, change: Partial<Attempt> = {}): Attempt => ({
  buyerId: `buyer-${n}`,
  requestKey: 'key',
  lines: one,
  beganAtMs: n * 10 - 5,
  endedAtMs: n * 10 + 5,
  answer: { outcome: 'held', orderId: `order-${n}` },
  ...change,
});
const soldOut = { outcome: 'sold_out', offerId: 'O' } as const;
const check = (
  attempts: Attempt[],
  orders: LedgerOrder[],
  more: { joinings?: Joining[]; ledger?: Partial<Ledger> } = {},
) =>
  violationsOf(
    sale,
    { attempts, joinings: more.joinings ?? [] },
    { orders, places: [], latePayments: [], prices: [], windows: [], ...more.ledger },
  );

/** Two units, two buyers, a third who came too late. */
const orders = [order(1), order(2)];
const attempts = [attempt(1), attempt(2), attempt(3, { answer: soldOut })];

describe('the checker of histories', () => {
  test('finds nothing in a sale that kept its promises', () => {
    expect(check(attempts, orders)).toEqual([]);
  });

  // Each bug is one that a sale could have; a checker that misses it would prove nothing.
  test.each<[string, Attempt[], LedgerOrder[], RegExp]>([
    ['a unit sold twice', [...attempts, attempt(4)], [...orders, order(4)], /oversold: 3 units of 2/],
    [
      'a limit that is not kept',
      attempts,
      [order(1), order(2, { buyerId: 'buyer-1', requestKey: 'other' })],
      /over the limit: buyer-1/,
    ],
    [
      'a limit that nobody had reached',
      [attempt(1), attempt(2, { answer: { outcome: 'limit', offerId: 'O' } })],
      [order(1)],
      /false "limit" to buyer-2/,
    ],
    ['two orders of one key', [attempt(1)], [order(1), order(2, { buyerId: 'buyer-1' })], /2 orders of one key/],
    [
      'half an order',
      [attempt(1, { lines: both })],
      [order(1)],
      /other lines: order-1 has 1 of O, asked was 1 of O, 1 of P/,
    ],
    [
      'a second line sold twice',
      [1, 2, 3].map((n) => attempt(n, { lines: both.slice(1) })),
      [1, 2, 3].map((n) => order(n, { lines: both.slice(1) })),
      /oversold: 3 units of 2/,
    ],
    [
      'the wrong line of two called sold out',
      [...attempts.slice(0, 2), attempt(3, { lines: both, answer: { outcome: 'sold_out', offerId: 'P' } })],
      orders,
      /false "sold out" to buyer-3: 2 units/,
    ],
    ['an order that was told and is gone', attempts, [order(2)], /lost: order-1/],
    [
      'another order at the second try',
      [...attempts, attempt(1, { answer: { outcome: 'held', orderId: 'order-2' } })],
      orders,
      /two orders were told/,
    ],
    [
      'a refusal after the order was told',
      [...attempts, attempt(1, { beganAtMs: 50, endedAtMs: 60, answer: soldOut })],
      orders,
      /held, then refused/,
    ],
    [
      '"sold out" while there are units',
      [attempt(1), attempt(3, { answer: soldOut })],
      [order(1)],
      /false "sold out" to buyer-3/,
    ],
    [
      '"sold out" long after a release',
      [...attempts, attempt(9, { answer: soldOut })],
      [order(1, { spans: [span(10, 40)] }), order(2)],
      /false "sold out" to buyer-9/,
    ],
    [
      '"sold out" while a key that was told to come again had the one unit that was gone',
      [
        ...[5, 10, 15].map((beganAtMs) =>
          attempt(1, { beganAtMs, endedAtMs: beganAtMs + 1, answer: { outcome: 'retry' } }),
        ),
        attempt(1, { beganAtMs: 20, endedAtMs: 22 }),
        attempt(3, { beganAtMs: 16, endedAtMs: 18, answer: soldOut }),
      ],
      [order(1, { spans: [span(21)] })],
      /false "sold out" to buyer-3: 1 units/,
    ],
  ])('finds %s', (_bug, told, written, sentence) => {
    expect(check(told, written).join('\n')).toMatch(sentence);
  });

  test('takes "sold out" as true while the last units are on their way into the ledger', () => {
    const slowly = [attempt(1), attempt(2, { endedAtMs: 45 })];
    const meanwhile = attempt(3, { endedAtMs: 32, answer: soldOut });
    const before = attempt(3, { beganAtMs: 12, endedAtMs: 14, answer: soldOut });
    const late = [order(1), order(2, { spans: [span(40)] })];

    expect(check([...slowly, meanwhile], late)).toEqual([]);
    expect(check([...slowly, before], late)).toHaveLength(1);
  });

  test('takes "sold out" as true while a release is under way, or a failed try is not settled', () => {
    const soon = attempt(5, { beganAtMs: 45, endedAtMs: 48, answer: soldOut });
    const failed = attempt(2, { answer: { outcome: 'unknown' }, endedAtMs: null });

    expect(check([attempt(1), soon], [order(1), order(2, { spans: [span(20, 40)] })])).toEqual([]);
    expect(check([attempt(1), failed, soon], [order(1)])).toEqual([]);
    // Settled long ago.
    const late = attempt(15, { answer: soldOut });
    expect(check([attempt(1), failed, late], [order(1)])).toHaveLength(1);
  });

  describe('of a waiting list', () => {
    const line = { offerId: 'O', units: 1 };
    const joining = (n: number, atMs: number): Joining => ({
      ...line,
      personId: `waiter-${n}`,
      beganAtMs: atMs,
      endedAtMs: atMs + 1,
      answer: 'waiting',
    });
    const served = (n: number, fromMs: number): LedgerOrder =>
      order(n, { orderId: `served-${n}`, buyerId: `waiter-${n}`, requestKey: `ticket-${n}`, spans: [span(fromMs)] });
    const place = (n: number, state: string): Place => ({
      ...line,
      personId: `waiter-${n}`,
      state,
      orderId: state === 'served' ? `served-${n}` : null,
    });
    /** Sold out; two come into line; the first order is cancelled at 60. */
    const freed = [order(1, { spans: [span(10, 60)] }), order(2)];
    const [first, second] = [joining(1, 30), joining(2, 40)];

    test('finds nothing when released units go to who came first, and strangers are refused meanwhile', () => {
      const stranger = attempt(7, { answer: soldOut });
      const ledger = { places: [place(1, 'served'), place(2, 'waiting')] };
      expect(check([...attempts, stranger], [...freed, served(1, 65)], { joinings: [first, second], ledger })).toEqual(
        [],
      );
    });

    test.each<[string, Attempt[], LedgerOrder[], Joining[], Place[], RegExp]>([
      [
        'somebody served before who came first',
        attempts,
        [...freed, served(2, 65)],
        [first, second],
        [place(1, 'waiting'), place(2, 'served')],
        /waiter-2 was served before waiter-1/,
      ],
      [
        'a stranger who got what was released',
        [...attempts, attempt(7)],
        [...freed, order(7)],
        [first],
        [place(1, 'waiting')],
        /buyer-7 bought while waiter-1 waited/,
      ],
      [
        'somebody who waits for what is there',
        [...attempts, attempt(20, { answer: soldOut })],
        freed,
        [first],
        [place(1, 'waiting')],
        /waiter-1 waited while units were there for \d+ ms/,
      ],
      [
        'a line while something is for sale',
        [attempt(1)],
        [order(1)],
        [first],
        [place(1, 'left')],
        /waiter-1 was let into the line while 1 units were for sale/,
      ],
    ])('finds %s', (_bug, told, written, joinings, places, sentence) => {
      expect(check(told, written, { joinings, ledger: { places } }).join('\n')).toMatch(sentence);
    });
  });

  describe('of what was said of window and price', () => {
    const windows = [{ offerId: 'O', opensAtMs: 20, endsAtMs: 50 }];
    const prices = [
      { offerId: 'O', priceMinor: 7, fromMs: 0, untilMs: 60 },
      { offerId: 'O', priceMinor: 9, fromMs: 60, untilMs: null },
    ];
    const at = (priceMinor: number) => [{ offerId: 'O', units: 1, priceMinor }];
    const refused = (n: number, outcome: 'not_open' | 'ended' | 'price_changed', change: Partial<Attempt> = {}) =>
      attempt(n, { answer: { outcome, offerId: 'O' }, ...change });
    const heldFor = (n: number, totalMinor: number) =>
      attempt(n, { answer: { outcome: 'held', orderId: `order-${n}`, totalMinor } });

    test('finds nothing when it was so at some instant of the request', () => {
      const told = [refused(1, 'not_open'), heldFor(3, 7), attempt(4), refused(5, 'ended')];
      expect(check(told, [order(3, { lines: at(7) }), order(4)], { ledger: { windows, prices } })).toEqual([]);
      const changed = refused(6, 'price_changed', { lines: at(7) });
      expect(check([changed, heldFor(7, 9)], [order(7, { lines: at(9) })], { ledger: { prices } })).toEqual([]);
    });

    test.each<[string, Attempt[], LedgerOrder[], RegExp]>([
      ['"not open" while it is', [refused(3, 'not_open')], [], /false "not open" to buyer-3/],
      ['"ended" before the end', [refused(4, 'ended')], [], /false "ended" to buyer-4/],
      ['something sold too early', [attempt(1)], [order(1)], /sold to buyer-1 before it opened/],
      ['something sold too late', [attempt(6)], [order(6)], /sold to buyer-6 after its end/],
      [
        'an order that was told, and then that it had ended',
        [attempt(3), refused(3, 'ended', { beganAtMs: 60, endedAtMs: 61 })],
        [order(3)],
        /held, then refused as ended/,
      ],
      ['a price that it did not have', [attempt(3)], [order(3, { lines: at(8) })], /order-3 pays a price of 8/],
      ['a price of long ago', [attempt(9)], [order(9, { lines: at(7) })], /order-9 pays a price of 7/],
      ['another sum than was told', [heldFor(3, 9)], [order(3, { lines: at(7) })], /costs 7, told was 9/],
      ['another price than was asked', [attempt(6, { lines: at(7) })], [order(6, { lines: at(9) })], /asked at 7/],
      [
        '"price changed" while it had not',
        [refused(3, 'price_changed', { lines: at(7) })],
        [],
        /false "price changed"/,
      ],
    ])('finds %s', (_bug, told, written, sentence) => {
      const ledger = /early|late|"not open"|"ended"/.test(_bug) ? { windows, prices } : { prices };
      expect(check(told, written, { ledger }).join('\n')).toMatch(sentence);
    });
  });

  describe('of a late payment', () => {
    const late = (settlement: LatePayment['settlement'], settledAtMs = 70): LatePayment => ({
      orderId: 'order-1',
      arrivedAtMs: 60,
      settledAtMs,
      settlement,
    });
    const [expired, again] = [[span(10, 40)], [span(10, 40), span(65)]];

    test('finds nothing when it takes the units again, or goes back because others have them', () => {
      const ledger = { latePayments: [late('order')] };
      expect(check([attempt(1)], [order(1, { spans: again })], { ledger })).toEqual([]);
      const gone = [order(1, { spans: expired }), order(2), order(5)];
      const told = [attempt(1), attempt(2), attempt(5)];
      expect(check(told, gone, { ledger: { latePayments: [late('refund')] } })).toEqual([]);
    });

    test.each<[string, LedgerOrder['spans'], LatePayment, RegExp]>([
      ['money that nobody decides about', expired, { ...late(null), settledAtMs: null }, /order-1 is not decided/],
      ['an order that is paid and has nothing', expired, late('order'), /order-1 was paid and has no units/],
      ['units and money both given', again, late('refund'), /order-1 has its units and its money back/],
      ['money that went back while there were units', expired, late('refund'), /went back while its units were free/],
    ])('finds %s', (_bug, spans, payment, sentence) => {
      const found = check([attempt(1)], [order(1, { spans })], { ledger: { latePayments: [payment] } });
      expect(found.join('\n')).toMatch(sentence);
    });

    test('finds units that were taken again while others had them', () => {
      const written = [order(1, { spans: again }), order(5), order(6)];
      const found = check([attempt(1), attempt(5), attempt(6)], written, { ledger: { latePayments: [late('order')] } });
      expect(found.join('\n')).toMatch(/oversold: 3 units of 2/);
    });
  });
});

// What the ledger itself refuses (a unit twice, two orders of a key) no bug of a gate can bring about; these it can.
describe('a bug planted in the gate of a real sale', () => {
  let app: App;
  let floor: ShopFloor;
  beforeAll(async () => {
    app = await startTestApp(await freshStores());
    floor = await openShopFloor(app);
  });
  afterAll(() => app.close());

  type Bug = { script: 'take' | 'release' | 'wait'; right: string; wrong: string };
  type Scenario = (plant: () => void) => Promise<{ supplyUnits: number; offerIds: string[]; told: Told }>;

  const limit = 'boughtOf(offer.records[buyer]) + units > offer.limit';
  const soldOutRule = 'units > (plan.waited and offer.kept or offer.left)';
  const take = (right: string, wrong: string): Bug => ({ script: 'take', right, wrong });
  const lastUnitIsLost = take(soldOutRule, `units + 1 ${soldOutRule.slice(6)}`);

  /** From now on gates decide by this. */
  function use({ script, right, wrong }: Bug): void {
    const lua = readFileSync(new URL(`../../server/features/sale/lua/${script}.lua`, import.meta.url), 'utf8');
    expect(right === '' || lua.split(right).length === 2).toBe(true);
    app.platform.redis.commands.defineCommand(`lua:sale/${script}`, { lua: lua.replace(right, wrong) });
  }
  afterEach(() => (['take', 'release', 'wait'] as const).forEach((script) => use({ script, right: '', wrong: '' })));

  const rush: Scenario = async (plant) => {
    plant();
    const { offerId } = await openOffer(app, floor, { allotmentUnits: 3, limitUnits: 1 });
    const [first, second, third] = await buyers(app, 3);
    const recorder = createRecorder(floor, { offerId, units: 1 });
    for (const buyer of [first!, first!, second!, third!]) await recorder.insist(app, buyer, newKey());
    return { supplyUnits: 3, offerIds: [offerId], told: recorder.told };
  };

  const severalLines: Scenario = async (plant) => {
    plant();
    const wish = { allotmentUnits: 3, limitUnits: 1 };
    const offerIds = [(await openOffer(app, floor, wish)).offerId, (await openOffer(app, floor, wish)).offerId];
    const [buyer] = await buyers(app, 1);
    const lines = offerIds.map((offerId) => ({ offerId, units: 1 }));
    const recorder = createRecorder(floor, ...lines);
    await recorder.insist(app, buyer!, newKey(), lines.slice(1));
    await recorder.insist(app, buyer!, newKey());
    return { supplyUnits: 3, offerIds, told: recorder.told };
  };

  const waitingLine: Scenario = async (plant) => {
    plant();
    const { offerId } = await openOffer(app, floor, { allotmentUnits: 1, limitUnits: 1 });
    const [owner, first, second, stranger] = await buyers(app, 4);
    const line = { offerId, units: 1 };
    const recorder = createRecorder(floor, line);
    const { answer } = await recorder.insist(app, owner!, newKey());
    for (const waiter of [first!, second!]) {
      await recorder.wait(app, waiter, line);
      // So that it can be told who came first.
      await eventually(() => Date.now() > recorder.told.joinings.at(-1)!.endedAtMs);
    }
    const orderId = 'orderId' in answer ? answer.orderId : '';
    await data(app, 'POST', `/api/orders/${orderId}/cancel`, owner!.accessToken, {});
    await recorder.insist(app, stranger!, newKey());
    // The unit goes to somebody who waits, or by a bug to the stranger.
    await eventually(async () => {
      const { orders: written, places } = await ledgerOf(app, offerId);
      const isServed = places.some(({ state }) => state === 'served');
      return isServed || written.some(({ buyerId }) => buyerId === stranger!.person.personId);
    });
    return { supplyUnits: 1, offerIds: [offerId], told: recorder.told };
  };

  const latePayment: Scenario = async (plant) => {
    const { offerId } = await openOffer(app, floor, { allotmentUnits: 1, limitUnits: 1 });
    const buyer = await buyerWithOrder(app, floor, { offerId });
    const payment = await startPayment(app, buyer);
    await letExpire(app, buyer.orderId);
    plant();
    await sendWebhook(app, webhookOf(succeeded(payment)));
    await eventually(async () => (await ledgerOf(app, offerId)).latePayments[0]?.settledAtMs);
    return { supplyUnits: 1, offerIds: [offerId], told: { attempts: [], joinings: [] } };
  };

  const keptForTheLine = `redis.call('ZCARD', KEYS[4]) > 0 and 'kept' or 'left'`;
  test.each<[string, Scenario, Bug | null, RegExp]>([
    ['none, in a rush', rush, null, /^$/],
    ['a limit for each order', rush, take(limit, 'units > offer.limit'), /over the limit: .* had more than 1 units/],
    ['a last unit that nobody gets', rush, lastUnitIsLost, /false "sold out" to .*: 1 units were free/],
    ['none, with several lines', severalLines, null, /^$/],
    [
      'a limit of the first line alone',
      severalLines,
      take(limit, `l == 1 and ${limit}`),
      /over the limit: .* more than 1/,
    ],
    ['none, with a line', waitingLine, null, /^$/],
    [
      'released units that are not kept for the line',
      waitingLine,
      { script: 'release', right: keptForTheLine, wrong: `'left'` },
      /bought while .* waited/,
    ],
    [
      'a line that is served from its end',
      waitingLine,
      { script: 'wait', right: 'KEYS[2], ARGV[5], ARGV[2]', wrong: 'KEYS[2], 1e12 - ARGV[5], ARGV[2]' },
      /was served before/,
    ],
    ['none, with a late payment', latePayment, null, /^$/],
    ['a last unit that no late payment gets', latePayment, lastUnitIsLost, /went back while its units were free/],
  ])('is found by the checker: %s', async (_what, scenario, bug, sentence) => {
    const { supplyUnits, offerIds, told } = await scenario(() => bug && use(bug));

    const offers = offerIds.map((offerId) => ({ offerId, supplyUnits, limitUnits: 1 }));
    const patience = { releaseMsMax: 1_000, settleMsMax: 10_000, serveMsMax: 3_000 };
    const found = violationsOf({ offers, ...patience }, told, await ledgerOf(app, ...offerIds));
    expect(found.join('\n')).toMatch(sentence);
  });

  /** Begins, and gives back how to end it. */
  type Plant = () => () => unknown;

  /** A script of gates that this gateway calls by other means. */
  const insteadOf =
    (script: string, call: (args: unknown[], right: (...args: unknown[]) => Promise<unknown>) => Promise<unknown>) =>
    (): (() => void) => {
      const scripts = app.platform.redis.commands as unknown as Record<
        string,
        (...args: unknown[]) => Promise<unknown>
      >;
      const [name, right] = [`lua:sale/${script}`, scripts[`lua:sale/${script}`]!];
      scripts[name] = (...args) => call(args, (...same) => right.apply(scripts, same));
      return () => void (scripts[name] = right);
    };

  const deaf: Plant = () => {
    const { subscriber } = app.platform.redis;
    const hearing = subscriber.listeners('message') as ((channel: string, message: string) => void)[];
    subscriber.removeAllListeners('message');
    const hear = (channel: string, message: string): void => {
      if (!message.startsWith('released ')) for (const listener of hearing) listener(channel, message);
    };
    subscriber.on('message', hear);
    return () => {
      subscriber.off('message', hear);
      for (const listener of hearing) subscriber.on('message', listener);
    };
  };

  const withoutEpochs: Plant = () => {
    const { orderDb } = app.platform;
    const right = orderDb.query.bind(orderDb) as (...args: unknown[]) => Promise<unknown>;
    const fence = 'o USING (offer_id, epoch)';
    const wrong = (query: unknown, ...more: unknown[]): Promise<unknown> => {
      if (typeof query !== 'object' || query === null || !('text' in query)) return right(query, ...more);
      const text = String(query.text).replace(fence, 'o USING (offer_id)');
      const name = 'name' in query && { name: 'without-epochs' };
      return right(text === query.text ? query : { ...query, ...name, text }, ...more);
    };
    Object.assign(orderDb, { query: wrong });
    return () => Object.assign(orderDb, { query: right });
  };

  type OfOffer = { offerId: string; told: Told };
  type Story = (plant: Plant) => Promise<OfOffer>;

  const rebuilt: Story = async (plant) => {
    const { offerId } = await openOffer(app, floor, { allotmentUnits: 3, limitUnits: 1 });
    const [buyer] = await buyers(app, 1);
    const recorder = createRecorder(floor, { offerId, units: 1 });
    await recorder.insist(app, buyer!, newKey());
    const uproot = plant();
    await app.platform.redis.commands.del(`nm:v1:{room:${floor.roomId}}:offer:${offerId}:gate`);
    await recorder.insist(app, buyer!, newKey());
    uproot();
    return { offerId, told: recorder.told };
  };

  const comesBack: Story = async (plant) => {
    const uproot = plant();
    const { offerId } = await openOffer(app, floor, { allotmentUnits: 1, limitUnits: 1 });
    const [owner, other] = await buyers(app, 2);
    const recorder = createRecorder(floor, { offerId, units: 1 });
    const { answer } = await recorder.insist(app, owner!, newKey());
    let asked = 0;
    const uncount = insteadOf('take', (args, right) => ((asked += 1), right(...args)))();
    // Until it is refused by what the gateway knows alone.
    await eventually(async () => {
      const before = asked;
      await recorder.tryOnce(app, other!, newKey());
      return asked === before;
    });
    uncount();
    const orderId = 'orderId' in answer ? answer.orderId : '';
    await data(app, 'POST', `/api/orders/${orderId}/cancel`, owner!.accessToken, {});
    const longAfterMs = Date.now() + 1_100;
    await eventually(() => Date.now() > longAfterMs);
    await recorder.insist(app, other!, newKey());
    uproot();
    return { offerId, told: recorder.told };
  };

  const edited: Story = async (plant) => {
    const uproot = plant();
    const { offerId } = await openOffer(app, floor, { allotmentUnits: 3, limitUnits: 1, priceMinor: 700 });
    const [first, buyer] = await buyers(app, 2);
    const recorder = createRecorder(floor, { offerId, units: 1 });
    await recorder.insist(app, first!, newKey());
    const { db } = app.platform;
    const host = await db.connect();
    try {
      await host.query('BEGIN');
      await host.query('SELECT FROM offers WHERE offer_id = $1 FOR UPDATE', [offerId]);
      const buying = recorder.insist(app, buyer!, newKey());
      // Taken at the gate, it waits for the row.
      const waiting = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%INSERT INTO orders%'`;
      await eventually(async () => (await db.query(waiting)).rowCount === 1);
      await host.query(`UPDATE offers SET price_minor = 900, epoch = nextval('offer_epochs') WHERE offer_id = $1`, [
        offerId,
      ]);
      await host.query('UPDATE offer_prices SET until_at = now() WHERE offer_id = $1', [offerId]);
      await host.query(
        `INSERT INTO offer_prices (offer_id, epoch, sku_id, price_minor, currency, from_at)
         SELECT offer_id, epoch, sku_id, price_minor, currency, now() FROM offers WHERE offer_id = $1`,
        [offerId],
      );
      await host.query('COMMIT');
      await buying;
    } finally {
      host.release(true);
      uproot();
    }
    return { offerId, told: recorder.told };
  };

  const sells: Story = async (plant) => {
    await openOffer(app, floor);
    const uproot = plant();
    const { offerId } = await openOffer(app, floor, { allotmentUnits: 1, limitUnits: 1 });
    uproot();
    const [buyer] = await buyers(app, 1);
    const recorder = createRecorder(floor, { offerId, units: 1 });
    await recorder.insist(app, buyer!, newKey());
    await data(app, 'POST', `/api/rooms/${floor.roomId}/offers/${offerId}/close`, floor.token, {});
    await recorder.insist(app, buyer!, newKey());
    return { offerId, told: recorder.told };
  };

  const none: Plant = () => () => undefined;
  /** Behind the number of keys and four keys: epoch, limit, opensAt, closesAt. */
  const closesLongAgo = insteadOf('begin-load', (args, right) => right(...args.with(8, 1)));
  test.each<[string, Story, Plant, RegExp]>([
    ['none, in a gate that was lost', rebuilt, none, /^$/],
    [
      'one that is rebuilt without its buyers',
      rebuilt,
      insteadOf('add-load', () => Promise.resolve(1)),
      /over the limit/,
    ],
    ['none, in units that come back', comesBack, none, /^$/],
    ['a gateway that does not hear of it', comesBack, deaf, /false "sold out" to/],
    ['none, in an edit while an order is on its way', edited, none, /^$/],
    ['orders that are written whatever their epoch', edited, withoutEpochs, /costs 900, told was 700/],
    ['none, in an offer that sells and ends', sells, none, /^$/],
    ['a gate that is loaded with another end', sells, closesLongAgo, /false "ended" to/],
  ])('is found outside the scripts, too: %s', async (_what, story, plant, sentence) => {
    const { offerId, told } = await story(plant);

    const { rows } = await app.platform.db.query('SELECT supply_units AS units FROM offers WHERE offer_id = $1', [
      offerId,
    ]);
    const offers = [{ offerId, supplyUnits: rows[0].units as number, limitUnits: 1 }];
    const patience = { releaseMsMax: 1_000, settleMsMax: 10_000, serveMsMax: 3_000 };
    const found = violationsOf({ offers, ...patience }, told, await ledgerOf(app, offerId));
    expect(found.join('\n')).toMatch(sentence);
  });
});
