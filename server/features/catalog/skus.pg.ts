import { AppError } from '../../../shared/errors.ts';
import { msOf, violates, type Queryable } from '../../platform/postgres.ts';
import type { SkuDraft } from './product-rows.ts';

const insert = `
  INSERT INTO skus (sku_id, product_id, option_values, code, barcode, price_minor, compare_at_minor, weight_grams,
    requires_shipping, image_url, csv_columns, position)
  SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, coalesce(max(position), 0) + 1 FROM skus WHERE product_id = $2`;

const update = `
  UPDATE skus SET code = $2, barcode = $3, price_minor = $4, compare_at_minor = $5, weight_grams = $6,
    requires_shipping = $7, image_url = $8, csv_columns = $9
  WHERE sku_id = $1 AND archived_at IS NULL`;

/** The product's row is locked first, so that two calls can't archive its last two variants at once. */
const lockProduct = `SELECT product_id FROM products WHERE product_id = (SELECT product_id FROM skus WHERE sku_id = $1) FOR UPDATE`;
const archive = `
  WITH gone AS (
    UPDATE skus SET archived_at = now() WHERE sku_id = $1 AND archived_at IS NULL AND EXISTS (
      SELECT FROM skus AS other
      WHERE other.product_id = skus.product_id AND other.sku_id <> $1 AND other.archived_at IS NULL)
    RETURNING product_id)
  UPDATE products SET version = version + 1 FROM gone WHERE products.product_id = gone.product_id`;

const movements = `
  SELECT movement_id AS "movementId", delta_units AS "deltaUnits", free_units AS "freeUnits", reason, note,
    person_id AS "personId",
    (SELECT display_name FROM people WHERE people.person_id = stock_movements.person_id) AS "personName", offer_id AS "offerId", order_id AS "orderId",
    ${msOf('moved_at')} AS "movedAtMs"
  FROM stock_movements WHERE sku_id = $1 AND ($2::bigint IS NULL OR movement_id < $2)
  ORDER BY movement_id DESC LIMIT $3`;

export type MovementRow = {
  movementId: number;
  deltaUnits: number;
  freeUnits: number;
  reason: string;
  note: string;
  personId: string | null;
  personName: string | null;
  offerId: string | null;
  orderId: string | null;
  movedAtMs: number;
};

/** @throws AppError CONFLICT when the product has a variant with these option values already. */
export async function insertSku(db: Queryable, productId: string, sku: SkuDraft): Promise<void> {
  const values = [sku.skuId, productId, sku.optionValues, sku.code, sku.barcode, ...pricing(sku)];
  await db.query(insert, values).catch((error: unknown) => {
    if (violates(error, 'skus_options'))
      throw new AppError('CONFLICT', `There is a variant ${sku.optionValues.join(' / ') || '(no options)'} already.`, {
        reason: 'variant-exists',
      });
    throw error;
  });
}

/** Option values are what a variant is; they never change. */
export async function updateSku(db: Queryable, sku: SkuDraft): Promise<void> {
  await db.query(update, [sku.skuId, sku.code, sku.barcode, ...pricing(sku)]);
}

/** Run it in a transaction. */
export async function archiveSku(db: Queryable, skuId: string): Promise<'archived' | 'last_variant'> {
  await db.query(lockProduct, [skuId]);
  const { rowCount } = await db.query(archive, [skuId]);
  return rowCount ? 'archived' : 'last_variant';
}

/** Newest first, from below the movement `before` on. */
export async function listMovements(
  db: Queryable,
  skuId: string,
  { before, limit }: { before: number | null; limit: number },
): Promise<MovementRow[]> {
  return (await db.query<MovementRow>(movements, [skuId, before, limit])).rows;
}

const pricing = (sku: SkuDraft): unknown[] => [
  sku.priceMinor,
  sku.compareAtMinor,
  sku.weightGrams,
  sku.requiresShipping,
  sku.imageUrl,
  sku.csvColumns,
];
