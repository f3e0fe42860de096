import { noId, rowsOf } from '../../platform/pages.ts';
import { msOf, type Queryable } from '../../platform/postgres.ts';
import type { OfferRef } from '../sale/gate.ts';
import { audienceColumn } from '../sale/offer-terms.pg.ts';
import type { OfferRow } from './offer-row.ts';

/** Column list of an OfferRow. */
export const columns = `
  offer_id AS "offerId", room_id AS "roomId", host_id AS "hostId", merchant_id AS "merchantId", sku_id AS "skuId",
  product_id AS "productId", kind, item_number AS "itemNumber", title, option_values AS "optionValues", image_url AS "imageUrl",
  requires_shipping AS "requiresShipping", rehearsal, currency, price_minor AS "priceMinor", list_price_minor AS "listPriceMinor",
  lowest_price_minor AS "lowestPriceMinor", limit_units AS "limitUnits", allotment_units AS "allotmentUnits",
  ${audienceColumn},
  state, epoch, supply_units AS "supplyUnits", held_units AS "heldUnits", sold_units AS "soldUnits",
  withdrawn_units AS "withdrawnUnits", countdown_seconds AS "countdownSeconds", duration_seconds AS "durationSeconds",
  ${msOf('opens_at')} AS "opensAtMs", ${msOf('closes_at')} AS "closesAtMs", ${msOf('pinned_at')} AS "pinnedAtMs",
  pinned_stream_ms AS "pinnedStreamMs", request_key AS "requestKey",
  untold_since::text AS "untoldSince", untold_change AS "untoldChange", announced`;

/** True of an open offer that has no unit left. */
export const soldOut = `state = 'open' AND held_units + sold_units + withdrawn_units >= supply_units`;

/** Item numbers, places and pins of one room are given out by one transaction at a time. */
export const lockRoom = `SELECT pg_advisory_xact_lock(hashtextextended('nightmarket:offers:' || $1, 0))`;

export const rowsPerPage = 500;

/** The first row, if there is one. */
export async function one(client: Queryable, statement: string, values: unknown[]): Promise<OfferRow | null> {
  return (await client.query<OfferRow>(statement, values)).rows[0] ?? null;
}

/** Offers of a long list, in order of their ids. `query` reads so many of those behind an id. */
export const inSteps = <Row extends OfferRef>(
  query: (after: string, rows: number) => Promise<{ rows: Row[] }>,
): AsyncIterable<Row> =>
  rowsOf({
    first: noId,
    keyOf: ({ offerId }) => offerId,
    read: async (after, rows) => (await query(after, rows)).rows,
    rowsPerPage,
  });
