import type { Product } from '../../../shared/protocol/catalog.ts';

/** A product as the database has it: with stock, and with what only files know. */
export type ProductRow = Omit<Product, 'skus'> & {
  skus: SkuRow[];
  /** Columns of an imported file that mean nothing here, by their header. */
  csvColumns: Record<string, string>;
};
export type SkuRow = Omit<Product['skus'][number], 'freeUnits'> & {
  freeUnits: number;
  csvColumns: Record<string, string>;
};

/** A product to be written: ids are given by the caller, units are movements. */
export type ProductDraft = Omit<ProductRow, 'currency' | 'version' | 'skus'> & { skus: SkuDraft[] };
export type SkuDraft = Omit<SkuRow, 'freeUnits'>;

/** What everybody may see of a product; `asMerchant` adds the stock. */
export function productOf({ csvColumns, skus, ...product }: ProductRow, asMerchant: boolean): Product {
  return {
    ...product,
    skus: skus.map(({ csvColumns: skuColumns, freeUnits, ...sku }) => ({
      ...sku,
      freeUnits: asMerchant ? freeUnits : null,
    })),
  };
}
