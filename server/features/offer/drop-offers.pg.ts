import type { DropOffer, DropOffers } from './drop-offers.ts';

const lock = `
  SELECT room_id AS "roomId", audience = 'right' AS "isForRights", state = 'open' AS "isOpen",
    closes_at IS NOT NULL AS "endsByItself", price_minor AS "priceMinor", currency, limit_units AS "limitUnits",
    supply_units - withdrawn_units - sold_units AS "unsoldUnits"
  FROM offers WHERE offer_id = $1 FOR UPDATE`;

export function createDropOffers(): DropOffers {
  return { lock: async (client, offerId) => (await client.query<DropOffer>(lock, [offerId])).rows[0] ?? null };
}
