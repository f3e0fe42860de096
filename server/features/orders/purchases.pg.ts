import type { Queryable } from '../../platform/postgres.ts';
import type { Purchases } from './purchases.ts';

const isPaid = `o.state IN ('paid', 'shipped', 'delivered')`;
const boughtFrom = `
  SELECT EXISTS (
    SELECT FROM orders o JOIN order_lines l USING (order_id) JOIN offers f USING (offer_id)
    WHERE o.buyer_id = $2 AND f.host_id = $1 AND ${isPaid}
  ) AS bought`;
const buyersAmong = `
  SELECT DISTINCT buyer_id AS "buyerId" FROM orders o WHERE room_id = $1 AND buyer_id = ANY ($2) AND ${isPaid}`;
const placeOf = `SELECT room_id AS "roomId", buyer_id AS "buyerId" FROM orders WHERE order_id = $1`;

export function createPurchaseLookup(db: Queryable): Purchases {
  return {
    async boughtFrom(hostId, personId) {
      return (await db.query<{ bought: boolean }>(boughtFrom, [hostId, personId])).rows[0]!.bought;
    },
    async buyersAmong(roomId, personIds) {
      const { rows } = await db.query<{ buyerId: string }>(buyersAmong, [roomId, personIds]);
      return new Set(rows.map(({ buyerId }) => buyerId));
    },
    async placeOf(orderId) {
      return (await db.query<{ roomId: string; buyerId: string }>(placeOf, [orderId])).rows[0] ?? null;
    },
  };
}
