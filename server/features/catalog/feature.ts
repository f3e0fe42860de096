import { AppError } from '../../../shared/errors.ts';
import type { Gateway } from '../../gateway/gateway.ts';
import type { RelationResolver } from '../../gateway/policy.ts';
import type { TellPerson } from '../../gateway/tell-person.ts';
import type { Platform } from '../../platform/platform.ts';
import { requestHash } from '../../platform/request-hash.ts';
import { createCatalogFiles } from './catalog-files.ts';
import { createCatalogWrites } from './catalog-writes.pg.ts';
import { registerCatalog } from './catalog.commands.ts';
import { registerCatalogFiles } from './catalog.routes.ts';
import { createCatalog } from './catalog.ts';
import { createImportPlaces } from './import-places.ts';
import { importAll, importEach } from './import-products.pg.ts';
import type { ProductRow, SkuRow } from './product-rows.ts';
import { createProductStore, type ProductStore } from './products.pg.ts';
import { createShopStore } from './shops.pg.ts';
import type { ShownProduct } from './shown-products.ts';
import type { SkuLookup, SkuView } from './sku-lookup.ts';
import { listMovements } from './skus.pg.ts';
import { createStock, someUnitsAreOwed, unsoldInOffers } from './stock.pg.ts';

const bookOwedEveryMs = 1_000;

type Needs = {
  tell: TellPerson;
  /** Our own address, known once the process listens. */
  publicUrl: () => string;
};

export function createCatalogFeature({ db, log, every, nowMs }: Platform, { tell, publicUrl }: Needs) {
  const products = createProductStore(db);
  const shops = createShopStore(db);
  const catalog = createCatalog({
    shops,
    products,
    writes: createCatalogWrites(db),
    movementsOf: (skuId, page) => listMovements(db, skuId, page),
    hash: requestHash,
    nowMs,
  });

  const files = createCatalogFiles({
    shops,
    productsOf: products.listAll,
    foreignColumnsOf: products.foreignColumns,
    unsoldInOffers: (skuIds) => unsoldInOffers(db, skuIds),
    places: createImportPlaces(),
    writeEach: (...file) => importEach(db, ...file),
    writeAll: (...file) => importAll(db, ...file),
    tellProgress: (progress) => tell(progress.shopId, 'shop:importing', progress),
    elapsedMs: () => performance.now(),
    hash: requestHash,
    publicUrl,
  });

  const stock = createStock(db, (error) => log.warn({ err: error }, 'units given back are not booked yet'));
  every({ name: 'book units given back', everyMs: bookOwedEveryMs, due: someUnitsAreOwed, run: stock.bookOwed });

  return {
    stock,
    skus: createSkuLookup(products),
    shown: async (productIds: readonly string[]): Promise<ShownProduct[]> =>
      (await products.shown(productIds)).map(shownProduct),
    register(gateway: Gateway): void {
      gateway.relate('shop', async (viewer, shopId) => new Set(viewer.personId === shopId ? ['owner'] : []));
      gateway.relate('product', merchantRelation(products, 'product'));
      gateway.relate('sku', merchantRelation(products, 'sku'));
      registerCatalog(gateway, catalog);
      registerCatalogFiles(gateway, files);
    },
  };
}

function merchantRelation(products: ProductStore, kind: 'product' | 'sku'): RelationResolver {
  return async (viewer, id) => {
    const merchantId = await products.merchantOf(kind, id);
    if (merchantId === null) throw new AppError('NOT_FOUND');
    return new Set(merchantId === viewer.personId ? ['merchant'] : []);
  };
}

function createSkuLookup(products: ProductStore): SkuLookup {
  return {
    async get(skuId) {
      const product = await products.findBySku(skuId);
      const sku = product?.skus.find((one) => one.skuId === skuId);
      if (!product || !sku) throw new AppError('NOT_FOUND', `There is no SKU ${skuId}.`);
      return skuView(product, sku);
    },
  };
}

function skuView({ productId, shopId, title, currency, published, images }: ProductRow, sku: SkuRow): SkuView {
  const { skuId, optionValues, priceMinor, requiresShipping, freeUnits } = sku;
  const imageUrl = sku.imageUrl || (images[0]?.url ?? '');
  const ofProduct = { productId, shopId, title, currency, published };
  return { skuId, ...ofProduct, imageUrl, optionValues, priceMinor, requiresShipping, freeUnits };
}

function shownProduct(product: ProductRow): ShownProduct {
  const { productId, title, currency, images } = product;
  const skus = product.skus.map((sku) => ({ ...skuView(product, sku), compareAtMinor: sku.compareAtMinor }));
  return { productId, title, currency, imageUrl: images[0]?.url ?? '', skus };
}
