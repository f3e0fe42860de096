import { decimalText } from '../../../shared/money.ts';
import { htmlOfText } from './html-text.ts';
import { bodyColumn } from './product-drafts.ts';
import type { ProductRow, SkuRow } from './product-rows.ts';
import { ownColumns, shopifyColumns, variantDefaults, type ShopifyRow } from './shopify-columns.ts';
import { standingCells } from './shopify-status.ts';

/** Headers of an export: the standard ones, ours, and those that imported files of this shop brought along. */
export function exportColumns(foreign: Iterable<string>): string[] {
  const known = [...shopifyColumns, ...Object.values(ownColumns)];
  return [...known, ...[...new Set(foreign)].filter((column) => !(known as string[]).includes(column)).sort()];
}

/**
 * The rows of one product: a row per variant, pictures beside them, further rows for further pictures. Reading them gives
 * the same product again.
 *
 * @param offeredUnits  what offers have of each SKU and nobody has paid; the quantity of a file counts them.
 * @param ownUrl        what a picture's path on this server is behind, for others to find it.
 */
export function writeShopifyRows(
  product: ProductRow,
  offeredUnits: ReadonlyMap<string, number>,
  ownUrl: string,
): ShopifyRow[] {
  const onTheWeb = (url: string): string => (url.startsWith('/') ? ownUrl + url : url);
  const { skus, images, handle } = product;
  const rows = Array.from({ length: Math.max(skus.length, images.length) }, (_, index): ShopifyRow => {
    const [sku, image] = [skus[index], images[index]];
    return {
      Handle: handle,
      ...(sku
        ? variantCells(product, { ...sku, imageUrl: onTheWeb(sku.imageUrl) }, offeredUnits.get(sku.skuId) ?? 0)
        : {}),
      ...(image
        ? { 'Image Src': onTheWeb(image.url), 'Image Position': String(index + 1), 'Image Alt Text': image.alt }
        : {}),
    };
  });
  return [{ ...rows[0], ...productCells(product) }, ...rows.slice(1)];
}

function productCells(product: ProductRow): ShopifyRow {
  const { title, description, vendor, kind, tags } = product;
  const onlyChinese = [title.en === '' && 'title', description.en === '' && description.zh !== '' && 'body'];
  const names = product.optionNames.length > 0 ? product.optionNames : ['Title'];
  return {
    [bodyColumn]: htmlOfText(description.en || description.zh),
    ...standingCells(product),
    Title: title.en || title.zh,
    Vendor: vendor,
    Type: kind,
    Tags: tags.join(', '),
    ...Object.fromEntries(names.map((name, index) => [`Option${index + 1} Name`, name])),
    [ownColumns.titleZh]: title.en === '' ? '' : title.zh,
    [ownColumns.bodyZh]: description.en === '' ? '' : htmlOfText(description.zh),
    [ownColumns.onlyChinese]: onlyChinese.filter(Boolean).join(' '),
  };
}

function variantCells({ currency, optionNames }: ProductRow, sku: SkuRow, offeredUnits: number): ShopifyRow {
  const values = optionNames.length > 0 ? sku.optionValues : ['Default Title'];
  return {
    ...variantDefaults,
    ...sku.csvColumns,
    ...Object.fromEntries(values.map((value, index) => [`Option${index + 1} Value`, value])),
    'Variant SKU': sku.code,
    'Variant Grams': String(sku.weightGrams),
    'Variant Inventory Qty': String(sku.freeUnits + offeredUnits),
    'Variant Price': decimalText({ minor: sku.priceMinor, currency }),
    'Variant Compare At Price': sku.compareAtMinor === null ? '' : decimalText({ minor: sku.compareAtMinor, currency }),
    'Variant Requires Shipping': String(sku.requiresShipping),
    'Variant Barcode': sku.barcode,
    'Variant Image': sku.imageUrl,
  };
}
