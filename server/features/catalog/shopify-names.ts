import { readFlag } from './shopify-cells.ts';
import { ownColumns, shopifyColumns } from './shopify-columns.ts';

/** A column of a file: its name in the file, the one we know it by, and what its cells say in the words of that one. */
export type FileColumn = { written: string; name: string; read: (cell: string) => string };

/** The names of Shopify's newer template, where they differ by more than capitals. */
const newerNames: Readonly<Record<string, (typeof shopifyColumns)[number]>> = {
  'url handle': 'Handle',
  description: 'Body (HTML)',
  'published on online store': 'Published',
  sku: 'Variant SKU',
  barcode: 'Variant Barcode',
  price: 'Variant Price',
  'compare-at price': 'Variant Compare At Price',
  'charge tax': 'Variant Taxable',
  'tax code': 'Variant Tax Code',
  'inventory tracker': 'Variant Inventory Tracker',
  'inventory quantity': 'Variant Inventory Qty',
  'continue selling when out of stock': 'Variant Inventory Policy',
  'weight value (grams)': 'Variant Grams',
  'weight unit for display': 'Variant Weight Unit',
  'requires shipping': 'Variant Requires Shipping',
  'fulfillment service': 'Variant Fulfillment Service',
  'product image url': 'Image Src',
  'variant image url': 'Variant Image',
  'google shopping / manufacturer part number (mpn)': 'Google Shopping / MPN',
  'google shopping / ad group name': 'Google Shopping / AdWords Grouping',
  'google shopping / ads labels': 'Google Shopping / AdWords Labels',
};
const known: readonly string[] = [...shopifyColumns, 'Status', ...Object.values(ownColumns)];
const byCapitals = new Map(known.map((name) => [name.toLowerCase(), name]));

/** Whether it goes on being sold without stock: true or false in the newer template, a word in the older. */
const policyOf = (cell: string): string => ({ true: 'continue', false: 'deny' })[String(readFlag(cell.trim()))] ?? cell;
const asItIs = (cell: string): string => cell;

/**
 * The columns of a header. Both templates of Shopify are known, and names in other capitals; an export has the names of the older, which
 * Shopify takes as well. A column that the file has under its older name too is one that means nothing here, and so is the second of two other names.
 */
export function columnsOf(header: readonly string[]): FileColumn[] {
  const taken = new Set(header);
  return header.map((written) => {
    const lower = written.toLowerCase();
    const newer = newerNames[lower];
    const name = newer ?? byCapitals.get(lower) ?? written;
    if (taken.has(name)) return { written, name: written, read: asItIs };
    taken.add(name);
    return { written, name, read: newer === 'Variant Inventory Policy' ? policyOf : asItIs };
  });
}
