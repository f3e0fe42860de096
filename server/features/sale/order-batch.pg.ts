import type { DatabaseError } from 'pg';
import { msOf, violates, type Queryable } from '../../platform/postgres.ts';
import { isPlain, type NewOrder, type OrderStore } from './order-store.ts';

const divisionByZero = '22012';
/** Two transactions waited for each other, and this one was broken off. */
const deadlock = '40P01';

/** Offers of the room that take orders, as they are when nobody can change them any more. In one order, so that batches don't wait for each other. */
const locked = `
  SELECT offer_id, epoch, merchant_id, currency, price_minor FROM offers
  WHERE offer_id = ANY($2::uuid[]) AND room_id = $1 AND state = 'open' ORDER BY offer_id FOR UPDATE`;

const payBy = `now() + $4 * interval '1 ms'`;
const intoOrders = `
  INSERT INTO orders (order_id, room_id, merchant_id, buyer_id, request_key, request_hash, right_id, state, currency, total_minor, pay_by)`;
const intoLines = `INSERT INTO order_lines (order_id, line_number, offer_id, units, price_minor)`;

/**
 * One round trip, one transaction, one sync for all orders of a batch: writes the orders whose every line has its offer's epoch, and moves
 * the counters by the rows that were really inserted. Prices, currency and merchant are of that epoch; when another one
 * comes before the orders are committed, they are not. Answers one row.
 *
 * Parameters of both statements: $1 room; $2 offers and $3 their epochs as the orders know them, which lines name by their number from 1; $4
 * life of the hold, ms. Everything behind the arrays is joined by small numbers: grouping orders by ids and keys was a third of what an order cost.
 *
 * This one is for orders of one line that use up no right, which is nearly all, and writes all or nothing: an id or key that is used already
 * fails it, and so does an old epoch or a row that a trigger drops without an error. It counts what it wrote, and a division by zero undoes
 * everything together.
 *
 * The offers are locked last, when all rows are there, and looked at again: while one batch is synced with the lock in its hands, the next one
 * inserts its rows. AND evaluates from left to right; were it otherwise, the lock would be held for longer, and nothing else.
 */
const plainStatement = {
  name: 'write-plain-orders',
  text: `
  WITH term AS MATERIALIZED (
    SELECT t.number, o.offer_id, o.merchant_id, o.currency, o.price_minor
    FROM unnest($2::uuid[], $3::bigint[]) WITH ORDINALITY AS t (offer_id, epoch, number)
    JOIN offers o USING (offer_id, epoch) WHERE o.room_id = $1 AND o.state = 'open'
  ), written AS (
    ${intoOrders}
    SELECT order_id, $1, merchant_id, buyer_id, request_key, request_hash, NULL, 'held', currency, units * price_minor, ${payBy}
    FROM unnest($5::uuid[], $6::uuid[], $7::text[], $8::text[], $9::int[], $10::int[])
      AS a (order_id, buyer_id, request_key, request_hash, term, units)
    JOIN term ON term.number = a.term RETURNING 1
  ), written_line AS (
    ${intoLines}
    SELECT order_id, 1, offer_id, units, price_minor FROM unnest($5::uuid[], $9::int[], $10::int[]) AS a (order_id, term, units)
    JOIN term ON term.number = a.term RETURNING 1
  ), locked AS MATERIALIZED (${locked}), moved AS (
    UPDATE offers SET held_units = held_units + t.units
    FROM unnest($2::uuid[], $3::bigint[], $11::int[]) AS t (offer_id, epoch, units) JOIN locked USING (offer_id, epoch)
    WHERE offers.offer_id = t.offer_id RETURNING 1
  )
  SELECT ${msOf(`(${payBy})`)} AS "payByMs",
    1 / ((SELECT count(*) FROM written) = cardinality($5::uuid[]) AND (SELECT count(*) FROM written_line) = cardinality($5::uuid[])
      AND (SELECT count(*) FROM moved) = cardinality($2::uuid[]))::int AS complete`,
};

/**
 * For all other orders, and for batches of which some do not fit. Looks before every insert and leaves out what may not be written, at half as
 * much cost again. The offers are locked first, before the rights that its orders use up.
 */
const carefulStatement = {
  name: 'write-careful-orders',
  text: `
  WITH locked AS MATERIALIZED (${locked}), term AS MATERIALIZED (
    SELECT t.number, o.* FROM unnest($2::uuid[], $3::bigint[]) WITH ORDINALITY AS t (offer_id, epoch, number)
    JOIN locked o USING (offer_id, epoch)
  ), wanted AS MATERIALIZED (
    SELECT l.order_number, l.line_number, l.units, t.offer_id, t.price_minor
    FROM unnest($11::int[], $12::int[], $13::int[], $14::int[]) AS l (order_number, line_number, term, units)
    LEFT JOIN term t ON t.number = l.term
  ), line AS MATERIALIZED (
    SELECT * FROM wanted WHERE order_number NOT IN (SELECT order_number FROM wanted WHERE price_minor IS NULL)
  ), written AS (
    ${intoOrders}
    SELECT order_id, $1, merchant_id, buyer_id, request_key, request_hash, right_id, 'held', currency, total_minor, ${payBy}
    FROM unnest($5::uuid[], $6::uuid[], $7::text[], $8::text[], $9::int[], $10::uuid[]) WITH ORDINALITY
      AS a (order_id, buyer_id, request_key, request_hash, term, right_id, number)
    JOIN term ON term.number = a.term
    JOIN (SELECT order_number, sum(units * price_minor)::bigint AS total_minor FROM line GROUP BY order_number) l
      ON l.order_number = a.number
    ON CONFLICT DO NOTHING RETURNING order_id
  ), written_line AS (
    ${intoLines}
    SELECT ($5::uuid[])[order_number], line_number, offer_id, units, price_minor FROM line
    WHERE ($5::uuid[])[order_number] IN (SELECT order_id FROM written)
  ), moved AS (
    UPDATE offers SET held_units = held_units + m.units
    FROM (SELECT offer_id, sum(units)::int AS units FROM line
          WHERE ($5::uuid[])[order_number] IN (SELECT order_id FROM written) GROUP BY offer_id) m
    WHERE offers.offer_id = m.offer_id
  )
  SELECT ${msOf(`(${payBy})`)} AS "payByMs", ARRAY(SELECT order_id FROM written) AS written`,
};

type Answer = { payByMs: number };

/** @see OrderStore.insert */
export const insertBatch =
  (db: Queryable): OrderStore['insert'] =>
  async (orders, holdMs) => {
    // The gate knows epochs and keys, so it is rare that some don't fit: a new epoch, a tombstone, a key whose order has ended.
    const all = orders.every(isPlain) ? await writePlain(db, orders, holdMs).catch(nullWhenSomeDoNotFit) : null;
    if (all) return { written: new Set(orders.map(({ orderId }) => orderId)), payByMs: all.payByMs };
    const careful = () => writeCareful(db, orders, holdMs);
    const { written, payByMs } = await careful().catch((error: unknown) => {
      if (isDeadlock(error)) return careful();
      throw error;
    });
    return { written: new Set(written), payByMs };
  };

function nullWhenSomeDoNotFit(error: unknown): null {
  const conflicts = ['orders_pkey', 'orders_request'].some((constraint) => violates(error, constraint));
  if (conflicts || (error as DatabaseError).code === divisionByZero || isDeadlock(error)) return null;
  throw error;
}

const isDeadlock = (error: unknown): boolean => (error as DatabaseError).code === deadlock;

async function writePlain(db: Queryable, orders: readonly NewOrder[], holdMs: number): Promise<Answer> {
  const lines = orders.map((order) => order.lines[0]!);
  const terms = termsOf(lines);
  const values = [
    ...valuesOf(orders, holdMs, terms, terms.ofLines),
    arrayOf(lines.map(({ units }) => units)),
    arrayOf(terms.units),
  ];
  return (await db.query<Answer>({ ...plainStatement, values })).rows[0]!;
}

type CarefulAnswer = Answer & { written: string[] };

async function writeCareful(db: Queryable, orders: readonly NewOrder[], holdMs: number): Promise<CarefulAnswer> {
  const lines = orders.flatMap((order, i) => order.lines.map((line) => ({ ...line, orderNumber: i + 1 })));
  const terms = termsOf(lines);
  const ofOrders = terms.ofLines.filter((_, i) => lines[i]!.orderNumber !== lines[i - 1]?.orderNumber);
  const values = [
    ...valuesOf(orders, holdMs, terms, ofOrders),
    arrayOf(orders.map(({ rightId }) => rightId ?? 'NULL')),
    arrayOf(lines.map(({ orderNumber }) => orderNumber)),
    arrayOf(lines.map(({ lineNumber }) => lineNumber)),
    arrayOf(terms.ofLines),
    arrayOf(lines.map(({ units }) => units)),
  ];
  return (await db.query<CarefulAnswer>({ ...carefulStatement, values })).rows[0]!;
}

/** $1 to $9 of both statements; `ofOrders`: number of the offer by which the terms of each order go. */
const valuesOf = (
  orders: readonly NewOrder[],
  holdMs: number,
  terms: Terms,
  ofOrders: readonly number[],
): unknown[] => [
  orders[0]!.roomId,
  arrayOf(terms.offerIds),
  arrayOf(terms.epochs),
  holdMs,
  arrayOf(orders.map(({ orderId }) => orderId)),
  arrayOf(orders.map(({ buyerId }) => buyerId)),
  arrayOf(orders.map(({ requestKey }) => quoted(requestKey))),
  arrayOf(orders.map(({ requestHash }) => requestHash)),
  arrayOf(ofOrders),
];

/** The offers of a batch under the epochs that its orders name, and the units wanted of each; lines name them by their number from 1. */
type Terms = { offerIds: string[]; epochs: number[]; units: number[]; ofLines: number[] };

function termsOf(lines: readonly NewOrder['lines'][number][]): Terms {
  const terms: Terms = { offerIds: [], epochs: [], units: [], ofLines: [] };
  const numbers = new Map<string, number>();
  for (const { offerId, epoch, units } of lines) {
    const key = `${offerId} ${epoch}`;
    let number = numbers.get(key);
    if (number === undefined) {
      numbers.set(key, (number = terms.offerIds.push(offerId)));
      terms.epochs.push(epoch);
      terms.units.push(0);
    }
    terms.units[number - 1]! += units;
    terms.ofLines.push(number);
  }
  return terms;
}

/** An array literal of what needs no quotes. The driver would look at every character of every id. */
const arrayOf = (values: readonly (string | number)[]): string => `{${values.join(',')}}`;

/** Request keys are chosen by clients: anything may be in them. */
const quoted = (text: string): string => `"${text.replaceAll(/["\\]/g, '\\$&')}"`;
