import type { Queryable } from '../../platform/postgres.ts';
import { isRehearsal } from './order-lock.pg.ts';
import type { OrderStanding, Purchases } from './purchases.ts';

const isPaid = `o.state IN ('paid', 'shipped', 'delivered')`;
/** What of an order, without its shipping, is paid and did not go back; nothing of what only played at selling. */
const keptMinor = `
  CASE WHEN ${isPaid} AND NOT ${isRehearsal} THEN o.total_minor - (
    SELECT coalesce(sum(r.amount_minor - r.shipping_minor), 0)::bigint FROM refunds r JOIN payments p USING (payment_id)
    WHERE r.order_id = o.order_id AND p.settlement = 'order')
  ELSE 0 END`;
/** The state by itself as well: it is what the index of a buyer's orders finds. */
const isBought = `${isPaid} AND ${keptMinor} > 0`;
const boughtFrom = `
  SELECT EXISTS (
    SELECT FROM orders o JOIN order_lines l USING (order_id) JOIN offers f USING (offer_id)
    WHERE o.buyer_id = $2 AND f.host_id = $1 AND ${isBought}
  ) AS bought`;
const buyersAmong = `
  SELECT DISTINCT buyer_id AS "buyerId" FROM orders o WHERE room_id = $1 AND buyer_id = ANY ($2) AND ${isBought}`;
const buyersSince = `
  SELECT DISTINCT buyer_id AS "buyerId" FROM unnest($2::uuid[], $3::float8[]) AS asked (person_id, since_ms)
  JOIN orders o ON o.buyer_id = asked.person_id AND o.room_id = $1 AND ${isPaid} AND o.held_at >= to_timestamp(asked.since_ms / 1000)`;
const standingOf = `
  SELECT o.room_id AS "roomId", o.buyer_id AS "buyerId", ${keptMinor} AS "keptMinor"
  FROM orders o WHERE o.order_id = $1`;

export function createPurchaseLookup(db: Queryable): Purchases {
  return {
    async boughtFrom(hostId, personId) {
      return (await db.query<{ bought: boolean }>(boughtFrom, [hostId, personId])).rows[0]!.bought;
    },
    async buyersAmong(roomId, personIds) {
      const { rows } = await db.query<{ buyerId: string }>(buyersAmong, [roomId, personIds]);
      return new Set(rows.map(({ buyerId }) => buyerId));
    },
    async buyersSince(roomId, people) {
      const values = [roomId, people.map(({ personId }) => personId), people.map(({ sinceMs }) => sinceMs)];
      return new Set((await db.query<{ buyerId: string }>(buyersSince, values)).rows.map(({ buyerId }) => buyerId));
    },
    async standingOf(orderId) {
      return (await db.query<OrderStanding>(standingOf, [orderId])).rows[0] ?? null;
    },
  };
}
