type Row = Readonly<Record<string, string>>;
type Rule = readonly [name: string, isKept: (text: string) => boolean];

const oneOf =
  (...words: string[]) =>
  (text: string) =>
    words.includes(text.toLowerCase());
const whole = (text: string): boolean => /^-?\d+$/.test(text);
const amount = (text: string): boolean => /^\d+(\.\d+)?$/.test(text);
const filled = (text: string): boolean => text.trim() !== '';
const address = (text: string): boolean => /^https?:\/\/[^/\s]+/.test(text);
const orEmpty = (isKept: (text: string) => boolean) => (text: string) => text === '' || isKept(text);

/** In the row that a product begins with. */
const ofProduct: readonly Rule[] = [
  ['Title', filled],
  ['Published', oneOf('true', 'false')],
  ['Status', oneOf('active', 'draft', 'archived', 'unlisted')],
  ['Gift Card', orEmpty(oneOf('true', 'false'))],
  ['Option1 Name', filled],
];

/** In every row with a variant. */
const ofVariant: readonly Rule[] = [
  ['Variant Price', amount],
  ['Variant Compare At Price', orEmpty(amount)],
  ['Variant Grams', orEmpty(whole)],
  ['Variant Inventory Qty', whole],
  ['Variant Inventory Policy', oneOf('deny', 'continue')],
  ['Variant Fulfillment Service', filled],
  ['Variant Requires Shipping', orEmpty(oneOf('true', 'false'))],
  ['Variant Taxable', orEmpty(oneOf('true', 'false'))],
  ['Variant Weight Unit', orEmpty(oneOf('g', 'kg', 'lb', 'oz'))],
  ['Variant Image', orEmpty(address)],
];

/** In every row with a picture. */
const ofPicture: readonly Rule[] = [
  ['Image Src', address],
  ['Image Position', orEmpty((text) => whole(text) && Number(text) >= 1)],
  ['Image Alt Text', (text) => text.length <= 512],
];

/**
 * What Shopify would refuse in a product file, by what its help says of the columns; written apart from our reader and writer, which
 * could be wrong in the same way. One sentence for each objection, with the handle.
 */
export function objectionsTo(rows: readonly Row[]): string[] {
  const found: string[] = [];
  const blocks = rows.filter((row, index) => row['Handle'] !== rows[index - 1]?.['Handle']);
  const handles = blocks.map((row) => row['Handle'] ?? '');
  for (const handle of handles) {
    const object = (what: string): void => void found.push(`${handle}: ${what}`);
    if (!/^[\p{L}\p{M}\p{N}_-]{1,255}$/u.test(handle)) object('Handle');
    if (handles.indexOf(handle) !== handles.lastIndexOf(handle)) object('rows apart');
    const [first, ...others] = rows.filter((row) => row['Handle'] === handle);
    objectionsOfProduct(first!, others, object);
  }
  return [...new Set(found)];
}

function objectionsOfProduct(first: Row, others: readonly Row[], object: (what: string) => void): void {
  const check = (row: Row, rules: readonly Rule[]): void => {
    for (const [column, isKept] of rules) if (column in row && !isKept(row[column]!)) object(column);
  };
  check(first, ofProduct);
  const names = [1, 2, 3].filter((number) => first[`Option${number} Name`]);
  const optionsOf = (row: Row): string[] => names.map((number) => row[`Option${number} Value`] ?? '');
  const variants = [first, ...others].filter(
    (row) => filled(row['Variant Price'] ?? '') || optionsOf(row).some(filled),
  );
  for (const row of variants) {
    check(row, ofVariant);
    if (!optionsOf(row).every(filled)) object('an option without a value');
  }
  if (new Set(variants.map((row) => JSON.stringify(optionsOf(row)))).size < variants.length) object('a variant twice');
  for (const row of others) {
    if (variants.includes(row) || filled(row['Image Src'] ?? '')) continue;
    object('a row of nothing');
  }
  const pictures = [first, ...others].filter((row) => filled(row['Image Src'] ?? ''));
  for (const row of pictures) check(row, ofPicture);
  const places = pictures.map((row) => row['Image Position'] ?? '').filter(filled);
  if (new Set(places).size < places.length) object('a place twice');
}
