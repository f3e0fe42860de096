import { wordsFor } from '../../../shared/parse-input.ts';
import { NewProduct, type ImportMistake, type ImportProblem } from '../../../shared/protocol/catalog.ts';
import { htmlOfText, textOfHtml } from './html-text.ts';
import { bodyColumn } from './product-drafts.ts';
import { readAmount, readCount, readFlag, readGrams, readTags } from './shopify-cells.ts';
import { foreignColumns, ownColumns, type ShopifyRow } from './shopify-columns.ts';
import type { NumberedRow } from './shopify-file.ts';

/** A product of a file, checked like one entered by hand. */
export type FileProduct = {
  handle: string;
  /** Row it begins in. */
  row: number;
  product: NewProduct;
  csvColumns: Record<string, string>;
  /** Beside product.skus: what a file says about a variant that a form can't. Null units: not said. */
  skus: { units: number | null; csvColumns: Record<string, string> }[];
};

export type ReadFile = { products: FileProduct[]; problems: ImportProblem[] };
type ReadOptions = { currency: string; language: 'en' | 'zh' };
type Problems = { add(row: number, column: string, mistake: ImportMistake, message: string): void };

/** Turns the rows of a file into products. A product with a mistake in any row is left out and its mistakes are listed. */
export function readShopifyRows(rows: readonly NumberedRow[], options: ReadOptions): ReadFile {
  const products: FileProduct[] = [];
  const problems: ImportProblem[] = [];
  for (const [handle, group] of groupByHandle(rows, problems)) {
    const before = problems.length;
    const add = (row: number, column: string, mistake: ImportMistake, message: string) =>
      problems.push({ row, column, handle, mistake, message });
    const product = readProduct(handle, group, options, { add });
    if (product && problems.length === before) products.push(product);
  }
  return { products, problems };
}

/** All rows of a handle belong together, wherever they are. */
function groupByHandle(rows: readonly NumberedRow[], problems: ImportProblem[]): Map<string, NumberedRow[]> {
  const groups = new Map<string, NumberedRow[]>();
  for (const numbered of rows) {
    const handle = cell(numbered, 'Handle');
    if (handle === '') {
      problems.push({ row: numbered.row, column: 'Handle', handle, mistake: 'missing', message: 'is missing' });
      continue;
    }
    const group = groups.get(handle);
    if (group) group.push(numbered);
    else groups.set(handle, [numbered]);
  }
  return groups;
}

function readProduct(
  handle: string,
  group: readonly NumberedRow[],
  options: ReadOptions,
  problems: Problems,
): FileProduct | null {
  const first = group[0]!;
  const variants = group.filter((row) => row === first || isVariant(row));
  const optionNames = optionNamesOf(first, variants);
  const skus = variants.map((row) => readVariant(row, optionNames.length, options.currency, problems));
  const { csvColumns, ...texts } = readTexts(first, options);
  const published = readFlag(cell(first, 'Published'), true);
  if (published === undefined) problems.add(first.row, 'Published', 'flag', 'must be true or false');
  const entered = {
    handle,
    ...texts,
    vendor: cell(first, 'Vendor'),
    kind: cell(first, 'Type'),
    tags: readTags(cell(first, 'Tags')),
    optionNames,
    images: readImages(group, problems),
    published: published ?? true,
    skus: skus.map(({ sku }) => sku),
  };
  const checked = NewProduct.safeParse(entered, { error: wordsFor });
  if (checked.success) return { handle, row: first.row, product: checked.data, csvColumns, skus };
  for (const { path, message } of checked.error.issues)
    problems.add(
      rowOf(path, variants) ?? first.row,
      columnOf(path),
      message === 'is missing' ? 'missing' : 'form',
      message,
    );
  return null;
}

/** Rows without a price and a code only carry a further picture. */
const isVariant = (row: NumberedRow): boolean =>
  ['Variant Price', 'Variant SKU', 'Option1 Value'].some((column) => cell(row, column) !== '');

/** Shopify writes "Title: Default Title" where there is nothing to choose. */
function optionNamesOf(first: NumberedRow, variants: readonly NumberedRow[]): string[] {
  const names = [1, 2, 3].map((number) => cell(first, `Option${number} Name`)).filter((name) => name !== '');
  const nothingToChoose = names.length === 1 && names[0] === 'Title' && variants.length === 1;
  return nothingToChoose && cell(first, 'Option1 Value') === 'Default Title' ? [] : names;
}

function readVariant(numbered: NumberedRow, optionCount: number, currency: string, problems: Problems) {
  const read = <T>(
    column: string,
    reader: (text: string) => T | undefined,
    mistake: ImportMistake,
    expected: string,
  ): T | undefined => {
    const value = reader(cell(numbered, column));
    if (value === undefined) problems.add(numbered.row, column, mistake, expected);
    return value;
  };
  const amount = (text: string) => readAmount(text, currency);
  const price = read('Variant Price', amount, 'amount', `must be an amount in ${currency}, like 12.50`);
  if (price === null) problems.add(numbered.row, 'Variant Price', 'missing', 'is missing');
  const counted = read('Variant Inventory Qty', readCount, 'count', 'must be a whole number');
  // Below zero for what a shop goes on selling when it has none.
  const units = counted == null ? counted : Math.max(0, counted);
  const sku = {
    optionValues: [1, 2, 3].slice(0, optionCount).map((number) => cell(numbered, `Option${number} Value`)),
    code: cell(numbered, 'Variant SKU'),
    barcode: cell(numbered, 'Variant Barcode'),
    priceMinor: price ?? 0,
    compareAtMinor:
      read('Variant Compare At Price', amount, 'amount', `must be an amount in ${currency}, or empty`) ?? null,
    weightGrams: read('Variant Grams', readGrams, 'number', 'must be a number') ?? 0,
    requiresShipping:
      read('Variant Requires Shipping', (text) => readFlag(text, true), 'flag', 'must be true or false') ?? true,
    imageUrl: cell(numbered, 'Variant Image'),
    units: units ?? 0,
  };
  return { sku, units: units ?? null, csvColumns: foreignColumns(numbered.cells, 'variant') };
}

/** Texts in both languages. The HTML of the body is only kept where our text of it would not give it back. */
function readTexts({ cells }: NumberedRow, { language }: ReadOptions) {
  const { [bodyColumn]: body = '', ...kept } = foreignColumns(cells, 'product');
  const onlyChinese = cells[ownColumns.onlyChinese] ?? (language === 'zh' ? 'title body' : '');
  const description = pair(textOfHtml(body), textOfHtml(cells[ownColumns.bodyZh] ?? ''), onlyChinese.includes('body'));
  const ours = htmlOfText(textOfHtml(body)) === body;
  return {
    title: pair(cells['Title'] ?? '', cells[ownColumns.titleZh] ?? '', onlyChinese.includes('title')),
    description,
    csvColumns: ours ? kept : { ...kept, [bodyColumn]: body },
  };
}

const pair = (standard: string, zh: string, onlyChinese: boolean) =>
  onlyChinese ? { en: '', zh: standard } : { en: standard, zh };

function readImages(group: readonly NumberedRow[], problems: Problems) {
  const images = group
    .filter((row) => cell(row, 'Image Src') !== '')
    .map((row) => {
      const position = readCount(cell(row, 'Image Position'));
      if (position === undefined) problems.add(row.row, 'Image Position', 'count', 'must be a whole number');
      const alt = row.cells['Image Alt Text'] ?? '';
      return { position: position ?? Number.MAX_SAFE_INTEGER, image: { url: cell(row, 'Image Src'), alt } };
    });
  return images.sort((a, b) => a.position - b.position).map(({ image }) => image);
}

const cell = ({ cells }: { cells: ShopifyRow }, column: string): string => (cells[column] ?? '').trim();

const rowOf = ([list, index]: PropertyKey[], variants: readonly NumberedRow[]): number | undefined =>
  list === 'skus' && typeof index === 'number' ? variants[index]?.row : undefined;

/** Names of our fields in the words of the file. */
const columnNames: Record<string, string> = {
  title: 'Title',
  description: bodyColumn,
  vendor: 'Vendor',
  kind: 'Type',
  tags: 'Tags',
  handle: 'Handle',
  optionNames: 'Option1 Name',
  images: 'Image Src',
  optionValues: 'Option1 Value',
  code: 'Variant SKU',
  barcode: 'Variant Barcode',
  priceMinor: 'Variant Price',
  compareAtMinor: 'Variant Compare At Price',
  weightGrams: 'Variant Grams',
  imageUrl: 'Variant Image',
  units: 'Variant Inventory Qty',
};

const columnOf = (path: PropertyKey[]): string =>
  columnNames[String(path[0] === 'skus' ? (path[2] ?? 'skus') : path[0])] ?? 'Handle';
