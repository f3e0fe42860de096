import { AmountField } from '../../design/amount-field.tsx';
import { Tick } from '../../design/field.tsx';
import { PictureField } from '../../design/picture-field.tsx';
import { writtenIn } from '../../design/written.ts';
import { fromMajor, toMajor } from '../../i18n/amounts.ts';
import { useMessages } from '../../i18n/messages.ts';
import type { Sku } from '../../../shared/protocol/catalog.ts';
import { sectionTexts } from '../section.messages.ts';
import { ArticleFields, articleOf, writtenArticleOf, type WrittenArticle } from './article-fields.tsx';
import { productTexts } from './products.messages.ts';
import { Variant } from './variant.tsx';

/** What stands in the fields of one variant. Amounts as they are typed; an empty list price or picture is none. */
export type WrittenVariant = WrittenArticle & { price: string; compareAt: string; imageUrl: string; isSent: boolean };

export const writtenOf = (sku: Sku, currency: string): WrittenVariant => ({
  price: toMajor(sku.priceMinor, currency),
  compareAt: sku.compareAtMinor === null ? '' : toMajor(sku.compareAtMinor, currency),
  imageUrl: sku.imageUrl,
  ...writtenArticleOf(sku),
  isSent: sku.requiresShipping,
});

/** What was changed of a variant; null when nothing was. @throws AppError BAD_INPUT for an amount that is none. */
export function changesOf(sku: Sku, written: WrittenVariant, currency: string) {
  const { price, compareAt, imageUrl, isSent } = written;
  const priceMinor = fromMajor(price, currency);
  const compareAtMinor = compareAt.trim() ? fromMajor(compareAt, currency) : null;
  const { code, barcode, weightGrams } = articleOf(written);
  const changes = {
    ...(priceMinor !== sku.priceMinor && { priceMinor }),
    ...(compareAtMinor !== sku.compareAtMinor && { compareAtMinor }),
    ...(imageUrl !== sku.imageUrl && { imageUrl }),
    ...(code !== sku.code && { code }),
    ...(barcode !== sku.barcode && { barcode }),
    ...(weightGrams !== sku.weightGrams && { weightGrams }),
    ...(isSent !== sku.requiresShipping && { requiresShipping: isSent }),
  };
  return Object.keys(changes).length > 0 ? changes : null;
}

type Props = {
  sku: Sku;
  currency: string;
  written: WrittenVariant;
  onWrite: (written: WrittenVariant) => void;
  /** Not given: it stays. */
  onRemove?: (() => void) | undefined;
};

export function VariantFields({ sku: { optionValues, code }, currency, written, onWrite, onRemove }: Props) {
  const section = useMessages(sectionTexts);
  const t = useMessages(productTexts);
  const name = optionValues.join(' · ') || code;
  const write = (change: Partial<WrittenVariant>) => onWrite({ ...written, ...change });
  const field = writtenIn(written, write);
  return (
    <Variant name={name} onRemove={onRemove}>
      <div class="two">
        <AmountField label={section.price} currency={currency} required {...field('price')} />
        <AmountField label={section.compareAt} currency={currency} {...field('compareAt')} />
        <ArticleFields written={written} isSent={written.isSent} onWrite={write} />
      </div>
      <PictureField label={section.variantImage} {...field('imageUrl')} />
      <Tick label={t.isSent} checked={written.isSent} onTick={(isSent) => write({ isSent })} />
    </Variant>
  );
}
