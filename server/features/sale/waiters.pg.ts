import type { Queryable } from '../../platform/postgres.ts';
import type { OfferRef } from './gate.ts';
import type { Ticket, WaiterRow, WaiterStore } from './waiters.ts';

/** The update changes nothing; it makes RETURNING answer with the row that is there. */
const join = `
  INSERT INTO offer_waiters (offer_id, person_id, units)
  SELECT $1, person_id, units FROM unnest($2::uuid[], $3::int[]) WITH ORDINALITY AS a (person_id, units, place) ORDER BY place
  ON CONFLICT (offer_id, person_id) WHERE state = 'waiting' DO UPDATE SET units = offer_waiters.units
  RETURNING person_id AS "personId", ticket, units`;

const find = `
  SELECT w.ticket, w.person_id AS "personId", p.display_name AS name, w.units
  FROM offer_waiters w JOIN people p USING (person_id)
  WHERE w.offer_id = $1 AND w.person_id = $2 AND w.state = 'waiting'`;

const end = `
  UPDATE offer_waiters SET state = $2, order_id = $3 WHERE ticket = $1 AND state = 'waiting'`;

const hasLeft = `SELECT FROM offer_waiters WHERE ticket = $1 AND state = 'left'`;

const offers = `
  SELECT offer_id AS "offerId", room_id AS "roomId" FROM offers
  WHERE state = 'open' AND offer_id IN (SELECT offer_id FROM offer_waiters WHERE state = 'waiting')`;

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
    find: async (offerId, personId) => (await db.query<WaiterRow>(find, [offerId, personId])).rows[0] ?? null,
    async end(ticket, state, orderId) {
      const { rowCount } = await db.query(end, [ticket, state, orderId ?? null]);
      return rowCount === 1;
    },
    offers: async () => (await db.query<OfferRef>(offers)).rows,
    hasLeft: async (ticket) => (await db.query(hasLeft, [ticket])).rowCount === 1,
  };
}
