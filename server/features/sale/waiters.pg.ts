import { isThere } from '../../platform/due-work.ts';
import { noId, pages } from '../../platform/pages.ts';
import type { Queryable } from '../../platform/postgres.ts';
import type { OfferRef } from './gate.ts';
import {
  placeKeyPrefix,
  type EndOfWaiting,
  type LeftOrder,
  type Ticket,
  type WaiterRow,
  type WaiterStore,
} from './waiters.ts';

/** Of a place `w`: units are held for it, which somebody has yet to note. Nothing changes it while the offer is locked, and once it is closed. */
export const hasItsOrder = `
  EXISTS (SELECT FROM orders o
    WHERE o.buyer_id = w.person_id AND o.request_key = '${placeKeyPrefix}' || w.ticket AND o.state <> 'abandoned')`;

/** The update changes nothing; it makes RETURNING answer with the row that is there. */
const join = `
  INSERT INTO offer_waiters (offer_id, person_id, units)
  SELECT $1, person_id, units FROM unnest($2::uuid[], $3::int[]) WITH ORDINALITY AS a (person_id, units, place) ORDER BY place
  ON CONFLICT (offer_id, person_id) WHERE state = 'waiting' DO UPDATE SET units = offer_waiters.units
  RETURNING person_id AS "personId", ticket, units`;

const findAll = `
  SELECT w.ticket, w.person_id AS "personId", p.display_name AS name, w.units
  FROM offer_waiters w JOIN people p USING (person_id)
  WHERE w.offer_id = $1 AND w.person_id = ANY($2::uuid[]) AND w.state = 'waiting'`;

const haveOrders = `
  SELECT w.ticket, w.person_id AS "personId", p.display_name AS name, w.units
  FROM (SELECT * FROM offer_waiters WHERE offer_id = $1 AND state = 'waiting' ORDER BY ticket LIMIT $2) w
  JOIN people p USING (person_id) WHERE ${hasItsOrder} ORDER BY w.ticket`;

/** Locked in one order: another gateway may be serving the same line. */
const endAll = `
  UPDATE offer_waiters w SET state = e.state, order_id = e.order_id
  FROM (
    SELECT a.* FROM unnest($1::bigint[], $2::text[], $3::uuid[]) AS a (ticket, state, order_id)
    JOIN offer_waiters before USING (ticket) WHERE before.state = 'waiting' ORDER BY ticket FOR UPDATE OF before
  ) e
  WHERE w.ticket = e.ticket AND w.state = 'waiting' RETURNING w.ticket`;

const hasLeft = `SELECT FROM offer_waiters WHERE ticket = $1 AND state = 'left'`;

const offers = `
  SELECT DISTINCT offer_id AS "offerId", f.room_id AS "roomId" FROM offers f JOIN offer_waiters w USING (offer_id)
  WHERE w.state = 'waiting' AND (f.state = 'open' OR ${hasItsOrder})`;

/** Orders that hold units for a place in line; the index orders_of_places has them. */
const isOfPlace = `o.state = 'held' AND o.request_key LIKE '${placeKeyPrefix}%'`;

const heldForLeft = `
  SELECT o.order_id AS "orderId", w.person_id AS "personId"
  FROM orders o JOIN offer_waiters w ON w.ticket = substr(o.request_key, ${placeKeyPrefix.length + 1})::bigint
  WHERE ${isOfPlace} AND w.state = 'left' AND o.order_id > $1 ORDER BY o.order_id LIMIT $2`;

/** Places that are looked at in one go. */
const rowsPerPage = 500;

/** What serving the lines waits for: somebody waits, or has an order of their place, which may have been given up. */
export const someLineMoves = `(
  ${isThere(`SELECT 1 FROM offer_waiters WHERE state = 'waiting' ORDER BY offer_id, ticket`)}
  OR ${isThere(`SELECT 1 FROM orders o WHERE ${isOfPlace} ORDER BY o.order_id`)})`;

const forget = `DELETE FROM offer_waiters WHERE ticket = $1 AND state = 'waiting'`;

const endGone = `
  UPDATE offer_waiters SET state = 'left' WHERE offer_id = $1 AND person_id = $2 AND state = 'waiting'
    AND NOT EXISTS (SELECT FROM people WHERE person_id = $2)`;

export function createWaiterStore(db: Queryable): WaiterStore {
  return {
    async join(offerId, people) {
      const values = [offerId, people.map(({ personId }) => personId), people.map(({ units }) => units)];
      const { rows } = await db.query<Ticket & { personId: string }>(join, values);
      return new Map(rows.map(({ personId, ...ticket }) => [personId, ticket]));
    },
    async forget(ticket) {
      await db.query(forget, [ticket]);
    },
    async endGone(offerId, personId) {
      await db.query(endGone, [offerId, personId]);
    },
    find: async (offerId, personId) => (await waitersOf(offerId, [personId])).get(personId) ?? null,
    findAll: waitersOf,
    haveOrders: async (offerId, peopleMax) => (await db.query<WaiterRow>(haveOrders, [offerId, peopleMax])).rows,
    end: async (ticket, state) => (await endThose([{ ticket, state }])).has(ticket),
    endAll: endThose,
    offers: async () => (await db.query<OfferRef>(offers)).rows,
    heldForLeft: () =>
      pages({
        first: noId,
        keyOf: ({ orderId }) => orderId,
        read: async (after, rows) => (await db.query<LeftOrder>(heldForLeft, [after, rows])).rows,
        rowsPerPage,
      }),
    hasLeft: async (ticket) => (await db.query(hasLeft, [ticket])).rowCount === 1,
  };

  async function waitersOf(offerId: string, personIds: readonly string[]): Promise<Map<string, WaiterRow>> {
    const { rows } = await db.query<WaiterRow>(findAll, [offerId, personIds]);
    return new Map(rows.map((row) => [row.personId, row]));
  }

  async function endThose(ends: readonly EndOfWaiting[]): Promise<Set<number>> {
    if (ends.length === 0) return new Set();
    const orderIds = ends.map(({ orderId }) => orderId ?? null);
    const values = [ends.map(({ ticket }) => ticket), ends.map(({ state }) => state), orderIds];
    return new Set((await db.query<{ ticket: number }>(endAll, values)).rows.map(({ ticket }) => ticket));
  }
}
