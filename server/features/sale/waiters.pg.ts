import type { Queryable } from '../../platform/postgres.ts';
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
  UPDATE offer_waiters SET state = $3, order_id = $4 WHERE offer_id = $1 AND person_id = $2 AND state = 'waiting'`;

const hasLeft = `SELECT FROM offer_waiters WHERE ticket = $1 AND state = 'left'`;

const forget = `DELETE FROM offer_waiters WHERE offer_id = $1 AND person_id = $2 AND state = 'waiting'`;

export function createWaiterStore(db: Queryable): WaiterStore {
  return {
    async join(offerId, people) {
      const values = [offerId, people.map(({ personId }) => personId), people.map(({ units }) => units)];
      const { rows } = await db.query<Ticket & { personId: string }>(join, values);
      return new Map(rows.map(({ personId, ...ticket }) => [personId, ticket]));
    },
    async forget(offerId, personId) {
      await db.query(forget, [offerId, personId]);
    },
    find: async (offerId, personId) => (await db.query<WaiterRow>(find, [offerId, personId])).rows[0] ?? null,
    async end(offerId, personId, state, orderId) {
      const { rowCount } = await db.query(end, [offerId, personId, state, orderId ?? null]);
      return rowCount === 1;
    },
    hasLeft: async (ticket) => (await db.query(hasLeft, [ticket])).rowCount === 1,
  };
}
