import { isThere } from '../../platform/due-work.ts';
import { inTransaction, type Db } from '../../platform/postgres.ts';
import type { OfferRef } from '../sale/gate.ts';
import { hasItsOrder } from '../sale/waiters.pg.ts';
import type { OfferRow } from './offer-row.ts';
import { columns, inSteps, lockRoom, rowsPerPage, soldOut } from './offer-rows.pg.ts';
import type { OfferStore, SellOut, UntoldOrder } from './offer-store.ts';

const untold = `
  SELECT ${columns} FROM offers WHERE untold_since < now() - $3 * interval '1 ms' AND offer_id > $1 ORDER BY offer_id LIMIT $2`;
/** Not when the offer has gone on since: then there is more to tell. */
const told = `
  UPDATE offers SET untold_since = NULL, untold_change = false WHERE offer_id = $1 AND untold_since = $2::timestamptz`;
const announced = `UPDATE offers SET announced = true WHERE offer_id = $1 AND NOT announced`;
const missed = `SELECT person_id AS "personId" FROM offer_waiters WHERE offer_id = $1 AND state = 'missed'`;

/**
 * Joining does not lock the offer, so that a crowd in line can't hold up the orders of it: a ticket may be committed just after
 * the closing has looked for tickets. An hour is far longer than any statement takes.
 */
const endStragglers = `
  UPDATE offer_waiters w SET state = 'missed' FROM offers o
  WHERE w.offer_id = o.offer_id AND w.state = 'waiting' AND o.state = 'closed' AND o.closed_at > now() - interval '1 hour'
    AND NOT ${hasItsOrder}
  RETURNING w.offer_id AS "offerId", o.room_id AS "roomId", w.person_id AS "personId"`;

/** Rows of several offers are locked in the order in which a batch of purchases locks them: any other could deadlock with it. */
const lockToOrder = `SELECT FROM offers WHERE room_id = $1 ORDER BY offer_id FOR UPDATE`;
const orderNow = `
  SELECT offer_id AS "offerId" FROM offers WHERE room_id = $1 AND state IN ('draft', 'open') ORDER BY position, item_number`;
const orderOffers = `
  UPDATE offers SET position = p.position
  FROM (SELECT offer_id, row_number() OVER (ORDER BY array_position($2::uuid[], offer_id) NULLS LAST, position) AS position
        FROM offers WHERE room_id = $1) p
  WHERE offers.offer_id = p.offer_id AND offers.position <> p.position`;
const noteOrder = `
  INSERT INTO offer_orders_untold (room_id) VALUES ($1) ON CONFLICT (room_id) DO UPDATE SET since = EXCLUDED.since
  RETURNING since::text AS since`;
const untoldOrders = `
  SELECT room_id AS "roomId", since::text AS since FROM offer_orders_untold
  WHERE since < now() - $1 * interval '1 ms' ORDER BY since LIMIT $2`;
const orderTold = `DELETE FROM offer_orders_untold WHERE room_id = $1 AND since = $2::timestamptz`;

const sellOutOf = `SELECT sell_out AS number, epoch FROM offers WHERE offer_id = $1 AND ${soldOut}`;
const sellOutTold = `UPDATE offers SET sell_out_told = $2 WHERE offer_id = $1 AND sell_out_told < $2`;
const sellOutsUntold = `
  SELECT offer_id AS "offerId", room_id AS "roomId" FROM offers
  WHERE offer_id > $1 AND sell_out_told < sell_out AND ${soldOut} ORDER BY offer_id LIMIT $2`;

/** An offer of which something has yet to be told, or an order of offers; most are, within a moment, by whoever changed it. */
export const someOfferIsUntold = `
  (${isThere(`SELECT 1 FROM offers WHERE untold_since IS NOT NULL ORDER BY untold_since`)}
    OR EXISTS (SELECT FROM offer_orders_untold))`;

type News = Pick<
  OfferStore,
  | 'untold'
  | 'told'
  | 'announced'
  | 'missed'
  | 'endStragglers'
  | 'order'
  | 'untoldOrders'
  | 'orderTold'
  | 'sellOutOf'
  | 'sellOutTold'
  | 'sellOutsUntold'
>;

/** What rooms, and people in line, have yet to be told of offers. */
export function createOfferNews(db: Db): News {
  return {
    untold: (ageMs) => inSteps((after, rows) => db.query<OfferRow>(untold, [after, rows, ageMs])),
    async told({ offerId, untoldSince }) {
      await db.query(told, [offerId, untoldSince]);
    },
    async announced(offerId) {
      await db.query(announced, [offerId]);
    },
    missed: async (offerId) =>
      (await db.query<{ personId: string }>(missed, [offerId])).rows.map(({ personId }) => personId),
    endStragglers: async () => (await db.query<OfferRef & { personId: string }>(endStragglers)).rows,

    order: (roomId, offerIds, check) =>
      inTransaction(db, async (client) => {
        await client.query(lockRoom, [roomId]);
        await client.query(lockToOrder, [roomId]);
        check((await client.query<{ offerId: string }>(orderNow, [roomId])).rows.map(({ offerId }) => offerId));
        await client.query(orderOffers, [roomId, offerIds]);
        return (await client.query<UntoldOrder>(noteOrder, [roomId])).rows[0]!.since;
      }),
    untoldOrders: async (ageMs) => (await db.query<UntoldOrder>(untoldOrders, [ageMs, rowsPerPage])).rows,
    async orderTold({ roomId, since }) {
      await db.query(orderTold, [roomId, since]);
    },

    sellOutOf: async (offerId) => (await db.query<SellOut>(sellOutOf, [offerId])).rows[0] ?? null,
    async sellOutTold(offerId, { number }) {
      await db.query(sellOutTold, [offerId, number]);
    },
    sellOutsUntold: () => inSteps((after, rows) => db.query<OfferRef>(sellOutsUntold, [after, rows])),
  };
}
