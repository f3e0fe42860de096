import { TextField } from '../../design/field.tsx';
import { writtenIn } from '../../design/written.ts';
import { useMessages } from '../../i18n/messages.ts';
import { catalogLimits } from '../../../shared/limits.ts';
import type { Sku } from '../../../shared/protocol/catalog.ts';
import { productTexts } from './products.messages.ts';

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

type Props = { written: WrittenArticle; isSent: boolean; onWrite: (change: Partial<WrittenArticle>) => void };

/** What is not sent weighs nothing. */
export function ArticleFields({ written, isSent, onWrite }: Props) {
  const t = useMessages(productTexts);
  const field = writtenIn(written, onWrite);
  return (
    <>
      <TextField label={t.code} maxLength={255} {...field('code')} />
      <TextField label={t.barcode} maxLength={255} {...field('barcode')} />
      {isSent && (
        <TextField
          label={t.weight}
          type="number"
          inputMode="numeric"
          min={0}
          max={catalogLimits.weightGramsMax}
          step={1}
          {...field('weight')}
        />
      )}
    </>
  );
}
