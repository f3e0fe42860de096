import { minorDigits } from '../../../shared/codes.ts';
import { AppError } from '../../../shared/errors.ts';
import { catalogLimits } from '../../../shared/limits.ts';
import type { Shop } from '../../../shared/protocol/catalog.ts';
import type { Queryable } from '../../platform/postgres.ts';

const lockShop = `SELECT currency FROM shops WHERE shop_id = $1 FOR UPDATE`;
const hasOffers = `SELECT FROM offers WHERE merchant_id = $1 AND state <> 'discarded' LIMIT 1`;
/** Products before their variants, as whoever changes one. */
const lockProducts = `SELECT FROM products WHERE shop_id = $1 ORDER BY product_id FOR UPDATE`;
/** Before their prices of before, as whoever changes one, and in the order in which all who lock several lock them. */
const lockSkus = `
  SELECT FROM skus JOIN products USING (product_id) WHERE shop_id = $1 ORDER BY sku_id FOR UPDATE OF skus`;
const setCurrency = `UPDATE shops SET currency = $2 WHERE shop_id = $1`;

const amounts = `
  SELECT price_minor AS minor FROM skus JOIN products USING (product_id) WHERE shop_id = $1
  UNION ALL SELECT compare_at_minor FROM skus JOIN products USING (product_id) WHERE shop_id = $1
  UNION ALL SELECT fee_minor FROM shipping_rates WHERE shop_id = $1
  UNION ALL SELECT free_from_minor FROM shipping_rates WHERE shop_id = $1`;
/** Amounts that can't be written in the other currency: $2 is what they are multiplied with, $3 the most. */
const unwritable = `SELECT FROM (${amounts}) AS amounts WHERE mod(minor * $2::numeric, 1) <> 0 OR minor * $2::numeric > $3 LIMIT 1`;
const rewriteSkus = `
  UPDATE skus SET price_minor = price_minor * $2::numeric, compare_at_minor = compare_at_minor * $2::numeric
  WHERE product_id IN (SELECT product_id FROM products WHERE shop_id = $1)`;
/** Who saw 12.50 in one currency has not seen 12.50 in the other. */
const raiseVersions = `UPDATE products SET version = version + 1 WHERE shop_id = $1`;
/** What prices were before, too. What can't be written in the other currency is rounded: it is no price of anything any more. */
const rewriteHistory = `
  UPDATE catalog_prices SET price_minor = round(price_minor * $2::numeric), currency = $3
  WHERE sku_id IN (SELECT sku_id FROM skus JOIN products USING (product_id) WHERE shop_id = $1)`;
const rewriteRates = `
  UPDATE shipping_rates SET fee_minor = fee_minor * $2::numeric, free_from_minor = free_from_minor * $2::numeric WHERE shop_id = $1`;

/**
 * Corrects the currency of a shop inside a transaction. Amounts stay as they are written: 12.50 stays 12.50, whatever the
 * minor unit. Does nothing where there is no shop yet, or it has this currency already.
 *
 * @throws AppError CONFLICT once something was put on sale (offers, orders and books rely on the currency), or when an amount
 *   can't be written in the other one.
 */
export async function correctCurrency(client: Queryable, { shopId, currency }: Shop): Promise<void> {
  const before = (await client.query<{ currency: string }>(lockShop, [shopId])).rows[0]?.currency;
  if (before === undefined || before === currency) return;
  if ((await client.query(hasOffers, [shopId])).rowCount)
    throw new AppError(
      'CONFLICT',
      `This shop has put things on sale in ${before}: its currency can't be changed any more.`,
      { reason: 'currency-fixed' },
    );
  await client.query(lockProducts, [shopId]);
  await client.query(lockSkus, [shopId]);
  const factor = 10 ** (minorDigits(currency) - minorDigits(before));
  if ((await client.query(unwritable, [shopId, factor, catalogLimits.priceMinorMax])).rowCount)
    throw new AppError('CONFLICT', `Some amounts of this shop can't be written in ${currency}: change them first.`, {
      reason: 'amounts-not-in-currency',
    });
  await client.query(rewriteHistory, [shopId, factor, currency]);
  for (const rewrite of factor === 1 ? [] : [rewriteSkus, rewriteRates]) await client.query(rewrite, [shopId, factor]);
  await client.query(raiseVersions, [shopId]);
  await client.query(setCurrency, [shopId, currency]);
}
