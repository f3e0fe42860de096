import { fromMajor, toMajor } from '../../i18n/amounts.ts';
import type { Sku } from '../../../shared/protocol/catalog.ts';

/** What a warehouse knows a variant by. The weight is as it is typed, in grams; empty when it is not known. */
export type WrittenArticle = { code: string; barcode: string; weight: string };

type Article = Pick<Sku, 'code' | 'barcode' | 'weightGrams'>;

export const emptyArticle: WrittenArticle = { code: '', barcode: '', weight: '' };

export const writtenArticleOf = ({ code, barcode, weightGrams }: Article): WrittenArticle => ({
  code,
  barcode,
  weight: weightGrams === 0 ? '' : String(weightGrams),
});

export const articleOf = ({ code, barcode, weight }: WrittenArticle): Article => ({
  code,
  barcode,
  weightGrams: Number(weight),
});

/** What stands in the fields of one variant. Amounts as they are typed; an empty list price or picture is none. */
export type WrittenVariant = WrittenArticle & { price: string; compareAt: string; imageUrl: string; isSent: boolean };

export const writtenOf = (sku: Sku, currency: string): WrittenVariant => ({
  price: toMajor(sku.priceMinor, currency),
  compareAt: sku.compareAtMinor === null ? '' : toMajor(sku.compareAtMinor, currency),
  imageUrl: sku.imageUrl,
  ...writtenArticleOf(sku),
  isSent: sku.requiresShipping,
});

/**
 * What was changed of a variant; the weight only of what is sent, for it is not shown otherwise.
 *
 * @throws AppError BAD_INPUT for an amount that is none.
 */
export function changesOf(sku: Sku, written: WrittenVariant, currency: string) {
  const { price, compareAt, imageUrl, isSent } = written;
  const priceMinor = fromMajor(price, currency);
  const compareAtMinor = compareAt.trim() ? fromMajor(compareAt, currency) : null;
  const { code, barcode, weightGrams } = articleOf(written);
  return {
    ...(priceMinor !== sku.priceMinor && { priceMinor }),
    ...(compareAtMinor !== sku.compareAtMinor && { compareAtMinor }),
    ...(imageUrl !== sku.imageUrl && { imageUrl }),
    ...(code !== sku.code && { code }),
    ...(barcode !== sku.barcode && { barcode }),
    ...(isSent && weightGrams !== sku.weightGrams && { weightGrams }),
    ...(isSent !== sku.requiresShipping && { requiresShipping: isSent }),
  };
}
