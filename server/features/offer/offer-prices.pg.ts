import type { Queryable } from '../../platform/postgres.ts';
import type { OfferRow } from './offer-row.ts';

/** Of the prices of a SKU those of the 30 days before an offer opens at `start`. One that ended before its sale had begun was nobody's. */
const inDaysBefore = (start: string): string => `
  from_at < ${start} AND COALESCE(until_at, ${start}) > ${start} - interval '30 days' AND (until_at IS NULL OR until_at > from_at)`;

/** What SKUs were sold for live, and what they stood at in the catalog. */
const prices = `
  (SELECT sku_id, currency, price_minor, from_at, until_at, offer_id FROM offer_prices
   UNION ALL SELECT sku_id, currency, price_minor, from_at, until_at, NULL FROM catalog_prices)`;

/** The lowest this SKU was sold for in the 30 days before an offer opens, or changes its price, live or in the catalog; $3: what it is now. */
const lowestPrice = `
  SELECT LEAST($3::bigint, min(price_minor)) AS minor
  FROM ${prices} p, (SELECT COALESCE(to_timestamp($4::bigint / 1000.0), now()) AS start_at) opening
  WHERE sku_id = $1 AND currency = $2 AND ${inDaysBefore('start_at')}`;

/**
 * A lower price may come between the call that schedules an opening and the opening: looked at just before it, so that nobody sees another
 * one, and for the last time after it. Rows are locked as batches of purchases lock them.
 */
const noteLowest = `
  UPDATE offers SET lowest_noted = opens_at <= now(), lowest_price_minor = seen.minor,
    untold_since = CASE WHEN is_lower THEN now() ELSE untold_since END, untold_change = untold_change OR is_lower
  FROM (
    SELECT offer_id, LEAST(minor, lowest_price_minor) AS minor, COALESCE(minor < lowest_price_minor, false) AS is_lower
    FROM offers opening CROSS JOIN LATERAL (
      SELECT min(price_minor) AS minor FROM ${prices} p
      WHERE p.sku_id = opening.sku_id AND p.currency = opening.currency AND p.offer_id IS DISTINCT FROM opening.offer_id
        AND ${inDaysBefore('opening.opens_at')}) before
    WHERE state = 'open' AND NOT lowest_noted AND opens_at <= now() + interval '1 second'
      AND (opens_at <= now() OR minor < lowest_price_minor)
    ORDER BY offer_id FOR UPDATE OF opening) seen
  WHERE offers.offer_id = seen.offer_id`;

/** Of the offers that this is done for, the one that opens first opens about now. */
export const someLowestIsToNote = `
  (SELECT min(opens_at) FROM offers WHERE state = 'open' AND NOT lowest_noted) <= now() + interval '1 second'`;

/** By the clock, not by the begin of the transaction: it may have waited for the offer's row while the first paid the price of before. */
const endPrices = `UPDATE offer_prices SET until_at = clock_timestamp() WHERE offer_id = $1 AND until_at IS NULL RETURNING until_at`;
/** From the moment on at which the price of before ends. */
const nextPrice = `
  WITH ended AS (${endPrices})
  INSERT INTO offer_prices (offer_id, epoch, sku_id, price_minor, currency, from_at)
  VALUES ($1, $2, $3, $4, $5, GREATEST(COALESCE((SELECT max(until_at) FROM ended), clock_timestamp()), to_timestamp($6::bigint / 1000.0)))`;

/** What it is sold for from now on, or from its opening on. */
export async function changePrice(client: Queryable, offer: OfferRow): Promise<void> {
  const { offerId, epoch, skuId, priceMinor, currency, opensAtMs } = offer;
  await client.query(nextPrice, [offerId, epoch, skuId, priceMinor, currency, opensAtMs]);
}

/** What it was sold for ends with it. */
export async function endPricesOf(client: Queryable, offerId: string): Promise<void> {
  await client.query(endPrices, [offerId]);
}

/** The lowest price of the SKU in the 30 days before the offer opens; `opensAtMs` null: before now. `priceNowMinor` is among them. */
export async function lowestPriceOf(
  client: Queryable,
  { skuId, currency }: OfferRow,
  priceNowMinor: number,
  opensAtMs: number | null,
): Promise<number> {
  const { rows } = await client.query<{ minor: number }>(lowestPrice, [skuId, currency, priceNowMinor, opensAtMs]);
  return rows[0]!.minor;
}

/** Of offers that open about now: what was lower than was known when they were scheduled. */
export async function noteLowestPrices(db: Queryable): Promise<void> {
  await db.query(noteLowest);
}
