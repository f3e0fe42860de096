import type { Queryable } from '../../platform/postgres.ts';
import type { DropOffer, DropOffers } from './drop-offers.ts';

const find = `
  SELECT room_id AS "roomId", audience = 'right' AS "isForRights", state = 'closed' AS "hasEnded",
    allotment_units AS "allotmentUnits", limit_units AS "limitUnits"
  FROM offers WHERE offer_id = $1`;

export function createDropOffers(db: Queryable): DropOffers {
  return { find: async (offerId) => (await db.query<DropOffer>(find, [offerId])).rows[0] ?? null };
}
