import type { Queryable } from '../../platform/postgres.ts';
import type { RightsToBuy, RightToBuy } from './rights-to-buy.ts';

/** The one that ends last: a person may have won the same offer in two drops. */
const find = `
  SELECT right_id AS "rightId", person_id AS "personId", offer_id AS "offerId",
    (extract(epoch FROM expires_at) * 1000)::bigint AS "expiresAtMs"
  FROM rights_to_buy WHERE person_id = $1 AND offer_id = $2 AND expires_at > to_timestamp($3::float8 / 1000)
  ORDER BY expires_at DESC LIMIT 1`;

export function createRightsToBuy(db: Queryable, nowMs: () => number): RightsToBuy {
  return {
    async find(personId, offerId) {
      return (await db.query<RightToBuy>(find, [personId, offerId, nowMs()])).rows[0] ?? null;
    },
  };
}
