import { wordsFor } from '../../../shared/parse-input.ts';
import { catalogLimits } from '../../../shared/limits.ts';
import { NewProduct, type ImportMistake, type ImportProblem } from '../../../shared/protocol/catalog.ts';
import { createSlices } from '../../platform/slices.ts';
import { htmlOfText, textOfHtml } from './html-text.ts';
import { bodyColumn } from './product-drafts.ts';
import { readAmount, readCount, readFlag, readGrams, readTags } from './shopify-cells.ts';
import { foreignCells, foreignColumns, ownColumns, type ForeignColumns, type ShopifyRow } from './shopify-columns.ts';
import type { NumberedRow, ShopifyFile } from './shopify-file.ts';
import { isStatus, standingOf } from './shopify-status.ts';

type Language = 'en' | 'zh';

/** What a file says of a product at all. */
export type Carried = {
  columns: ReadonlySet<string>;
  titleIn: readonly Language[];
  descriptionIn: readonly Language[];
  /** Of the standard column; null when the file has none. */
  bodyIn: Language | null;
};

/** A product of a file. */
export type FileProduct = {
  handle: string;
  /** Row it begins in. */
  row: number;
  /** Checked like one entered by hand. What the file does not say is as in a new product. */
  product: NewProduct;
  carries: Carried;
  /** What its `Published` says, beside product.published, which heeds its `Status` too. Null: not said. */
  inShop: boolean | null;
  csvColumns: Record<string, string>;
  /** Beside product.skus. Null: not said. */
  skus: { units: number | null; requiresShipping: boolean | null; csvColumns: Record<string, string> }[];
};

/** The first problems that were found, and how many there are. */
export type ReadFile = { products: FileProduct[]; problems: ImportProblem[]; problemCount: number };
type Choices = { currency: string; language: Language };
type ReadOptions = Choices & { columns: ReadonlySet<string>; foreign: ForeignColumns };
type Problems = { add(row: number, column: string, mistake: ImportMistake, message: string): void };

/** Problems a report lists; the others are counted. */
export const problemsListedMax = 500;

/** Rows of one product: a variant or a picture in each. */
const rowsPerProductMax = catalogLimits.variantsMax + catalogLimits.imagesMax;

/**
 * Turns the rows of a file into products, with pauses for the event loop. A product with a mistake in any row is left out and its
 * mistakes are listed.
 */
export async function readShopifyRows(
  { columns, rows }: Pick<ShopifyFile, 'columns' | 'rows'>,
  choices: Choices,
): Promise<ReadFile> {
  const read: ReadFile = { products: [], problems: [], problemCount: 0 };
  const options = { ...choices, columns, foreign: foreignColumns(columns) };
  const pause = createSlices();
  for (const [handle, group] of groupByHandle(rows)) {
    await pause();
    const before = read.problemCount;
    const add = (row: number, column: string, mistake: ImportMistake, message: string) => {
      read.problemCount += 1;
      if (read.problems.length < problemsListedMax) read.problems.push({ row, column, handle, mistake, message });
    };
    const product = handle === '' ? withoutHandle(group, { add }) : readProduct(handle, group, options, { add });
    if (product && read.problemCount === before) read.products.push(product);
  }
  return read;
}

/** All rows of a handle belong together, wherever they are. */
const groupByHandle = (rows: readonly NumberedRow[]): Map<string, NumberedRow[]> =>
  Map.groupBy(rows, (row) => cell(row, 'Handle'));

function withoutHandle(group: readonly NumberedRow[], problems: Problems): null {
  for (const { row } of group) problems.add(row, 'Handle', 'missing', 'is missing');
  return null;
}

function readProduct(
  handle: string,
  group: readonly NumberedRow[],
  options: ReadOptions,
  problems: Problems,
): FileProduct | null {
  const first = group[0]!;
  if (group.length > rowsPerProductMax) {
    problems.add(first.row, 'Handle', 'form', `has ${group.length} rows; a product may have ${rowsPerProductMax}`);
    return null;
  }
  const variants = group.filter((row) => row === first || isVariant(row));
  const optionNames = optionNamesOf(first, variants);
  const skus = variants.map((row) => readVariant(row, optionNames.length, options, problems));
  const { cells, carries, ...texts } = readTexts(first, options);
  const inShop = readFlag(cell(first, 'Published'));
  if (inShop === undefined) problems.add(first.row, 'Published', 'flag', 'must be true or false');
  if (!isStatus(cell(first, 'Status')))
    problems.add(first.row, 'Status', 'form', 'must be active, draft, archived or unlisted');
  const { published, csvColumns } = standingOf(inShop ?? true, cells);
  const entered = {
    handle,
    ...texts,
    vendor: cell(first, 'Vendor'),
    kind: cell(first, 'Type'),
    tags: readTags(cell(first, 'Tags')),
    optionNames,
    images: readImages(group, problems),
    published,
    skus: skus.map(({ sku }) => sku),
  };
  const checked = NewProduct.safeParse(entered, { error: wordsFor });
  if (checked.success)
    return { handle, row: first.row, product: checked.data, carries, inShop: inShop ?? null, csvColumns, skus };
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

function readVariant(
  numbered: NumberedRow,
  optionCount: number,
  { currency, foreign }: ReadOptions,
  problems: Problems,
) {
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
  const requiresShipping = read('Variant Requires Shipping', readFlag, 'flag', 'must be true or false');
  const sku = {
    optionValues: [1, 2, 3].slice(0, optionCount).map((number) => cell(numbered, `Option${number} Value`)),
    code: cell(numbered, 'Variant SKU'),
    barcode: cell(numbered, 'Variant Barcode'),
    priceMinor: price ?? 0,
    compareAtMinor:
      read('Variant Compare At Price', amount, 'amount', `must be an amount in ${currency}, or empty`) ?? null,
    weightGrams: read('Variant Grams', readGrams, 'number', 'must be a number') ?? 0,
    requiresShipping: requiresShipping ?? true,
    imageUrl: cell(numbered, 'Variant Image'),
    units: units ?? 0,
  };
  return {
    sku,
    units: units ?? null,
    requiresShipping: requiresShipping ?? null,
    csvColumns: foreignCells(numbered.cells, foreign.variant),
  };
}

/** Texts in both languages. The HTML of the body is only kept where our text of it would not give it back. */
function readTexts({ cells }: NumberedRow, { language, columns, foreign }: ReadOptions) {
  const { [bodyColumn]: body = '', ...kept } = foreignCells(cells, foreign.product);
  const onlyChinese = columns.has(ownColumns.onlyChinese)
    ? (cells[ownColumns.onlyChinese] ?? '')
    : language === 'zh'
      ? 'title body'
      : '';
  const [title, description] = [onlyChinese.includes('title'), onlyChinese.includes('body')];
  const bodyText = textOfHtml(body);
  const carries: Carried = {
    columns,
    titleIn: languagesOf(columns, 'Title', ownColumns.titleZh, title),
    descriptionIn: languagesOf(columns, bodyColumn, ownColumns.bodyZh, description),
    bodyIn: columns.has(bodyColumn) ? (description ? 'zh' : 'en') : null,
  };
  return {
    title: pair(cells['Title'] ?? '', cells[ownColumns.titleZh] ?? '', title),
    description: pair(bodyText, textOfHtml(cells[ownColumns.bodyZh] ?? ''), description),
    carries,
    cells: htmlOfText(bodyText) === body ? kept : { ...kept, [bodyColumn]: body },
  };
}

/** Only a file that says that there is no English text says something of the English text while its standard column is Chinese. */
function languagesOf(
  columns: ReadonlySet<string>,
  standard: string,
  chinese: string,
  onlyChinese: boolean,
): Language[] {
  const hasStandard = columns.has(standard);
  if (onlyChinese) return hasStandard ? (columns.has(ownColumns.onlyChinese) ? ['en', 'zh'] : ['zh']) : [];
  return [...(hasStandard ? ['en' as const] : []), ...(columns.has(chinese) ? ['zh' as const] : [])];
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

/** The column that a field of a product or a variant is read from. */
export const columnOfField = (field: string): string => columnNames[field] ?? 'Handle';

const columnOf = (path: PropertyKey[]): string =>
  columnOfField(String(path[0] === 'skus' ? (path[2] ?? 'skus') : path[0]));
