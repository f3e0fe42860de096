import { newId } from '../../../shared/ids.ts';
import { inTransaction, type Db, type DbClient } from '../../../server/platform/postgres.ts';
import type { Offer, SellingEngine } from './selling-engine.ts';

/** The textbook way, at its best: one statement and one round trip, prepared; the row's lock lasts until the commit is on disk. */
const hotRow = `
  WITH taken AS (
    UPDATE offers SET held_units = held_units + 1
    WHERE offer_id = $1 AND held_units + sold_units + withdrawn_units < supply_units RETURNING room_id, merchant_id, price_minor
  ), line AS (
    INSERT INTO order_lines (order_id, line_number, offer_id, units, price_minor) SELECT $2, 1, $1, 1, price_minor FROM taken
  )
  INSERT INTO orders (order_id, room_id, merchant_id, buyer_id, request_key, request_hash, state, currency, total_minor, pay_by)
  SELECT $2, room_id, merchant_id, $3, 'key-of-the-crowd', 'hash-of-22-characters.', 'held', 'EUR', price_minor, now() + interval '15 min' FROM taken
  RETURNING order_id`;

/** Connections that order at the same time; more only wait for the same row. */
const hotRowClients = 10;

const takeUnit = `
  UPDATE offers SET held_units = held_units + 1
  WHERE offer_id = $1 AND held_units + sold_units + withdrawn_units < supply_units RETURNING room_id, merchant_id, price_minor`;
const insertOrder = `
  INSERT INTO orders (order_id, room_id, merchant_id, buyer_id, request_key, request_hash, state, currency, total_minor, pay_by)
  VALUES ($1, $2, $3, $4, 'key-of-the-crowd', 'hash-of-22-characters.', 'held', 'EUR', $5, now() + interval '15 min')`;
const insertLine = `INSERT INTO order_lines (order_id, line_number, offer_id, units, price_minor) VALUES ($1, 1, $2, 1, $3)`;

export type Rate = { orders: number; elapsedMs: number };

/** Orders of one offer by `hotRowClients` connections for so long. */
export const hotRowOrders = (engine: SellingEngine, { offerId }: Offer, ms: number): Promise<Rate> =>
  byManyClients(ms, async () => {
    const { rowCount } = await engine.db.query({ name: 'hot-row', text: hotRow, values: [offerId, newId(), newId()] });
    return rowCount ?? 0;
  });

/** The same as it is usually written: the row is locked for five round trips. */
export const hotRowTransactions = ({ db }: SellingEngine, { offerId }: Offer, ms: number): Promise<Rate> =>
  byManyClients(ms, () => inTransaction(db, (client) => orderInSteps(client, offerId)));

async function orderInSteps(client: DbClient, offerId: string): Promise<number> {
  type Taken = { room_id: string; merchant_id: string; price_minor: number };
  const { rows } = await client.query<Taken>({ name: 'take-unit', text: takeUnit, values: [offerId] });
  const [taken] = rows;
  if (!taken) return 0;
  const orderId = newId();
  const order = [orderId, taken.room_id, taken.merchant_id, newId(), taken.price_minor];
  await client.query({ name: 'insert-order', text: insertOrder, values: order });
  await client.query({ name: 'insert-line', text: insertLine, values: [orderId, offerId, taken.price_minor] });
  return 1;
}

async function byManyClients(ms: number, order: () => Promise<number>): Promise<Rate> {
  const startedMs = performance.now();
  let orders = 0;
  const work = async (): Promise<void> => {
    while (performance.now() - startedMs < ms) {
      const written = await order();
      orders += written;
    }
  };
  await Promise.all(Array.from({ length: hotRowClients }, work));
  return { orders, elapsedMs: performance.now() - startedMs };
}

const batchInsert = `
  WITH line AS (
    INSERT INTO order_lines (order_id, line_number, offer_id, units, price_minor)
    SELECT order_id, 1, $3, 1, 700 FROM unnest($1::uuid[]) AS n (order_id)
  )
  INSERT INTO orders (order_id, room_id, merchant_id, buyer_id, request_key, request_hash, state, currency, total_minor, pay_by)
  SELECT order_id, $3, $3, buyer_id, 'key-of-the-crowd', 'hash-of-22-characters.', 'held', 'EUR', 700, now() + interval '15 min'
  FROM unnest($1::uuid[], $2::uuid[]) AS n (order_id, buyer_id)`;

/** The floor: the same rows in batches of the same size, with nothing to decide, lock or count. */
export async function batchInserts(db: Db, { offerId }: Offer, batchSize: number, ms: number): Promise<Rate> {
  const startedMs = performance.now();
  let orders = 0;
  while (performance.now() - startedMs < ms) {
    const ids = Array.from({ length: batchSize }, newId);
    await db.query(batchInsert, [ids, Array.from({ length: batchSize }, newId), offerId]);
    orders += batchSize;
  }
  return { orders, elapsedMs: performance.now() - startedMs };
}
