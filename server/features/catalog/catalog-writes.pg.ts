import { AppError } from '../../../shared/errors.ts';
import { catalogLimits } from '../../../shared/limits.ts';
import { inTransaction, violates, type Db, type Queryable } from '../../platform/postgres.ts';
import type { ProductDraft, ProductRow, SkuDraft } from './product-rows.ts';
import { createProductStore } from './products.pg.ts';
import { archiveSku, insertSku, updateSku } from './skus.pg.ts';
import { lockFreeUnits, moveStock, type MovementReason } from './stock.pg.ts';

/** Stock that a new SKU begins with, by SKU id. */
export type InitialUnits = ReadonlyMap<string, number>;

export type Adjustment = {
  skuId: string;
  deltaUnits: number;
  reason: MovementReason;
  note: string;
  personId: string;
  requestKey: string;
};
export type AdjustOutcome = { outcome: 'adjusted' | 'not_enough' | 'too_many'; freeUnits: number };

const findAdjustment = `
  SELECT delta_units AS "deltaUnits", reason, note, free_units AS "freeUnits"
  FROM stock_movements WHERE sku_id = $1 AND request_key = $2`;

/** Calls with one key come one after another. */
const lockProduct = `SELECT FROM products WHERE product_id = $1 FOR UPDATE`;
/** The product first, as whoever archives or imports. */
const lockSku = `SELECT FROM products JOIN skus USING (product_id) WHERE sku_id = $1 FOR UPDATE`;
const findRequest = `SELECT request_hash = $3 AS "isSame" FROM skus WHERE product_id = $1 AND request_key = $2`;
const countSkus = `SELECT count(*)::int AS count FROM skus WHERE product_id = $1 AND archived_at IS NULL`;
const noteRequest = `UPDATE skus SET request_key = $2, request_hash = $3 WHERE sku_id = $1`;

/** The key of a call, and a fingerprint of what it asks for. */
type Request = { key: string; hash: Buffer };
type ProductOf = Pick<ProductDraft, 'productId' | 'shopId'>;

export type CatalogWrites = ReturnType<typeof createCatalogWrites>;

/** Changes of the catalog that touch more than one table, each in one transaction. */
export function createCatalogWrites(db: Db) {
  return {
    /**
     * Adds a product, its variants and their first stock.
     * @returns `repeated` when a call with this request key added one before; nothing is added then.
     * @throws AppError CONFLICT when the handle is taken.
     */
    addProduct(draft: ProductDraft, units: InitialUnits, request: Request): Promise<'added' | 'repeated'> {
      return inTransaction(db, async (client) => {
        await createProductStore(client).insert(draft, request);
        for (const sku of draft.skus)
          await addSkuWithStock(client, draft.productId, sku, units.get(sku.skuId) ?? 0, draft.shopId);
        return 'added' as const;
      }).catch((error: unknown) => {
        if (violates(error, 'products_shop_id_request_key_key')) return 'repeated' as const;
        throw error;
      });
    },
    /** Adds a variant and its first stock; nothing when a call with this request key did. @throws AppError KEY_REUSED, CONFLICT. */
    addSku: (of: ProductOf, sku: SkuDraft, units: number, request: Request): Promise<void> =>
      inTransaction(db, async (client) => {
        if (await wasAdded(client, of, request)) return;
        await assertRoom(client, of);
        await addSkuWithStock(client, of.productId, sku, units, of.shopId);
        await client.query(noteRequest, [sku.skuId, request.key, request.hash]);
        await createProductStore(client).variantChanged(of.productId);
      }),
    /** Changes the product as it is when its turn comes. False when it is not there. */
    changeProduct: (productId: string, change: (product: ProductRow) => ProductDraft): Promise<boolean> =>
      inTransaction(db, async (client) => {
        await client.query(lockProduct, [productId]);
        const products = createProductStore(client);
        const product = await products.find(productId);
        if (product) await products.update(change(product));
        return product !== null;
      }),
    /** Changes the variant as it is when its turn comes. @returns the product that has it; null when it is not there. */
    changeSku: (skuId: string, change: (sku: SkuDraft, of: ProductRow) => SkuDraft): Promise<string | null> =>
      inTransaction(db, async (client) => {
        await client.query(lockSku, [skuId]);
        const products = createProductStore(client);
        const product = await products.findBySku(skuId);
        if (!product) return null;
        await updateSku(
          client,
          change(
            product.skus.find((sku) => sku.skuId === skuId)!,
            product,
          ),
        );
        await products.variantChanged(product.productId);
        return product.productId;
      }),
    archiveSku: (skuId: string) => inTransaction(db, (client) => archiveSku(client, skuId)),
    /** Moves the free stock by hand. @throws AppError KEY_REUSED, NOT_FOUND. */
    adjustStock: (adjustment: Adjustment): Promise<AdjustOutcome> =>
      inTransaction(db, (client) => adjust(client, adjustment)),
  };
}

async function addSkuWithStock(
  client: Queryable,
  productId: string,
  sku: SkuDraft,
  units: number,
  personId: string,
): Promise<void> {
  await insertSku(client, productId, sku);
  if (units > 0) await moveStock(client, { skuId: sku.skuId, deltaUnits: units, reason: 'initial', personId });
}

async function wasAdded(client: Queryable, { productId }: ProductOf, { key, hash }: Request): Promise<boolean> {
  await client.query(lockProduct, [productId]);
  const { rows } = await client.query<{ isSame: boolean }>(findRequest, [productId, key, hash]);
  if (rows[0]?.isSame === false) throw new AppError('KEY_REUSED');
  return rows.length > 0;
}

/** The product is locked. */
async function assertRoom(client: Queryable, { productId }: ProductOf): Promise<void> {
  const { rows } = await client.query<{ count: number }>(countSkus, [productId]);
  if (rows[0]!.count >= catalogLimits.variantsMax)
    throw new AppError('CONFLICT', `A product may have ${catalogLimits.variantsMax} variants.`, { reason: 'too-many' });
}

async function adjust(client: Queryable, adjustment: Adjustment): Promise<AdjustOutcome> {
  const { freeUnits } = await lockFreeUnits(client, adjustment.skuId);
  const before = await findMade(client, adjustment);
  if (before) return before;
  if (freeUnits + adjustment.deltaUnits > catalogLimits.unitsMax) return { outcome: 'too_many', freeUnits };
  const moved = await moveStock(client, adjustment);
  return moved ? { outcome: 'adjusted', ...moved } : { outcome: 'not_enough', freeUnits };
}

/** The answer an earlier call with this request key got. */
async function findMade(
  client: Queryable,
  { skuId, requestKey, deltaUnits, reason, note }: Adjustment,
): Promise<AdjustOutcome | null> {
  const { rows } = await client.query<Omit<Adjustment, 'skuId'> & { freeUnits: number }>(findAdjustment, [
    skuId,
    requestKey,
  ]);
  const made = rows[0];
  if (!made) return null;
  if (made.deltaUnits !== deltaUnits || made.reason !== reason || made.note !== note) throw new AppError('KEY_REUSED');
  return { outcome: 'adjusted', freeUnits: made.freeUnits };
}
