import { AmountField } from '../../design/amount-field.tsx';
import { Tick } from '../../design/field.tsx';
import { PictureField } from '../../design/picture-field.tsx';
import { writtenIn } from '../../design/written.ts';
import { useMessages } from '../../i18n/messages.ts';
import type { Sku } from '../../../shared/protocol/catalog.ts';
import { sectionTexts } from '../section.messages.ts';
import { ArticleFields } from './article-fields.tsx';
import { productTexts } from './products.messages.ts';
import { Variant } from './variant.tsx';
import type { WrittenVariant } from './written-variant.ts';

type Props = {
  sku: Sku;
  currency: string;
  written: WrittenVariant;
  onWrite: (part: Partial<WrittenVariant>) => void;
  /** Not given: it stays. */
  onRemove?: (() => void) | undefined;
};

export function VariantFields({ sku: { optionValues, code }, currency, written, onWrite, onRemove }: Props) {
  const section = useMessages(sectionTexts);
  const t = useMessages(productTexts);
  const name = optionValues.join(' · ') || code;
  const field = writtenIn(written, onWrite);
  return (
    <Variant name={name} onRemove={onRemove}>
      <div class="two">
        <AmountField label={section.price} currency={currency} required {...field('price')} />
        <AmountField label={section.compareAt} currency={currency} {...field('compareAt')} />
        <ArticleFields written={written} isSent={written.isSent} onWrite={onWrite} />
      </div>
      <PictureField label={section.variantImage} {...field('imageUrl')} />
      <Tick label={t.isSent} checked={written.isSent} onTick={(isSent) => onWrite({ isSent })} />
    </Variant>
  );
}
