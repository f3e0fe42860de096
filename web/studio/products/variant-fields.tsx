import { AmountField } from '../../design/amount-field.tsx';
import { PictureField } from '../../design/picture-field.tsx';
import { fromMajor, toMajor } from '../../i18n/amounts.ts';
import { useMessages } from '../../i18n/messages.ts';
import type { Sku } from '../../../shared/protocol/catalog.ts';
import { sectionTexts } from '../section.messages.ts';

/** What stands in the fields of one variant. Amounts as they are typed; an empty list price or picture is none. */
export type WrittenVariant = { price: string; compareAt: string; imageUrl: string };

export const writtenOf = ({ priceMinor, compareAtMinor, imageUrl }: Sku, currency: string): WrittenVariant => ({
  price: toMajor(priceMinor, currency),
  compareAt: compareAtMinor === null ? '' : toMajor(compareAtMinor, currency),
  imageUrl,
});

/** What was changed of a variant; null when nothing was. @throws AppError BAD_INPUT for an amount that is none. */
export function changesOf(sku: Sku, { price, compareAt, imageUrl }: WrittenVariant, currency: string) {
  const priceMinor = fromMajor(price, currency);
  const compareAtMinor = compareAt.trim() ? fromMajor(compareAt, currency) : null;
  const changes = {
    ...(priceMinor !== sku.priceMinor && { priceMinor }),
    ...(compareAtMinor !== sku.compareAtMinor && { compareAtMinor }),
    ...(imageUrl !== sku.imageUrl && { imageUrl }),
  };
  return Object.keys(changes).length > 0 ? changes : null;
}

type Props = { sku: Sku; currency: string; written: WrittenVariant; onWrite: (written: WrittenVariant) => void };

export function VariantFields({ sku: { optionValues, code }, currency, written, onWrite }: Props) {
  const t = useMessages(sectionTexts);
  const name = optionValues.join(' · ') || code;
  return (
    <fieldset class="stack">
      {name && <legend class="field__label user-text">{name}</legend>}
      <div class="two">
        <AmountField
          label={t.price}
          currency={currency}
          required
          value={written.price}
          onText={(price) => onWrite({ ...written, price })}
        />
        <AmountField
          label={t.compareAt}
          currency={currency}
          value={written.compareAt}
          onText={(compareAt) => onWrite({ ...written, compareAt })}
        />
      </div>
      <PictureField
        label={t.variantImage}
        value={written.imageUrl}
        onText={(imageUrl) => onWrite({ ...written, imageUrl })}
      />
    </fieldset>
  );
}
