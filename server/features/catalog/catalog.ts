import { AppError } from '../../../shared/errors.ts';
import type { NewProduct, NewSku, Product, Shop } from '../../../shared/protocol/catalog.ts';
import { assertSeen } from '../../platform/assert-seen.ts';
import { createShortMemory } from '../../platform/short-memory.ts';
import { searchPatterns } from '../../platform/search-patterns.ts';
import type { Adjustment, AdjustOutcome, CatalogWrites } from './catalog-writes.pg.ts';
import {
  changedProduct,
  changedSku,
  draftProduct,
  draftSku,
  type ProductChanges,
  type SkuChanges,
} from './product-drafts.ts';
import { productOf, type ProductRow, type SkuDraft } from './product-rows.ts';
import type { ListQuery, ProductStore } from './products.pg.ts';
import type { ShopStore } from './shops.pg.ts';
import type { MovementRow } from './skus.pg.ts';

type Needs = {
  shops: ShopStore;
  products: ProductStore;
  writes: CatalogWrites;
  movementsOf(skuId: string, page: { before: number | null; limit: number }): Promise<MovementRow[]>;
  /** Fingerprint of a request, kept with its key. */
  hash(request: unknown): Buffer;
  nowMs: () => number;
};

/** A product on show may be this old, ms, to everybody but its merchant: a thousand who open it at once cost one read. */
const productFreshMs = 500;
/** A product may be some 100 kB long. */
const productsRemembered = 500;

type Page = { after?: string | undefined; limit: number };
type Search = Page & { search?: string | undefined };

export type Catalog = ReturnType<typeof createCatalog>;

/** What a shop sells: products, their variants, and the stock of each. */
export function createCatalog({ shops, products, writes, movementsOf, hash, nowMs }: Needs) {
  const looks = createShortMemory({
    read: (productId) => products.find(productId),
    freshMs: productFreshMs,
    keysMax: productsRemembered,
    nowMs,
  });

  return {
    /** @throws AppError CONFLICT when the shop has sold, or prices, in another currency. */
    openShop: (shop: Shop): Promise<Shop> => shops.put(shop),
    async readShop(shopId: string): Promise<Shop> {
      return found(await shops.find(shopId), 'shop');
    },
    async addProduct(shopId: string, requestKey: string, input: NewProduct): Promise<Product> {
      found(await shops.find(shopId), 'shop');
      const request = { key: requestKey, hash: hash(input) };
      const { draft, units } = draftProduct(shopId, input);
      const added = (await repeatedProduct(shopId, request)) ?? (await writes.addProduct(draft, units, request));
      if (added !== 'repeated') return productOf(await rowOf(draft.productId), true);
      const before = found(await products.findByRequest(shopId, requestKey), 'product');
      return productOf(await rowOf(before.productId), true);
    },
    async readProduct(productId: string, viewerId: string | null): Promise<Product> {
      const row = await looks.of(productId);
      if (row?.shopId === viewerId) return productOf(await rowOf(productId), true);
      if (!row?.published) throw notFound('product');
      return productOf(row, false);
    },
    /** The products of one shop for its merchant, with stock. */
    productsOf: (shopId: string, search: Search) =>
      list((query) => products.ofShop(shopId, query), { asMerchant: true }, search),
    /** Published products, of one shop or of all. */
    search: (shopId: string | null, search: Search) =>
      list((query) => products.published(shopId, query), { asMerchant: false }, search),

    /** @throws AppError CONFLICT when it is not the version that was seen. */
    async changeProduct(productId: string, seenVersion: number | undefined, changes: ProductChanges): Promise<Product> {
      const change = (before: ProductRow) => {
        const after = changedProduct(before, changes);
        assertSeen({ seenVersion, version: before.version, before, after });
        return after;
      };
      if (!(await writes.changeProduct(productId, change))) throw notFound('product');
      return productOf(await rowOf(productId), true);
    },
    archiveProduct: (productId: string): Promise<boolean> => products.archive(productId),

    async addSku(productId: string, requestKey: string, input: NewSku): Promise<Product> {
      const row = await rowOf(productId);
      const request = { key: requestKey, hash: hash(input) };
      await writes.addSku(row, draftSku(input, row.optionNames), input.units, request);
      return productOf(await rowOf(productId), true);
    },
    /** @throws AppError CONFLICT when its product is not the version that was seen. */
    async changeSku(skuId: string, seenVersion: number | undefined, changes: SkuChanges): Promise<Product> {
      const change = (before: SkuDraft, { version }: ProductRow) => {
        const after = changedSku(before, changes);
        assertSeen({ seenVersion, version, before, after });
        return after;
      };
      const productId = found(await writes.changeSku(skuId, change), 'SKU');
      return productOf(await rowOf(productId), true);
    },
    archiveSku: (skuId: string) => writes.archiveSku(skuId),

    adjustStock: (adjustment: Adjustment): Promise<AdjustOutcome> => writes.adjustStock(adjustment),
    async stockMovements(skuId: string, { after, limit }: Page) {
      const movements = await movementsOf(skuId, { before: after === undefined ? null : Number(after), limit });
      return { movements, next: movements.length < limit ? null : String(movements.at(-1)!.movementId) };
    },
  };

  async function rowOf(productId: string): Promise<ProductRow> {
    return found(await products.find(productId), 'product');
  }

  async function repeatedProduct(shopId: string, request: { key: string; hash: Buffer }): Promise<'repeated' | null> {
    const before = await products.findByRequest(shopId, request.key);
    if (before && !before.requestHash.equals(request.hash)) throw new AppError('KEY_REUSED');
    return before && 'repeated';
  }

  async function list(
    read: (query: ListQuery) => Promise<ProductRow[]>,
    { asMerchant }: { asMerchant: boolean },
    { search = '', after, limit }: Search,
  ) {
    const rows = await read({ patterns: searchPatterns(search), after: after ?? null, limit });
    return {
      products: rows.map((row) => productOf(row, asMerchant)),
      next: rows.length < limit ? null : rows.at(-1)!.productId,
    };
  }
}

function found<T>(thing: T | null, what: string): T {
  if (thing === null) throw notFound(what);
  return thing;
}

const notFound = (what: string): AppError =>
  new AppError('NOT_FOUND', `There is no such ${what}, or you may not see it.`);
