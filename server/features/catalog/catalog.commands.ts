import type { Gateway } from '../../gateway/gateway.ts';
import type { Catalog } from './catalog.ts';

export function registerCatalog(gateway: Gateway, catalog: Catalog): void {
  gateway.expose('shop:open', ({ personId }, shop) => catalog.openShop({ shopId: personId, ...shop }));
  gateway.expose('shop:read', (_viewer, { shopId }) => catalog.readShop(shopId));
  gateway.expose('shop:products', (_viewer, { shopId, ...search }) => catalog.productsOf(shopId, search));
  gateway.expose('product:search', (_viewer, { shopId, ...search }) => catalog.search(shopId ?? null, search));
  gateway.exposeOpen('product:read', (viewer, { productId }) =>
    catalog.readProduct(productId, viewer?.personId ?? null),
  );
  gateway.expose('product:add', (_viewer, { shopId, requestKey, ...product }) =>
    catalog.addProduct(shopId, requestKey, product),
  );
  gateway.expose('product:change', (_viewer, { productId, seenVersion, ...changes }) =>
    catalog.changeProduct(productId, seenVersion, changes),
  );
  gateway.expose('product:archive', async (_viewer, { productId }) => ({
    archived: await catalog.archiveProduct(productId),
  }));
  gateway.expose('product:add-sku', (_viewer, { productId, requestKey, ...sku }) =>
    catalog.addSku(productId, requestKey, sku),
  );
  gateway.expose('sku:change', (_viewer, { skuId, seenVersion, ...changes }) =>
    catalog.changeSku(skuId, seenVersion, changes),
  );
  gateway.expose('sku:archive', async (_viewer, { skuId }) => ({ outcome: await catalog.archiveSku(skuId) }));
  gateway.expose('stock:adjust', ({ personId }, adjustment) => catalog.adjustStock({ ...adjustment, personId }));
  gateway.expose('stock:movements', (_viewer, { skuId, ...page }) => catalog.stockMovements(skuId, page));
}
