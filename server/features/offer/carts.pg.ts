import type { Queryable } from '../../platform/postgres.ts';
import type { Cart } from './cart.ts';
import type { CartStore } from './offer-store.ts';

const get = `
  SELECT offer_id AS "offerId", units FROM cart_lines WHERE person_id = $1 AND room_id = $2 ORDER BY put_at, offer_id`;

/** A line that is there may always change; a new one needs room. */
const put = `
  INSERT INTO cart_lines (person_id, room_id, offer_id, units)
  SELECT $1, $2, $3, $4
  WHERE EXISTS (SELECT FROM cart_lines WHERE person_id = $1 AND room_id = $2 AND offer_id = $3)
    OR (SELECT count(*) FROM cart_lines WHERE person_id = $1 AND room_id = $2) < $5
  ON CONFLICT (person_id, room_id, offer_id) DO UPDATE SET units = EXCLUDED.units`;

const remove = `DELETE FROM cart_lines WHERE person_id = $1 AND room_id = $2 AND offer_id = ANY($3::uuid[])`;

export function createCartStore(db: Queryable): CartStore {
  return {
    get: async (personId, roomId) => ({ lines: (await db.query<Cart['lines'][number]>(get, [personId, roomId])).rows }),
    async put(personId, roomId, offerId, units, linesMax) {
      if (units === 0) {
        await db.query(remove, [personId, roomId, [offerId]]);
        return true;
      }
      const { rowCount } = await db.query(put, [personId, roomId, offerId, units, linesMax]);
      return rowCount === 1;
    },
    async remove(personId, roomId, offerIds) {
      await db.query(remove, [personId, roomId, offerIds]);
    },
  };
}
