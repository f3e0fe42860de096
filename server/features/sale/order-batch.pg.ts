import type { DatabaseError } from 'pg';
import { msOf, violates, type Queryable } from '../../platform/postgres.ts';
import type { NewOrder, OrderStore } from './order-store.ts';

/** A division by zero undoes lines, counters and orders together. */
const failsWhenSomeWereDropped = `
  1 / ((SELECT count(*) FROM written) = cardinality($4::uuid[])
    AND (SELECT count(*) FROM line) = cardinality($10::int[]))::int AS complete`;
const divisionByZero = '22012';
/** Two batches that name the same keys in other orders waited for each other, and this one was broken off. */
const deadlock = '40P01';

const payBy = `now() + $14 * interval '1 ms'`;

/** Locks the offers; `term`: those that have the epoch the orders know, under the number by which lines name them. */
const lockedTerms = `
  locked AS MATERIALIZED (
    SELECT offer_id, epoch, merchant_id, currency, price_minor FROM offers
    WHERE offer_id = ANY($2::uuid[]) AND room_id = $1 AND state = 'open' ORDER BY offer_id FOR UPDATE
  ), term AS MATERIALIZED (
    SELECT t.number, o.* FROM unnest($2::uuid[], $3::bigint[]) WITH ORDINALITY AS t (offer_id, epoch, number)
    JOIN locked o USING (offer_id, epoch)
  )`;

const askedOrders = `
  SELECT * FROM unnest($4::uuid[], $5::uuid[], $6::text[], $7::text[], $8::uuid[], $9::int[]) WITH ORDINALITY
    AS a (order_id, buyer_id, request_key, request_hash, right_id, term, number)`;

/** With the terms of their offers. */
const linesWith = (terms: 'JOIN term' | 'LEFT JOIN term'): string => `
  SELECT l.order_number, l.line_number, l.units, t.offer_id, t.price_minor
  FROM unnest($10::int[], $11::int[], $12::int[], $13::int[]) AS l (order_number, line_number, term, units)
  ${terms} t ON t.number = l.term`;

const ordersWithAStaleLine = 'SELECT order_number FROM wanted WHERE price_minor IS NULL';

/**
 * One round trip, one transaction, one sync for all orders of a batch. Locks the offers, writes the orders whose every line
 * has its offer's epoch, and moves the counters by the rows that were really inserted. Price, currency and merchant come from
 * the locked row, so an order can't carry the terms of another epoch. Answers one row.
 *
 * Everything behind the arrays is joined by small numbers: grouping orders by their ids and keys, and looking for lines without a price, was
 * a third of what an order cost.
 *
 * @param when  `all fit`: writes all or nothing; an id, key or right that is used already fails the statement, and so does a line
 *   without its epoch or a row that a trigger drops without an error. `some may not fit`: leaves those out, at half as much cost again:
 *   every insert looks first.
 */
const writeOrders = (when: 'all fit' | 'some may not fit'): string => {
  const all = when === 'all fit';
  const line = all
    ? `line AS MATERIALIZED (${linesWith('JOIN term')})`
    : `wanted AS MATERIALIZED (${linesWith('LEFT JOIN term')}),
      line AS MATERIALIZED (SELECT * FROM wanted WHERE order_number NOT IN (${ordersWithAStaleLine}))`;
  const ofWritten = all ? '' : 'WHERE ($4::uuid[])[order_number] IN (SELECT order_id FROM written)';
  return `
  WITH ${lockedTerms}, asked AS (${askedOrders}), ${line}, written AS (
    INSERT INTO orders (order_id, room_id, merchant_id, buyer_id, request_key, request_hash, right_id,
                        state, currency, total_minor, pay_by)
    SELECT order_id, $1, merchant_id, buyer_id, request_key, request_hash, right_id, 'held', currency, total_minor, ${payBy}
    FROM asked JOIN term ON term.number = asked.term
    JOIN (SELECT order_number, sum(units * price_minor)::bigint AS total_minor FROM line GROUP BY order_number) l
      ON l.order_number = asked.number
    ${all ? '' : 'ON CONFLICT DO NOTHING'} RETURNING order_id
  ), written_line AS (
    INSERT INTO order_lines (order_id, line_number, offer_id, units, price_minor)
    SELECT ($4::uuid[])[order_number], line_number, offer_id, units, price_minor FROM line ${ofWritten}
  ), moved AS (
    UPDATE offers SET held_units = held_units + m.units
    FROM (SELECT offer_id, sum(units)::int AS units FROM line ${ofWritten} GROUP BY offer_id) m
    WHERE offers.offer_id = m.offer_id
  )
  SELECT ${msOf(`(${payBy})`)} AS "payByMs",
    ${all ? failsWhenSomeWereDropped : 'ARRAY(SELECT order_id FROM written) AS written'}`;
};

/** Prepared once per connection: planning it was half the cost of a small batch. */
const writeAll = { name: 'write-all-orders', text: writeOrders('all fit') };
const writeSome = { text: writeOrders('some may not fit') };

type Answer = { payByMs: number; written?: string[] };

/** @see OrderStore.insert */
export const insertBatch =
  (db: Queryable): OrderStore['insert'] =>
  async (orders, holdMs) => {
    const values = valuesOf(orders, holdMs);
    const write = async (statement: typeof writeAll | typeof writeSome): Promise<Answer> =>
      (await db.query<Answer>({ ...statement, values })).rows[0]!;
    // The gate knows epochs and keys, so it is rare that some don't fit: a new epoch, a tombstone, a key whose order has ended, a right that is over.
    const answer = (await write(writeAll).catch(nullWhenSomeDoNotFit)) ?? (await write(writeSome));
    return { written: new Set(answer.written ?? orders.map(({ orderId }) => orderId)), payByMs: answer.payByMs };
  };

function nullWhenSomeDoNotFit(error: unknown): null {
  const conflicts = ['orders_pkey', 'orders_request', 'orders_right'].some((constraint) => violates(error, constraint));
  const { code } = error as DatabaseError;
  if (conflicts || code === divisionByZero || code === deadlock) return null;
  throw error;
}

function valuesOf(orders: readonly NewOrder[], holdMs: number): unknown[] {
  const terms = createTerms();
  const lines = orders.flatMap((order, i) =>
    order.lines.map((line) => ({ ...line, orderNumber: i + 1, term: terms.numberOf(line) })),
  );
  return [
    orders[0]!.roomId,
    arrayOf(terms.offerIds),
    arrayOf(terms.epochs),
    arrayOf(orders.map(({ orderId }) => orderId)),
    arrayOf(orders.map(({ buyerId }) => buyerId)),
    arrayOf(orders.map(({ requestKey }) => quoted(requestKey))),
    arrayOf(orders.map(({ requestHash }) => requestHash)),
    arrayOf(orders.map(({ rightId }) => rightId ?? 'NULL')),
    arrayOf(orders.map((order) => terms.numberOf(order.lines[0]!))),
    arrayOf(lines.map(({ orderNumber }) => orderNumber)),
    arrayOf(lines.map(({ lineNumber }) => lineNumber)),
    arrayOf(lines.map(({ term }) => term)),
    arrayOf(lines.map(({ units }) => units)),
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
