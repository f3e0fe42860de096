import pg from 'pg';
import { violates, type Queryable } from '../../platform/postgres.ts';
import { msOf } from './offer-terms.pg.ts';
import type { NewOrder, OrderStore } from './order-store.ts';

const someLineHasNoPrice = 'EXISTS (SELECT FROM line WHERE price_minor IS NULL)';

/** Lines and counters were written as if every order had been: a division by zero undoes them together with the orders. */
const failsWhenSomeWereDropped =
  '1 / ((SELECT count(*) FROM written) = (SELECT count(DISTINCT order_id) FROM fit))::int AS complete';
const divisionByZero = '22012';

/**
 * One round trip, one transaction, one sync for all orders of a batch. Locks the offers, writes the orders whose every line
 * has its offer's epoch, and moves the counters by the rows that were really inserted. Price, currency and merchant come from
 * the locked row, so an order can't carry the terms of another epoch. Answers one row.
 *
 * @param when  `all fit`: writes all or nothing; an id, key or right that is used already fails the statement, and so does a row
 *   that a trigger drops without an error. `some may not fit`: leaves those out, at half as much cost again: every insert looks first.
 */
const writeOrders = (when: 'all fit' | 'some may not fit'): string => {
  const all = when === 'all fit';
  return `
  WITH locked AS MATERIALIZED (
    SELECT offer_id, epoch, merchant_id, currency, price_minor FROM offers
    WHERE offer_id = ANY($2::uuid[]) AND room_id = $1 AND state = 'open' ORDER BY offer_id FOR UPDATE
  ), term AS (
    SELECT t.number, o.* FROM unnest($2::uuid[], $3::bigint[]) WITH ORDINALITY AS t (offer_id, epoch, number)
    JOIN locked o USING (offer_id, epoch)
  ), line AS MATERIALIZED (
    SELECT l.*, t.offer_id, t.merchant_id, t.currency, t.price_minor
    FROM unnest($4::uuid[], $5::uuid[], $6::text[], $7::text[], $8::uuid[], $9::int[], $10::int[], $11::int[])
      AS l (order_id, buyer_id, request_key, request_hash, right_id, line_number, term, units)
    LEFT JOIN term t ON t.number = l.term
  ), fit AS (
    SELECT * FROM line
    WHERE ${all ? `NOT ${someLineHasNoPrice}` : 'order_id NOT IN (SELECT order_id FROM line WHERE price_minor IS NULL)'}
  ), written AS (
    INSERT INTO orders (order_id, room_id, merchant_id, buyer_id, request_key, request_hash, right_id,
                        state, currency, total_minor, pay_by)
    SELECT order_id, $1, merchant_id, buyer_id, request_key, request_hash, right_id,
           'held', currency, sum(units * price_minor), (SELECT now() + $12 * interval '1 ms')
    FROM fit GROUP BY order_id, merchant_id, buyer_id, request_key, request_hash, right_id, currency
    ${all ? '' : 'ON CONFLICT DO NOTHING'} RETURNING order_id
  ), fit_written AS (
    SELECT * FROM fit ${all ? '' : 'WHERE order_id IN (SELECT order_id FROM written)'}
  ), written_line AS (
    INSERT INTO order_lines (order_id, line_number, offer_id, units, price_minor)
    SELECT order_id, line_number, offer_id, units, price_minor FROM fit_written
  ), moved AS (
    UPDATE offers SET held_units = held_units + m.units
    FROM (SELECT offer_id, sum(units)::int AS units FROM fit_written GROUP BY offer_id) m
    WHERE offers.offer_id = m.offer_id
  )
  SELECT ${msOf(`(now() + $12 * interval '1 ms')`)} AS "payByMs", ARRAY(
    SELECT order_id FROM line WHERE ${all ? someLineHasNoPrice : 'order_id NOT IN (SELECT order_id FROM written)'}
  ) AS "leftOut"${all ? `, ${failsWhenSomeWereDropped}` : ''}`;
};

/** Prepared once per connection: planning it was half the cost of a small batch. */
const writeAll = { name: 'write-all-orders', text: writeOrders('all fit') };
const writeSome = { text: writeOrders('some may not fit') };

type Answer = { payByMs: number; leftOut: string[] };

/** @see OrderStore.insert */
export const insertBatch =
  (db: Queryable): OrderStore['insert'] =>
  async (orders, holdMs) => {
    const values = valuesOf(orders, holdMs);
    const write = async (statement: typeof writeAll | typeof writeSome): Promise<Answer> =>
      (await db.query<Answer>({ ...statement, values })).rows[0]!;
    let answer = await write(writeAll).catch(nullWhenSomeDoNotFit);
    // The gate knows epochs and keys, so this is rare: a new epoch, a tombstone, a key whose order has ended, a right that is over.
    if (!answer || answer.leftOut.length > 0) answer = await write(writeSome);
    const written = new Set(orders.map(({ orderId }) => orderId));
    answer.leftOut.forEach((orderId) => written.delete(orderId));
    return { written, payByMs: answer.payByMs };
  };

function nullWhenSomeDoNotFit(error: unknown): null {
  const conflicts = ['orders_pkey', 'orders_request', 'orders_right'].some((constraint) => violates(error, constraint));
  if (conflicts || (error instanceof pg.DatabaseError && error.code === divisionByZero)) return null;
  throw error;
}

function valuesOf(orders: readonly NewOrder[], holdMs: number): unknown[] {
  const terms = createTerms();
  const lines = orders.flatMap((order) => order.lines.map((line) => ({ order, line, term: terms.numberOf(line) })));
  return [
    orders[0]!.roomId,
    arrayOf(terms.offerIds),
    arrayOf(terms.epochs),
    arrayOf(lines.map(({ order }) => order.orderId)),
    arrayOf(lines.map(({ order }) => order.buyerId)),
    arrayOf(lines.map(({ order }) => quoted(order.requestKey))),
    arrayOf(lines.map(({ order }) => order.requestHash)),
    arrayOf(lines.map(({ order }) => order.rightId ?? 'NULL')),
    arrayOf(lines.map(({ line }) => line.lineNumber)),
    arrayOf(lines.map(({ term }) => term)),
    arrayOf(lines.map(({ line }) => line.units)),
    holdMs,
  ];
}

/** The offers of a batch under the epochs that its orders name, numbered from 1: a line carries a number instead of an id. */
function createTerms() {
  const offerIds: string[] = [];
  const epochs: number[] = [];
  const numbers = new Map<string, number>();
  return {
    offerIds,
    epochs,
    numberOf({ offerId, epoch }: NewOrder['lines'][number]): number {
      const key = `${offerId} ${epoch}`;
      const known = numbers.get(key);
      if (known !== undefined) return known;
      offerIds.push(offerId);
      numbers.set(key, epochs.push(epoch));
      return epochs.length;
    },
  };
}

/** An array literal of what needs no quotes. The driver would look at every character of every id. */
const arrayOf = (values: readonly (string | number)[]): string => `{${values.join(',')}}`;

/** Request keys are chosen by clients: anything may be in them. */
const quoted = (text: string): string => `"${text.replaceAll(/["\\]/g, '\\$&')}"`;
