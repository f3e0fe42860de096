import pg from 'pg';
import { msOf, type Db } from '../../platform/postgres.ts';
import type { Claim } from './gate.ts';
import { insertBatch } from './order-batch.pg.ts';
import type { OrderStore, StoredOrder } from './order-store.ts';

const storedColumns = `
  o.order_id AS "orderId", o.room_id AS "roomId", o.merchant_id AS "merchantId", o.buyer_id AS "buyerId",
  o.request_key AS "requestKey", o.request_hash AS "requestHash", o.state, o.currency, o.total_minor AS "totalMinor",
  ${msOf('o.pay_by')} AS "payByMs",
  (SELECT jsonb_agg(jsonb_build_object('lineNumber', l.line_number, 'offerId', l.offer_id, 'units', l.units,
                                       'priceMinor', l.price_minor) ORDER BY l.line_number)
   FROM order_lines l WHERE l.order_id = o.order_id) AS lines`;

const findByKeys = `
  SELECT ${storedColumns} FROM unnest($1::uuid[], $2::text[]) AS k (buyer_id, request_key)
  JOIN orders o ON o.buyer_id = k.buyer_id AND o.request_key = k.request_key AND o.state <> 'abandoned'`;

const findOne = `SELECT ${storedColumns} FROM orders o WHERE o.order_id = $1 AND o.state <> 'abandoned'`;

const areSoldOut = `
  SELECT o.state = 'open' AND o.held_units + o.sold_units + o.withdrawn_units >= o.supply_units AND NOT EXISTS (
    SELECT FROM orders WHERE buyer_id = a.buyer_id AND request_key = a.request_key AND state <> 'abandoned') AS "soldOut"
  FROM unnest($1::uuid[], $2::uuid[], $3::text[]) WITH ORDINALITY AS a (offer_id, buyer_id, request_key, place)
  LEFT JOIN offers o USING (offer_id) ORDER BY place`;

const rightIsUsed = `
  SELECT FROM orders WHERE right_id = $1 AND state NOT IN ('abandoned', 'expired', 'cancelled')`;

const buriedOf = `SELECT order_id AS "orderId" FROM orders WHERE order_id = ANY($1::uuid[]) AND state = 'abandoned'`;

const buryNew = `
  INSERT INTO orders (order_id, room_id, merchant_id, buyer_id, request_key, request_hash, state, currency, total_minor, pay_by)
  SELECT c.order_id, o.room_id, o.merchant_id, c.buyer_id, c.request_key, c.request_hash, 'abandoned', o.currency, 0, now()
  FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::text[]) AS c (order_id, buyer_id, request_key, request_hash)
  JOIN offers o ON o.offer_id = $1
  ON CONFLICT (order_id) DO NOTHING`;

/** A claim of a late payment: its order is there, but it may be written only with the token. */
const buryRetakes = `
  UPDATE orders o SET retake_token = NULL FROM unnest($1::uuid[], $2::text[]) AS c (order_id, token)
  WHERE o.order_id = c.order_id AND o.retake_token = c.token`;

const holdingNothing = `
  SELECT order_id AS "orderId" FROM orders
  WHERE order_id = ANY($1::uuid[]) AND state IN ('abandoned', 'expired', 'cancelled') FOR SHARE`;

/**
 * True when PostgreSQL itself refused the statement: then nothing of it happened, and never will. Anything else (connection
 * lost, no answer in time) leaves open whether it was committed.
 */
export const isDefinite = (error: unknown): boolean =>
  error instanceof pg.DatabaseError && error.code !== undefined && !/^(08|57P|40003)/.test(error.code);

/** True when a value or a constraint (classes 22 and 23) was the reason: some order of the batch, and perhaps only one. */
export const isDataFault = (error: unknown): boolean =>
  error instanceof pg.DatabaseError && /^2[23]/.test(error.code ?? '');

type Inserting = Pick<
  OrderStore,
  'insert' | 'findByKeys' | 'find' | 'areSoldOut' | 'rightIsUsed' | 'bury' | 'buriedOf'
>;

export function createOrderInserts(db: Db): Inserting {
  return {
    insert: insertBatch(db),
    async findByKeys(keys) {
      const values = [keys.map(({ buyerId }) => buyerId), keys.map(({ requestKey }) => requestKey)];
      return (await db.query<StoredOrder>(findByKeys, values)).rows;
    },
    find: async (orderId) => (await db.query<StoredOrder>(findOne, [orderId])).rows[0] ?? null,
    async areSoldOut(asked) {
      const columns = [
        asked.map(({ offerId }) => offerId),
        asked.map(({ buyerId }) => buyerId),
        asked.map(({ requestKey }) => requestKey),
      ];
      const { rows } = await db.query<{ soldOut: boolean | null }>(areSoldOut, columns);
      return rows.map(({ soldOut }) => soldOut === true);
    },
    rightIsUsed: async (rightId) => (await db.query(rightIsUsed, [rightId])).rows.length > 0,
    async buriedOf(orderIds) {
      const { rows } = await db.query<{ orderId: string }>(buriedOf, [orderIds]);
      return new Set(rows.map(({ orderId }) => orderId));
    },
    async bury(offerId, claims) {
      const columns = columnsOf(claims);
      await db.query(buryNew, [offerId, columns.orderIds, columns.buyerIds, columns.keys, columns.hashes]);
      await db.query(buryRetakes, [columns.orderIds, columns.hashes]);
      const { rows } = await db.query<{ orderId: string }>(holdingNothing, [columns.orderIds]);
      return new Set(rows.map(({ orderId }) => orderId));
    },
  };
}

function columnsOf(claims: readonly Claim[]) {
  return {
    orderIds: claims.map(({ orderId }) => orderId),
    buyerIds: claims.map(({ buyerId }) => buyerId),
    keys: claims.map(({ requestKey }) => requestKey),
    hashes: claims.map(({ requestHash }) => requestHash),
  };
}
