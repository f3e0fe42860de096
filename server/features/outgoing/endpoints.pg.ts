import { AppError } from '../../../shared/errors.ts';
import type { OutgoingDelivery, OutgoingEndpoint } from '../../../shared/protocol/outgoing.ts';
import { msOf, inTransaction, type Db, type Queryable } from '../../platform/postgres.ts';

const columns = `endpoint_id AS "endpointId", url, state, failures, ${msOf('created_at')} AS "createdAtMs"`;
const list = `SELECT ${columns} FROM outgoing_endpoints WHERE shop_id = $1 ORDER BY created_at, endpoint_id`;
const byKey = `SELECT ${columns}, secret FROM outgoing_endpoints WHERE shop_id = $1 AND request_key = $2`;
const insert = `
  INSERT INTO outgoing_endpoints (endpoint_id, shop_id, url, secret, request_key) VALUES ($1, $2, $3, $4, $5)
  RETURNING ${columns}, secret`;
const enable = `
  UPDATE outgoing_endpoints SET state = 'active', failures = 0, failing_since = NULL, rests_until = NULL
  WHERE shop_id = $1 AND endpoint_id = $2 RETURNING ${columns}`;
const remove = `DELETE FROM outgoing_endpoints WHERE shop_id = $1 AND endpoint_id = $2`;
const removeDeliveries = `DELETE FROM outgoing_deliveries WHERE endpoint_id = $1`;

const deliveryColumns = `
  d.delivery_id AS "deliveryId", d.order_id AS "orderId", d.kind, d.state, d.tries, d.last_answer AS "lastAnswer",
  CASE d.state WHEN 'waiting' THEN ${msOf('d.next_try_at')} END AS "nextTryAtMs", ${msOf('d.created_at')} AS "createdAtMs"`;
const ofShop = `FROM outgoing_endpoints e WHERE e.endpoint_id = d.endpoint_id AND e.shop_id = $1 AND e.endpoint_id = $2`;
const deliveries = `
  SELECT ${deliveryColumns} FROM outgoing_deliveries d WHERE EXISTS (SELECT ${ofShop})
  ORDER BY d.created_at DESC, d.delivery_id LIMIT 100`;
const resend = `
  WITH woken AS (UPDATE outgoing_endpoints SET rests_until = NULL WHERE shop_id = $1 AND endpoint_id = $2)
  UPDATE outgoing_deliveries d SET state = 'waiting', tries = 0, next_try_at = now() ${ofShop} AND d.delivery_id = $3
  RETURNING ${deliveryColumns}`;

/** Endpoints of one shop are added one after another: "at most so many" is a rule over several rows. */
const lockShop = `SELECT FROM shops WHERE shop_id = $1 FOR UPDATE`;

export type NewEndpoint = { endpointId: string; shopId: string; url: string; secret: string; requestKey: string };
export type OutgoingEndpoints = ReturnType<typeof createOutgoingEndpoints>;

export function createOutgoingEndpoints(db: Db) {
  return {
    list: async (shopId: string) => (await db.query<OutgoingEndpoint>(list, [shopId])).rows,
    /** Answers the one an earlier call with this key added. @throws AppError KEY_REUSED, CONFLICT when there are enough. */
    add: ({ endpointId, shopId, url, secret, requestKey }: NewEndpoint, endpointsMax: number) =>
      inTransaction(db, async (client) => {
        await client.query(lockShop, [shopId]);
        const earlier = await one<OutgoingEndpoint & { secret: string }>(client, byKey, [shopId, requestKey]);
        if (earlier && earlier.url !== url) throw new AppError('KEY_REUSED');
        if (earlier) return earlier;
        const { rows } = await client.query(list, [shopId]);
        if (rows.length >= endpointsMax)
          throw new AppError('CONFLICT', `A shop has at most ${endpointsMax} addresses.`, { reason: 'too-many' });
        const values = [endpointId, shopId, url, secret, requestKey];
        return (await one<OutgoingEndpoint & { secret: string }>(client, insert, values))!;
      }),
    enable: (shopId: string, endpointId: string) => one<OutgoingEndpoint>(db, enable, [shopId, endpointId]),
    remove: (shopId: string, endpointId: string): Promise<boolean> =>
      inTransaction(db, async (client) => {
        const { rowCount } = await client.query(remove, [shopId, endpointId]);
        if (rowCount === 1) await client.query(removeDeliveries, [endpointId]);
        return rowCount === 1;
      }),
    deliveries: async (shopId: string, endpointId: string) =>
      (await db.query<OutgoingDelivery>(deliveries, [shopId, endpointId])).rows,
    resend: (shopId: string, endpointId: string, deliveryId: string) =>
      one<OutgoingDelivery>(db, resend, [shopId, endpointId, deliveryId]),
  };
}

async function one<Row extends object>(db: Queryable, statement: string, values: unknown[]): Promise<Row | null> {
  return (await db.query<Row>(statement, values)).rows[0] ?? null;
}
