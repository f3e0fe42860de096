import type { Queryable } from '../../platform/postgres.ts';
import type { RightsToBuy, RightToBuy } from './rights-to-buy.ts';

/** A person may have won the same offer in several drops. */
const ofPerson = `
  SELECT right_id AS "rightId", person_id AS "personId", offer_id AS "offerId", units,
    (extract(epoch FROM expires_at) * 1000)::bigint AS "expiresAtMs"
  FROM rights_to_buy
  WHERE person_id = $1 AND offer_id = $2 AND expires_at > to_timestamp($3::float8 / 1000) AND NOT passed_on
  ORDER BY expires_at LIMIT 20`;
const areIn = `
  SELECT EXISTS (
    SELECT FROM rights_to_buy r JOIN offers o USING (offer_id)
    WHERE r.person_id = $2 AND o.room_id = $1 AND r.expires_at > to_timestamp($3::float8 / 1000) AND NOT r.passed_on
  ) AS there`;

export function createRightsToBuy(db: Queryable, nowMs: () => number): RightsToBuy {
  return {
    async ofPerson(personId, offerId) {
      return (await db.query<RightToBuy>(ofPerson, [personId, offerId, nowMs()])).rows;
    },
    async areIn(roomId, personId) {
      return (await db.query<{ there: boolean }>(areIn, [roomId, personId, nowMs()])).rows[0]!.there;
    },
  };
}
