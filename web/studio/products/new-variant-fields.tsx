import { AmountField } from '../../design/amount-field.tsx';
import { TextField, Tick } from '../../design/field.tsx';
import { writtenIn } from '../../design/written.ts';
import { fromMajor } from '../../i18n/amounts.ts';
import { useMessages } from '../../i18n/messages.ts';
import { sectionTexts } from '../section.messages.ts';
import { ArticleFields } from './article-fields.tsx';
import { productTexts } from './products.messages.ts';
import { Variant } from './variant.tsx';
import { articleOf, emptyArticle, type WrittenArticle } from './written-variant.ts';

/** What stands in the fields of a variant that is not there yet. `values`: one for each option of its product. */
export type WrittenNewVariant = WrittenArticle & {
  values: readonly string[];
  price: string;
  compareAt: string;
  units: string;
  isSent: boolean;
};

export const emptyVariant: WrittenNewVariant = {
  values: [],
  price: '',
  compareAt: '',
  units: '10',
  ...emptyArticle,
  isSent: true,
};

/** The variant as the form says it. @throws AppError BAD_INPUT for a price that is no amount. */
export const newSkuOf = (written: WrittenNewVariant, optionNames: readonly string[], currency: string) => ({
  optionValues: optionNames.map((_, index) => written.values[index] ?? ''),
  priceMinor: fromMajor(written.price, currency),
  compareAtMinor: written.compareAt.trim() ? fromMajor(written.compareAt, currency) : null,
  units: Number(written.units),
  ...articleOf(written),
  ...(!written.isSent && { weightGrams: 0 }),
  requiresShipping: written.isSent,
});

type Props = {
  optionNames: readonly string[];
  currency: string;
  written: WrittenNewVariant;
  onWrite: (written: WrittenNewVariant) => void;
  /** Not given: it stays. */
  onRemove?: (() => void) | undefined;
};

export function NewVariantFields({ optionNames, currency, written, onWrite, onRemove }: Props) {
  const section = useMessages(sectionTexts);
  const t = useMessages(productTexts);
  const values = optionNames.map((_, index) => written.values[index] ?? '');
  const name = values.filter(Boolean).join(' · ') || t.newVariant;
  const write = (change: Partial<WrittenNewVariant>) => onWrite({ ...written, ...change });
  const field = writtenIn(written, write);
  return (
    <Variant name={optionNames.length > 0 ? name : ''} onRemove={onRemove}>
      <div class="two">
        {optionNames.map((option, index) => (
          <TextField
            key={index}
            label={option}
            required
            maxLength={255}
            value={values[index]!}
            onText={(typed) => write({ values: values.with(index, typed) })}
          />
        ))}
        <AmountField label={section.price} currency={currency} required {...field('price')} />
        <AmountField label={section.compareAt} currency={currency} {...field('compareAt')} />
        <TextField label={section.unitsInStock} type="number" min={0} required {...field('units')} />
        <ArticleFields written={written} isSent={written.isSent} onWrite={write} />
      </div>
      <Tick label={t.isSent} checked={written.isSent} onTick={(isSent) => write({ isSent })} />
    </Variant>
  );
}
