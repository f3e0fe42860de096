import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newId } from '../../shared/ids.ts';
import { createLog } from '../../server/platform/log.ts';
import { migrate } from '../../server/platform/migrate.ts';
import { createPostgres, inTransaction, type Db } from '../../server/platform/postgres.ts';
import { commitLockMsMax } from '../../server/features/sale/group-commit.ts';
import { insertBatch } from '../../server/features/sale/order-batch.pg.ts';
import { createOrderInserts } from '../../server/features/sale/order-insert.pg.ts';
import type { NewOrder, OrderStore } from '../../server/features/sale/order-store.ts';
import { eventually } from '../support/eventually.ts';
import { freshDatabase } from '../support/stack.ts';

let db: Db;
let store: Pick<OrderStore, 'insert' | 'find' | 'bury'>;
beforeAll(async () => {
  const url = await freshDatabase();
  await migrate(url, createLog('silent'));
  db = createPostgres({ url, log: createLog('silent'), connectionsMax: 4, lockTimeoutMs: commitLockMsMax });
  store = createOrderInserts(db);
});
afterAll(() => db.end());

const waiting = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
const roomId = newId();
const holdMs = 60_000;
let offersMade = 0;

type TestOffer = { offerId: string; epoch: number };

async function openOffer(priceMinor: number, ofRoom = roomId): Promise<TestOffer> {
  const { rows } = await db.query<TestOffer>(
    `INSERT INTO offers (offer_id, room_id, host_id, merchant_id, sku_id, product_id, kind, item_number, position, title, currency,
       price_minor, list_price_minor, limit_units, allotment_units, supply_units, state, opens_at, epoch)
     VALUES ($1, $2, $2, $2, $2, $2, 'cart', $3, 1, '{"en":"Lamp","zh":""}', 'EUR', $4, $4, 9, 100, 100, 'open', now(),
       nextval('offer_epochs')) RETURNING offer_id AS "offerId", epoch`,
    [newId(), ofRoom, ++offersMade, priceMinor],
  );
  return rows[0]!;
}

const orderOf = (units: readonly (readonly [TestOffer, number])[], change: Partial<NewOrder> = {}): NewOrder => ({
  orderId: newId(),
  roomId,
  buyerId: newId(),
  requestKey: 'a "key" with \\ {in} it, and NULL',
  requestHash: 'h'.repeat(22),
  rightId: null,
  lines: units.map(([offer, n], i) => ({ ...offer, lineNumber: i + 1, units: n })),
  ...change,
});

async function heldUnits({ offerId }: TestOffer): Promise<number> {
  const { rows } = await db.query<{ held: number }>('SELECT held_units AS held FROM offers WHERE offer_id = $1', [
    offerId,
  ]);
  return rows[0]!.held;
}

/** A won right, without the giveaway it comes from. */
async function rightOf(personId: string, offer: TestOffer): Promise<string> {
  const rightId = newId();
  await inTransaction(db, async (client) => {
    await client.query('SET LOCAL session_replication_role = replica');
    await client.query(
      `INSERT INTO rights_to_buy (right_id, person_id, offer_id, units, expires_at) VALUES ($1, $2, $3, 1, now() + interval '1 h')`,
      [rightId, personId, offer.offerId],
    );
  });
  return rightId;
}

async function linesOf(orderIds: readonly string[]): Promise<number> {
  return (await db.query('SELECT FROM order_lines WHERE order_id = ANY($1::uuid[])', [orderIds])).rowCount!;
}

describe('a batch of orders', () => {
  test('is written in one go, each order with its own lines and the prices of the ledger', async () => {
    const [lamp, cup] = [await openOffer(700), await openOffer(250)];
    const orders = [
      orderOf([[lamp, 1]]),
      orderOf([
        [cup, 2],
        [lamp, 3],
      ]),
      orderOf([[lamp, 1]]),
    ];

    const { written, payByMs } = await store.insert(orders, holdMs);

    expect(written).toEqual(new Set(orders.map(({ orderId }) => orderId)));
    expect([await heldUnits(lamp), await heldUnits(cup)]).toEqual([5, 2]);
    expect(await store.find(orders[1]!.orderId)).toMatchObject({
      requestKey: orders[1]!.requestKey,
      totalMinor: 2 * 250 + 3 * 700,
      payByMs,
      lines: [
        { lineNumber: 1, offerId: cup.offerId, units: 2, priceMinor: 250 },
        { lineNumber: 2, offerId: lamp.offerId, units: 3, priceMinor: 700 },
      ],
    });
  });

  test('takes one statement where all of it fits, and a second one only where it does not', async () => {
    const [lamp, cup] = [await openOffer(700), await openOffer(250)];
    let statements = 0;
    const counting = {
      query: (...args: unknown[]) => ((statements += 1), db.query(...(args as [string]))),
    } as typeof db;
    const statementsOf = async (order: NewOrder): Promise<number> => {
      statements = 0;
      await insertBatch(counting)([order], holdMs);
      return statements;
    };
    const plain = orderOf([[lamp, 1]]);

    expect(await statementsOf(plain)).toBe(1);
    expect(
      await statementsOf(
        orderOf([
          [lamp, 1],
          [cup, 1],
        ]),
      ),
    ).toBe(1);
    expect(await statementsOf({ ...plain, orderId: newId() })).toBe(2);
  });

  test('loses what may not be written, and only that: counters move by what was', async () => {
    const [lamp, cup] = [await openOffer(700), await openOffer(250)];
    const winnerId = newId();
    const rightId = await rightOf(winnerId, lamp);
    const earlier = orderOf([[lamp, 1]], { buyerId: winnerId, rightId });
    expect((await store.insert([earlier], holdMs)).written.size).toBe(1);
    const oldEpoch = { ...lamp, epoch: lamp.epoch - 1 };
    const [good, buried] = [orderOf([[lamp, 2]]), orderOf([[lamp, 1]])];
    await store.bury(lamp.offerId, [buried]);
    const turnedAway = [
      orderOf([[oldEpoch, 1]]),
      orderOf([
        [cup, 1],
        [oldEpoch, 1],
      ]),
      buried,
      orderOf([[lamp, 1]], { buyerId: winnerId }),
      orderOf([[lamp, 1]], { buyerId: winnerId, rightId, requestKey: 'the right a second time' }),
      orderOf([[lamp, 1]], { rightId: await rightOf(newId(), lamp) }),
    ];

    for (const order of turnedAway) {
      const alone = await store.insert([order], holdMs);
      expect(alone.written).toEqual(new Set());
    }
    const { written } = await store.insert([...turnedAway, good], holdMs);

    expect(written).toEqual(new Set([good.orderId]));
    expect(await linesOf(turnedAway.map(({ orderId }) => orderId))).toBe(0);
    expect([await heldUnits(lamp), await heldUnits(cup)]).toEqual([3, 0]);
  });

  test.each([
    ['of one line', 1],
    ['of two lines', 2],
  ])(
    '%s and one of another room that names the same keys the other way round are both written when they had waited for each other',
    async (_, lines) => {
      const [otherRoom, thirdRoom] = [newId(), newId()];
      const buyerId = newId();
      const ofKeys = async (ofRoom: string, keys: string[]) => {
        const offers = [await openOffer(700, ofRoom), await openOffer(250, ofRoom)].slice(0, lines);
        const wanted = offers.map((offer) => [offer, 1] as const);
        return keys.map((requestKey) => orderOf(wanted, { buyerId, roomId: ofRoom, requestKey }));
      };
      const [inTheirWay, one, other] = [
        await ofKeys(thirdRoom, ['b', 'd']),
        await ofKeys(roomId, ['a', 'b', 'c']),
        await ofKeys(otherRoom, ['c', 'd', 'a']),
      ];
      const inTheWay = await db.connect();
      await inTheWay.query('BEGIN');
      // Both batches stop half way, before a key that the other one has.
      await insertBatch(inTheWay)(inTheirWay, holdMs);

      const both = Promise.all([store.insert(one, holdMs), store.insert(other, holdMs)]);
      await eventually(async () => (await db.query(waiting)).rowCount === 2);
      inTheWay.release(true);

      expect((await both).map(({ written }) => written.size).sort()).toEqual([1, 3]);
    },
  );

  test('writes nothing when its offer gets another epoch, or ends, before the batch has the row', async () => {
    for (const change of [`epoch = nextval('offer_epochs')`, `state = 'closed', closed_at = now()`]) {
      const lamp = await openOffer(700);
      const orders = [orderOf([[lamp, 1]]), orderOf([[lamp, 2]])];
      const changing = await db.connect();
      await changing.query('BEGIN');
      await changing.query(`UPDATE offers SET ${change} WHERE offer_id = $1`, [lamp.offerId]);

      const inserted = store.insert(orders, holdMs);
      await eventually(async () => (await db.query(waiting)).rowCount === 1);
      await changing.query('COMMIT');
      changing.release();

      expect((await inserted).written).toEqual(new Set());
      expect(await linesOf(orders.map(({ orderId }) => orderId))).toBe(0);
      expect(await heldUnits(lamp)).toBe(0);
    }
  });

  test('is written under an epoch that the gate had before the ledger', async () => {
    const lamp = await openOffer(700);
    const editing = await db.connect();
    await editing.query('BEGIN');
    const { rows } = await editing.query<TestOffer>(
      `UPDATE offers SET epoch = nextval('offer_epochs'), price_minor = 800 WHERE offer_id = $1 RETURNING offer_id AS "offerId", epoch`,
      [lamp.offerId],
    );
    const order = orderOf([[rows[0]!, 1]]);

    const inserted = store.insert([order], holdMs);
    await eventually(async () => (await db.query(waiting)).rowCount === 1);
    await editing.query('COMMIT');
    editing.release();

    expect((await inserted).written.size).toBe(1);
    expect((await store.find(order.orderId))!.totalMinor).toBe(800);
  });

  test('of many at once, of one line and of several, every order is written and counted once', async () => {
    const [lamp, cup] = [await openOffer(700), await openOffer(250)];
    const one = (i: number) => orderOf([[i % 2 ? lamp : cup, 1]]);
    const two = (i: number) =>
      orderOf(
        i % 2
          ? [
              [lamp, 1],
              [cup, 1],
            ]
          : [
              [cup, 1],
              [lamp, 1],
            ],
      );
    const batches = Array.from({ length: 12 }, (_, n) => [0, 1, 2, 3].map((i) => (n % 3 ? one : two)(n + i)));

    const answers = await Promise.all(batches.map((orders) => store.insert(orders, holdMs)));

    expect(answers.map(({ written }) => written.size)).toEqual(batches.map(() => 4));
    // 8 batches of two orders of each, 4 of four.
    expect([await heldUnits(lamp), await heldUnits(cup)]).toEqual([32, 32]);
    const orderIds = batches.flat().map(({ orderId }) => orderId);
    expect(await linesOf(orderIds)).toBe(64);
  });

  test('an order that the ledger drops without an error is not answered as written, and moves nothing', async () => {
    const lamp = await openOffer(700);
    await db.query(`
      CREATE FUNCTION drop_unwanted() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
      CREATE TRIGGER unwanted BEFORE INSERT ON orders FOR EACH ROW WHEN (NEW.request_key = 'unwanted') EXECUTE FUNCTION drop_unwanted()`);
    const [dropped, good] = [orderOf([[lamp, 1]], { requestKey: 'unwanted' }), orderOf([[lamp, 2]])];

    expect((await store.insert([dropped], holdMs)).written).toEqual(new Set());
    expect((await store.insert([dropped, good], holdMs)).written).toEqual(new Set([good.orderId]));
    expect(await linesOf([dropped.orderId])).toBe(0);
    expect(await heldUnits(lamp)).toBe(2);
  });

  test('of one epoch and of the next in one batch: the old one is left out', async () => {
    const lamp = await openOffer(700);
    await store.insert([orderOf([[lamp, 1]])], holdMs); // The statement is prepared, whatever comes next.
    const orders = [orderOf([[{ ...lamp, epoch: lamp.epoch - 1 }, 1]]), orderOf([[lamp, 1]])];

    expect((await store.insert(orders, holdMs)).written).toEqual(new Set([orders[1]!.orderId]));
    expect(await heldUnits(lamp)).toBe(2);
  });
});
