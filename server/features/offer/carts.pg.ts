import { inTransaction, type Db } from '../../platform/postgres.ts';
import type { Cart } from './cart.ts';
import type { CartStore } from './offer-store.ts';

/**
 * A line is gone while it is held and once it was paid since it was put there; an order that ends without either gives it back. Found out on
 * reading: the path of a purchase writes nothing for it, and no crash can come between.
 */
const isIn = (states: string): string => `EXISTS (
  SELECT FROM orders o JOIN order_lines l USING (order_id)
  WHERE o.buyer_id = c.person_id AND l.offer_id = c.offer_id AND o.held_at >= c.put_at AND o.state ${states})`;
const isHeldOrPaid = isIn(`NOT IN ('abandoned', 'expired', 'cancelled')`);
const isPaid = isIn(`NOT IN ('abandoned', 'expired', 'cancelled', 'held')`);

const get = `
  SELECT c.offer_id AS "offerId", c.units FROM cart_lines c
  WHERE c.person_id = $1 AND c.room_id = $2 AND NOT ${isHeldOrPaid} ORDER BY c.put_at, c.offer_id`;

const removePaid = `DELETE FROM cart_lines c WHERE c.person_id = $1 AND c.room_id = $2 AND ${isPaid}`;
/** Nobody sees that they take room: they are the first to go. */
const removeHeld = `DELETE FROM cart_lines c WHERE c.person_id = $1 AND c.room_id = $2 AND ${isHeldOrPaid}`;

/** Lines of one person are counted and put by one transaction at a time: together they would be more than there is room for. */
const lockPerson = `SELECT pg_advisory_xact_lock(hashtextextended('nightmarket:cart:' || $1, 0))`;

/** A line that is there may always change; a new one needs room. */
const put = `
  INSERT INTO cart_lines (person_id, room_id, offer_id, units)
  SELECT $1, $2, $3, $4
  WHERE EXISTS (SELECT FROM cart_lines WHERE person_id = $1 AND room_id = $2 AND offer_id = $3)
    OR (SELECT count(*) FROM cart_lines WHERE person_id = $1 AND room_id = $2) < $5
  ON CONFLICT (person_id, room_id, offer_id) DO UPDATE SET units = EXCLUDED.units, put_at = now()`;

const remove = `DELETE FROM cart_lines WHERE person_id = $1 AND room_id = $2 AND offer_id = ANY($3::uuid[])`;

export function createCartStore(db: Db): CartStore {
  return {
    get: async (personId, roomId) => ({ lines: (await db.query<Cart['lines'][number]>(get, [personId, roomId])).rows }),
    async put(personId, roomId, offerId, units, linesMax) {
      if (units === 0) {
        await db.query(remove, [personId, roomId, [offerId]]);
        return true;
      }
      return inTransaction(db, async (client) => {
        await client.query(lockPerson, [personId]);
        await client.query(removePaid, [personId, roomId]);
        const putLine = async () =>
          (await client.query(put, [personId, roomId, offerId, units, linesMax])).rowCount === 1;
        if (await putLine()) return true;
        await client.query(removeHeld, [personId, roomId]);
        return putLine();
      });
    },
  };
}
