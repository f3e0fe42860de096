import { isThere } from '../../platform/due-work.ts';
import { noId, pages } from '../../platform/pages.ts';
import { msOf, type Queryable } from '../../platform/postgres.ts';
import type { OfferTerms, OfferTermsStore, OpenOffer } from './offer-terms.ts';

/** Column that makes the Audience of an offer. */
export const audienceColumn = `
  CASE WHEN audience = 'fans' THEN jsonb_build_object('who', audience, 'levelMin', COALESCE(fan_level_min, 1))
    WHEN early_seconds IS NOT NULL THEN
      jsonb_build_object('who', audience, 'early', jsonb_build_object('levelMin', early_level_min, 'seconds', early_seconds))
    ELSE jsonb_build_object('who', audience) END AS audience`;

/** Column list of OfferTerms over the table offers. */
export const termsColumns = `
  offer_id AS "offerId", room_id AS "roomId", host_id AS "hostId", merchant_id AS "merchantId", sku_id AS "skuId", state,
  epoch, currency, price_minor AS "priceMinor", limit_units AS "limitUnits",
  COALESCE(${msOf('opens_at')}, 0) AS "opensAtMs", ${msOf('closes_at')} AS "closesAtMs",
  ${audienceColumn}`;

const find = `SELECT ${termsColumns} FROM offers WHERE offer_id = ANY($1::uuid[])`;

const open = `
  SELECT offer_id AS "offerId", room_id AS "roomId", epoch, ${msOf('closes_at')} AS "closesAtMs"
  FROM offers WHERE state = 'open' AND offer_id > $1 ORDER BY offer_id LIMIT $2`;

/** What work on open offers waits for. */
export const someOfferIsOpen = isThere(`SELECT 1 FROM offers WHERE state = 'open' ORDER BY closes_at`);

const openPerPage = 1_000;

export function createOfferTermsStore(db: Queryable): OfferTermsStore {
  return {
    find: async (offerIds) => (await db.query<OfferTerms>(find, [offerIds])).rows,
    open: () =>
      pages({
        first: noId,
        keyOf: ({ offerId }) => offerId,
        read: async (after, rows) => (await db.query<OpenOffer>(open, [after, rows])).rows,
        rowsPerPage: openPerPage,
      }),
  };
}
