import type { Queryable } from '../../platform/postgres.ts';
import type { WaiterRow, WaiterStore } from './waiters.ts';

/** The update changes nothing; it makes RETURNING answer with the row that is there. */
const join = `
  INSERT INTO offer_waiters (offer_id, person_id, units) VALUES ($1, $2, $3)
  ON CONFLICT (offer_id, person_id) WHERE state = 'waiting' DO UPDATE SET units = offer_waiters.units
  RETURNING ticket, units`;

const find = `
  SELECT w.ticket, w.person_id AS "personId", p.display_name AS name, w.units
  FROM offer_waiters w JOIN people p USING (person_id)
  WHERE w.offer_id = $1 AND w.person_id = $2 AND w.state = 'waiting'`;

const end = `
  UPDATE offer_waiters SET state = $3, order_id = $4 WHERE offer_id = $1 AND person_id = $2 AND state = 'waiting'`;

const forget = `DELETE FROM offer_waiters WHERE offer_id = $1 AND person_id = $2 AND state = 'waiting'`;

export function createWaiterStore(db: Queryable): WaiterStore {
  return {
    async join(offerId, personId, units) {
      const { rows } = await db.query<{ ticket: number; units: number }>(join, [offerId, personId, units]);
      return rows[0]!;
    },
    async forget(offerId, personId) {
      await db.query(forget, [offerId, personId]);
    },
    find: async (offerId, personId) => (await db.query<WaiterRow>(find, [offerId, personId])).rows[0] ?? null,
    async end(offerId, personId, state, orderId) {
      const { rowCount } = await db.query(end, [offerId, personId, state, orderId ?? null]);
      return rowCount === 1;
    },
  };
}
