import type { Localized } from '../../../shared/protocol/catalog.ts';
import { bodyColumn } from './product-drafts.ts';
import type { ProductDraft, ProductRow, SkuDraft } from './product-rows.ts';
import { columnOfField, type FileProduct } from './shopify-read.ts';
import { isInShop, standingOf } from './shopify-status.ts';

type Columns = ReadonlySet<string>;
type Cells = Record<string, string>;

const productFields = ['vendor', 'kind', 'tags'] as const;
const skuFields = ['code', 'barcode', 'priceMinor', 'compareAtMinor', 'weightGrams', 'imageUrl'] as const;

/**
 * A product as a file changes it. What the file has no column for stays as it is, and so do the texts of a language it does not carry; a
 * cell that is there and empty empties, but for a flag, which says nothing then.
 *
 * @param draft  the product as if the file were all there is of it.
 */
export function changedByFile(before: ProductRow, draft: ProductDraft, file: FileProduct): ProductDraft {
  const { columns, titleIn, descriptionIn } = file.carries;
  const description = inLanguages(before.description, draft.description, descriptionIn);
  return {
    ...draft,
    ...notCarried(before, productFields, columns),
    productId: before.productId,
    title: inLanguages(before.title, draft.title, titleIn),
    description,
    images: imagesOf(before, draft, columns),
    ...standingOf(file.inShop ?? isInShop(before), {
      ...statusOf(before),
      ...withHtml(before, { ...draft, description }, file),
    }),
  };
}

/** One of its variants, as the row at `index` of the file changes it. */
export function skuChangedByFile(before: SkuDraft, draft: SkuDraft, file: FileProduct, index: number): SkuDraft {
  const { columns } = file.carries;
  return {
    ...draft,
    ...notCarried(before, skuFields, columns),
    skuId: before.skuId,
    requiresShipping: file.skus[index]!.requiresShipping ?? before.requiresShipping,
    csvColumns: cellsOf(before.csvColumns, draft.csvColumns, columns),
  };
}

/** A flag too: an empty cell says nothing. */
const statusOf = ({ csvColumns: { Status } }: ProductRow): Cells => (Status === undefined ? {} : { Status });

function notCarried<T, K extends keyof T & string>(before: T, fields: readonly K[], columns: Columns): Partial<T> {
  const kept: Partial<T> = {};
  for (const field of fields) if (!columns.has(columnOfField(field))) kept[field] = before[field];
  return kept;
}

const inLanguages = (before: Localized, said: Localized, languages: readonly (keyof Localized)[]): Localized => ({
  en: languages.includes('en') ? said.en : before.en,
  zh: languages.includes('zh') ? said.zh : before.zh,
});

function imagesOf(before: ProductRow, { images }: ProductDraft, columns: Columns): ProductRow['images'] {
  if (!columns.has('Image Src')) return before.images;
  if (columns.has('Image Alt Text')) return images;
  const altOf = new Map(before.images.map(({ url, alt }) => [url, alt]));
  return images.map((image) => ({ ...image, alt: altOf.get(image.url) ?? '' }));
}

const cellsOf = (before: Cells, said: Cells, columns: Columns): Cells => ({
  ...Object.fromEntries(Object.entries(before).filter(([column]) => !columns.has(column))),
  ...said,
});

/** The language whose text stands in the standard column of an export. */
const standardOf = ({ en }: Localized): keyof Localized => (en === '' ? 'zh' : 'en');

/** The kept HTML goes with the text of one language: it is the file's, or the one of before while its text stands, or of no use any more. */
function withHtml(before: ProductRow, after: ProductDraft, { carries }: FileProduct): Cells {
  const { [bodyColumn]: htmlOfFile, ...said } = after.csvColumns;
  const { [bodyColumn]: htmlBefore, ...known } = before.csvColumns;
  const standard = standardOf(after.description);
  const stands =
    standardOf(before.description) === standard && before.description[standard] === after.description[standard];
  const html = carries.bodyIn === standard ? htmlOfFile : stands ? htmlBefore : undefined;
  return { ...cellsOf(known, said, carries.columns), ...(html !== undefined && { [bodyColumn]: html }) };
}
