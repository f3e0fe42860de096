import { AppError } from '../../../shared/errors.ts';
import { newId } from '../../../shared/ids.ts';
import type { NewProduct, NewSku } from '../../../shared/protocol/catalog.ts';
import type { ProductDraft, ProductRow, SkuDraft } from './product-rows.ts';
import { tidyText } from './html-text.ts';
import { standingByHand } from './shopify-status.ts';

type Changes<T> = { [K in keyof T]?: T[K] | undefined };

/** What `product:change` may carry. Absent means "leave as it is". */
export type ProductChanges = Changes<
  Pick<NewProduct, 'title' | 'description' | 'vendor' | 'kind' | 'tags' | 'images' | 'published'>
>;
export type SkuChanges = Changes<
  Pick<NewSku, 'code' | 'barcode' | 'priceMinor' | 'compareAtMinor' | 'weightGrams' | 'requiresShipping' | 'imageUrl'>
>;

/** Header of the column in which imported files keep the description as HTML. */
export const bodyColumn = 'Body (HTML)';

/** A new product as it will be written, with ids, and the stock its variants begin with. */
export function draftProduct(shopId: string, input: NewProduct): { draft: ProductDraft; units: Map<string, number> } {
  const productId = newId();
  const skus = input.skus.map((sku) => ({ sku: draftSku(sku, input.optionNames), units: sku.units }));
  refuseDoubles(skus.map(({ sku }) => sku));
  const { handle = handleOf(input.title.en || input.title.zh, productId), description, ...rest } = input;
  const draft: ProductDraft = {
    ...rest,
    productId,
    shopId,
    handle,
    description: { en: tidyText(description.en), zh: tidyText(description.zh) },
    skus: skus.map(({ sku }) => sku),
    csvColumns: {},
  };
  return { draft, units: new Map(skus.map(({ sku, units }) => [sku.skuId, units])) };
}

/** @throws AppError BAD_INPUT when the values don't fit the product's options. */
export function draftSku({ units, ...sku }: NewSku, optionNames: readonly string[]): SkuDraft {
  if (sku.optionValues.length !== optionNames.length)
    throw new AppError('BAD_INPUT', `A variant needs ${optionNames.length} option values: ${optionNames.join(', ')}.`);
  return { ...sku, skuId: newId(), csvColumns: {} };
}

export function changedProduct(
  product: ProductRow,
  { description, published, ...changes }: ProductChanges,
): ProductDraft {
  const standing = published === undefined ? {} : standingByHand(published, product.csvColumns);
  const changed = { ...product, ...definedOf(changes), ...standing };
  if (!description) return changed;
  const { [bodyColumn]: outdated, ...csvColumns } = changed.csvColumns;
  const tidied = { en: tidyText(description.en), zh: tidyText(description.zh) };
  return { ...changed, description: tidied, csvColumns };
}

export const changedSku = (sku: SkuDraft, changes: SkuChanges): SkuDraft => ({ ...sku, ...definedOf(changes) });

/** A readable name for addresses; the end of the id when a title has no letters at all. */
export function handleOf(title: string, productId: string): string {
  const words = title.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  return `${words.join('-').slice(0, 200)}-${productId.slice(-6)}`.replace(/^-/, 'product-');
}

function refuseDoubles(skus: readonly SkuDraft[]): void {
  const names = skus.map(({ optionValues }) => JSON.stringify(optionValues));
  if (new Set(names).size < names.length) throw new AppError('BAD_INPUT', 'Two variants have the same option values.');
}

/** Fields that are there: `undefined` must not overwrite. */
function definedOf<T extends object>(changes: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined)) as never;
}
