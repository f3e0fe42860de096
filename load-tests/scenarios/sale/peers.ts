import type { Pool } from 'pg';
import { newId } from '../../../shared/ids.ts';
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
  SELECT $2, room_id, merchant_id, $3, 'key-of-the-crowd', '', 'held', 'EUR', price_minor, now() + interval '15 min' FROM taken
  RETURNING order_id`;

/** Connections that order at the same time; more only wait for the same row. */
const hotRowClients = 10;

export async function hotRowOrders(
  { db }: SellingEngine,
  { offerId }: Offer,
  ms: number,
): Promise<{ orders: number; elapsedMs: number }> {
  const startedMs = performance.now();
  let orders = 0;
  const work = async (): Promise<void> => {
    while (performance.now() - startedMs < ms) {
      const { rowCount } = await db.query({ name: 'hot-row', text: hotRow, values: [offerId, newId(), newId()] });
      orders += rowCount ?? 0;
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
  SELECT order_id, $3, $3, buyer_id, 'key-of-the-crowd', '', 'held', 'EUR', 700, now() + interval '15 min'
  FROM unnest($1::uuid[], $2::uuid[]) AS n (order_id, buyer_id)`;

/** The floor: the same rows in batches of the same size, with nothing to decide, lock or count. */
export async function batchInserts(
  db: Pool,
  { offerId }: Offer,
  batchSize: number,
  ms: number,
): Promise<{ orders: number; elapsedMs: number }> {
  const startedMs = performance.now();
  let orders = 0;
  while (performance.now() - startedMs < ms) {
    const ids = Array.from({ length: batchSize }, newId);
    await db.query(batchInsert, [ids, Array.from({ length: batchSize }, newId), offerId]);
    orders += batchSize;
  }
  return { orders, elapsedMs: performance.now() - startedMs };
}
