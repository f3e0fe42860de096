import { AmountField } from '../../design/amount-field.tsx';
import { Choice, TextField, Tick } from '../../design/field.tsx';
import { NumberField } from '../../design/number-field.tsx';
import { writtenIn } from '../../design/written.ts';
import { language } from '../../i18n/language.ts';
import { useMessages } from '../../i18n/messages.ts';
import { localized } from '../../room/offers.ts';
import type { Offer } from '../../../shared/protocol/offer.ts';
import { sectionTexts } from '../section.messages.ts';
import { dropPriceOf, type GiveawayForm } from './giveaway-form.ts';

export type FieldsProps = { form: GiveawayForm; onChange: (change: Partial<GiveawayForm>) => void };

/** What a lucky bag has in it. */
export function GoodsFields({ form, onChange, currency }: FieldsProps & { currency: string }) {
  const t = useMessages(sectionTexts);
  const written = writtenIn(form, onChange);
  return (
    <>
      <TextField label={t.prizeWhat} required maxLength={200} {...written('what')} />
      <AmountField label={t.prizeValue} currency={currency} required {...written('value')} />
    </>
  );
}

/** `currency`: the shop's, as long as there is no product. */
type DropProps = FieldsProps & { products: readonly Offer[]; product: Offer | undefined; currency: string };

/** What the winners of a drop may buy, for how much, and how long. */
export function DropFields({ form, onChange, products, product, currency }: DropProps) {
  const t = useMessages(sectionTexts);
  return (
    <>
      <Choice
        label={t.offerForRight}
        hint={t.offerForRightHint}
        value={product?.offerId ?? ''}
        choices={products.map((offer) => ({
          key: offer.offerId,
          label: `${offer.itemNumber}. ${localized(offer.title, language.get())}`,
        }))}
        onChoose={(offerId) => onChange({ offerId, price: '' })}
      />
      <div class="two">
        <AmountField
          label={t.dropPrice}
          currency={product?.currency ?? currency}
          required
          value={dropPriceOf(form, product)}
          onText={(price) => onChange({ price })}
        />
        <NumberField label={t.rightMinutes} {...writtenIn(form, onChange)('rightMinutes')} />
      </div>
    </>
  );
}

export function CountFields({ form, onChange }: FieldsProps) {
  const t = useMessages(sectionTexts);
  const written = writtenIn(form, onChange);
  return (
    <div class="two">
      <NumberField label={t.prizeCount} max={10_000} {...written('count')} />
      <NumberField label={t.minutes} inputMode="decimal" min={0.1} step="any" {...written('minutes')} />
    </div>
  );
}

/** What people must do to enter. */
export function TaskFields({ form, onChange }: FieldsProps) {
  const t = useMessages(sectionTexts);
  const written = writtenIn(form, onChange);
  return (
    <fieldset class="stack">
      <legend class="field__label">{t.tasks}</legend>
      <Tick label={t.taskFollow} checked={form.follow} onTick={(follow) => onChange({ follow })} />
      <Tick label={t.taskFans} checked={form.fans} onTick={(fans) => onChange({ fans })} />
      <Tick label={t.taskPresent} checked={form.present} onTick={(present) => onChange({ present })} />
      <div class="two">
        <TextField label={t.taskComment} maxLength={100} {...written('comment')} />
        <NumberField label={t.taskWatch} required={false} max={720} {...written('watch')} />
      </div>
    </fieldset>
  );
}
