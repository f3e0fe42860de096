import { AppError } from '../../../shared/errors.ts';
import { violates, type Queryable } from '../../platform/postgres.ts';
import type { ProductDraft, ProductRow } from './product-rows.ts';

const skuJson = `
  jsonb_build_object(
    'skuId', sku_id, 'optionValues', option_values, 'code', code, 'barcode', barcode, 'priceMinor', price_minor,
    'compareAtMinor', compare_at_minor, 'weightGrams', weight_grams, 'requiresShipping', requires_shipping,
    'imageUrl', image_url, 'freeUnits', free_units, 'csvColumns', csv_columns)`;

const select = `
  SELECT p.product_id AS "productId", p.shop_id AS "shopId", shops.currency, p.handle,
    jsonb_build_object('en', p.title_en, 'zh', p.title_zh) AS title,
    jsonb_build_object('en', p.description_en, 'zh', p.description_zh) AS description,
    p.vendor, p.kind, p.tags, p.option_names AS "optionNames", p.images, p.published, p.csv_columns AS "csvColumns",
    p.version,
    (SELECT coalesce(jsonb_agg(${skuJson} ORDER BY position), '[]') FROM skus
      WHERE skus.product_id = p.product_id AND skus.archived_at IS NULL) AS skus
  FROM products p JOIN shops USING (shop_id)
  WHERE p.archived_at IS NULL`;

/** Ids are UUID version 7, so their order is the order of adding. */
const listOf = (scope: string) => `${select} AND ${scope}
  AND ($3::uuid IS NULL OR p.product_id < $3) ORDER BY p.product_id DESC LIMIT $4`;

const published = listOf(
  `($1::uuid IS NULL OR p.shop_id = $1) AND p.published AND p.search_text LIKE ALL ($2::text[])`,
);

/** Codes and barcodes are the merchant's own words for what is in stock. Of one shop alone, so that they need no index. */
const codes = `(SELECT string_agg(lower(code || ' ' || barcode), ' ') FROM skus
  WHERE skus.product_id = p.product_id AND skus.archived_at IS NULL)`;
const ofShop = listOf(`p.shop_id = $1 AND (p.search_text LIKE ALL ($2::text[])
  OR concat(p.search_text, ' ', ${codes}) LIKE ALL ($2::text[]))`);

/** Those of a list that people can see, in its order. */
const shown = `${select} AND p.published AND p.product_id = ANY ($1) ORDER BY array_position($1::uuid[], p.product_id)`;

const listAll = `${select} AND p.shop_id = $1 AND p.product_id > $2 ORDER BY p.product_id LIMIT $3`;

const foreignColumns = `
  SELECT DISTINCT jsonb_object_keys(csv_columns) AS name FROM products WHERE shop_id = $1 AND archived_at IS NULL
  UNION SELECT jsonb_object_keys(skus.csv_columns) FROM skus JOIN products p USING (product_id)
  WHERE p.shop_id = $1 AND p.archived_at IS NULL AND skus.archived_at IS NULL`;

const insert = `
  INSERT INTO products (product_id, shop_id, handle, title_en, title_zh, description_en, description_zh, vendor, kind, tags,
    option_names, images, published, csv_columns, request_key, request_hash)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`;

const update = `
  UPDATE products SET title_en = $2, title_zh = $3, description_en = $4, description_zh = $5, vendor = $6, kind = $7,
    tags = $8, option_names = $9, images = $10, published = $11, csv_columns = $12, version = version + 1
  WHERE product_id = $1 AND archived_at IS NULL`;

const variantChanged = `UPDATE products SET version = version + 1 WHERE product_id = $1`;

const findByRequest = `
  SELECT product_id AS "productId", request_hash AS "requestHash" FROM products WHERE shop_id = $1 AND request_key = $2`;

const archive = `
  WITH gone AS (UPDATE products SET archived_at = now() WHERE product_id = $1 AND archived_at IS NULL RETURNING product_id)
  UPDATE skus SET archived_at = now() FROM gone WHERE skus.product_id = gone.product_id AND skus.archived_at IS NULL`;

export type ListQuery = {
  /** Each must match the product's texts. */
  patterns: readonly string[];
  /** Product id after which the page begins. */
  after: string | null;
  limit: number;
};

export type ProductStore = ReturnType<typeof createProductStore>;

export function createProductStore(db: Queryable) {
  return {
    async find(productId: string): Promise<ProductRow | null> {
      const { rows } = await db.query<ProductRow>(`${select} AND p.product_id = $1`, [productId]);
      return rows[0] ?? null;
    },
    async findBySku(skuId: string): Promise<ProductRow | null> {
      const bySku = `${select} AND p.product_id = (SELECT product_id FROM skus WHERE sku_id = $1 AND archived_at IS NULL)`;
      return (await db.query<ProductRow>(bySku, [skuId])).rows[0] ?? null;
    },
    async findByHandle(shopId: string, handle: string): Promise<ProductRow | null> {
      const { rows } = await db.query<ProductRow>(`${select} AND p.shop_id = $1 AND p.handle = $2`, [shopId, handle]);
      return rows[0] ?? null;
    },
    /** The product that a call with this key added. */
    async findByRequest(
      shopId: string,
      requestKey: string,
    ): Promise<{ productId: string; requestHash: Buffer } | null> {
      const { rows } = await db.query<{ productId: string; requestHash: Buffer }>(findByRequest, [shopId, requestKey]);
      return rows[0] ?? null;
    },
    /** What people can see, of one shop or of all. */
    async published(shopId: string | null, { patterns, after, limit }: ListQuery): Promise<ProductRow[]> {
      return (await db.query<ProductRow>(published, [shopId, patterns, after, limit])).rows;
    },
    /** All of one shop, for its merchant: a pattern may match a code or barcode of a variant too. */
    async ofShop(shopId: string, { patterns, after, limit }: ListQuery): Promise<ProductRow[]> {
      return (await db.query<ProductRow>(ofShop, [shopId, patterns, after, limit])).rows;
    },
    async shown(productIds: readonly string[]): Promise<ProductRow[]> {
      return productIds.length === 0 ? [] : (await db.query<ProductRow>(shown, [productIds])).rows;
    },
    /** Every product of a shop, in the order they were added. */
    async listAll(shopId: string, after: string, limit: number): Promise<ProductRow[]> {
      return (await db.query<ProductRow>(listAll, [shopId, after, limit])).rows;
    },
    /** Headers of kept columns of imported files. */
    async foreignColumns(shopId: string): Promise<string[]> {
      const { rows } = await db.query<{ name: string }>(foreignColumns, [shopId]);
      return rows.map(({ name }) => name);
    },
    /** The product itself, without its variants. @throws AppError CONFLICT when the shop has the handle already. */
    async insert(product: ProductDraft, request: { key: string; hash: Buffer } | null): Promise<void> {
      const { productId, shopId, handle } = product;
      await db
        .query(insert, [productId, shopId, handle, ...fields(product), request?.key ?? null, request?.hash ?? null])
        .catch((error: unknown) => {
          if (violates(error, 'products_handle'))
            throw new AppError('CONFLICT', `This shop has a product named ${handle} already.`, {
              reason: 'handle-taken',
            });
          throw error;
        });
    },
    async update(product: ProductDraft): Promise<void> {
      await db.query(update, [product.productId, ...fields(product)]);
    },
    /** One of its variants was changed, added or taken out, by whoever has locked it. */
    async variantChanged(productId: string): Promise<void> {
      await db.query(variantChanged, [productId]);
    },
    async archive(productId: string): Promise<boolean> {
      return ((await db.query(archive, [productId])).rowCount ?? 0) > 0;
    },
    /** Who owns the product or SKU, archived or not. */
    async merchantOf(kind: 'product' | 'sku', id: string): Promise<string | null> {
      const { rows } = await db.query<{ shopId: string }>(merchantOf[kind], [id]);
      return rows[0]?.shopId ?? null;
    },
  };
}

const merchantOf = {
  product: `SELECT shop_id AS "shopId" FROM products WHERE product_id = $1`,
  sku: `SELECT shop_id AS "shopId" FROM products JOIN skus USING (product_id) WHERE sku_id = $1`,
};

const fields = (product: ProductDraft): unknown[] => [
  product.title.en,
  product.title.zh,
  product.description.en,
  product.description.zh,
  product.vendor,
  product.kind,
  product.tags,
  product.optionNames,
  JSON.stringify(product.images),
  product.published,
  product.csvColumns,
];
