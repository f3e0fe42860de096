/** Columns of a Shopify product file, in the order of its exports. */
export const shopifyColumns = [
  'Handle',
  'Title',
  'Body (HTML)',
  'Vendor',
  'Type',
  'Tags',
  'Published',
  'Option1 Name',
  'Option1 Value',
  'Option2 Name',
  'Option2 Value',
  'Option3 Name',
  'Option3 Value',
  'Variant SKU',
  'Variant Grams',
  'Variant Inventory Tracker',
  'Variant Inventory Qty',
  'Variant Inventory Policy',
  'Variant Fulfillment Service',
  'Variant Price',
  'Variant Compare At Price',
  'Variant Requires Shipping',
  'Variant Taxable',
  'Variant Barcode',
  'Image Src',
  'Image Position',
  'Image Alt Text',
  'Gift Card',
  'SEO Title',
  'SEO Description',
  'Google Shopping / Google Product Category',
  'Google Shopping / Gender',
  'Google Shopping / Age Group',
  'Google Shopping / MPN',
  'Google Shopping / AdWords Grouping',
  'Google Shopping / AdWords Labels',
  'Google Shopping / Condition',
  'Google Shopping / Custom Product',
  'Google Shopping / Custom Label 0',
  'Google Shopping / Custom Label 1',
  'Google Shopping / Custom Label 2',
  'Google Shopping / Custom Label 3',
  'Google Shopping / Custom Label 4',
  'Variant Image',
  'Variant Weight Unit',
  'Variant Tax Code',
  'Cost per item',
] as const;

/**
 * Our own columns, as Shopify writes metafields, so that it takes them back. `onlyChinese` names which of title and body
 * have no English text: the standard columns carry the Chinese one then.
 */
export const ownColumns = {
  titleZh: 'Title zh-CN (product.metafields.nightmarket.title_zh)',
  bodyZh: 'Body zh-CN (product.metafields.nightmarket.body_zh)',
  onlyChinese: 'Chinese only (product.metafields.nightmarket.chinese_only)',
} as const;

/** Columns whose meaning is kept in fields of ours; all others are kept as text for the export. */
const understood = new Set<string>([
  'Handle',
  'Title',
  'Vendor',
  'Type',
  'Tags',
  'Published',
  'Option1 Name',
  'Option1 Value',
  'Option2 Name',
  'Option2 Value',
  'Option3 Name',
  'Option3 Value',
  'Variant SKU',
  'Variant Grams',
  'Variant Inventory Qty',
  'Variant Price',
  'Variant Compare At Price',
  'Variant Requires Shipping',
  'Variant Barcode',
  'Image Src',
  'Image Position',
  'Image Alt Text',
  'Variant Image',
  ...Object.values(ownColumns),
]);

/** One record of a file by its headers. */
export type ShopifyRow = Record<string, string>;

/** What Shopify wants in cells that we have no field for; an imported file's own value, also an empty one, comes first. */
export const variantDefaults: ShopifyRow = {
  'Variant Inventory Tracker': 'shopify',
  'Variant Inventory Policy': 'deny',
  'Variant Fulfillment Service': 'manual',
  'Variant Taxable': 'true',
  'Variant Weight Unit': 'g',
};

const isOfVariant = (column: string): boolean =>
  /^(Variant|Unit price|(Included|Price|Compare[- ]At Price) \/) /i.test(column) || column === 'Cost per item';

/** Columns of a file that mean nothing here, by what a cell of them says something about. */
export type ForeignColumns = { product: readonly string[]; variant: readonly string[] };

export function foreignColumns(columns: Iterable<string>): ForeignColumns {
  const foreign = [...columns].filter((column) => !understood.has(column));
  return {
    product: foreign.filter((column) => !isOfVariant(column)),
    variant: foreign.filter(isOfVariant),
  };
}

/** What a row says in these columns. Empty cells are left out, unless an export would fill them. */
export function foreignCells(row: ShopifyRow, columns: readonly string[]): Record<string, string> {
  const cells = columns.map((column): [string, string] => [column, row[column] ?? '']);
  return Object.fromEntries(cells.filter(([column, text]) => text !== '' || Object.hasOwn(variantDefaults, column)));
}
