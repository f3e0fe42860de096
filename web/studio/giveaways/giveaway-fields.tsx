import { AmountField } from '../../design/amount-field.tsx';
import { Choice, TextField, Tick } from '../../design/field.tsx';
import { language } from '../../i18n/language.ts';
import { useMessages } from '../../i18n/messages.ts';
import { localized } from '../../room/offers.ts';
import type { Offer } from '../../../shared/protocol/offer.ts';
import { sectionTexts } from '../section.messages.ts';
import { dropPriceOf, type GiveawayForm } from './giveaway-form.ts';

export type FieldsProps = { form: GiveawayForm; onChange: (change: Partial<GiveawayForm>) => void };

const textOf = ({ form, onChange }: FieldsProps, name: keyof GiveawayForm) => ({
  value: String(form[name]),
  onText: (typed: string) => onChange({ [name]: typed }),
});

const number = { type: 'number' as const, min: 1, required: true };

/** What a lucky bag has in it. */
export function GoodsFields({ currency, ...fields }: FieldsProps & { currency: string }) {
  const t = useMessages(sectionTexts);
  return (
    <>
      <TextField label={t.prizeWhat} required maxLength={200} {...textOf(fields, 'what')} />
      <AmountField label={t.prizeValue} currency={currency} required {...textOf(fields, 'value')} />
    </>
  );
}

/** `currency`: the shop's, as long as there is no product. */
type DropProps = FieldsProps & { products: readonly Offer[]; product: Offer | undefined; currency: string };

/** What the winners of a drop may buy, for how much, and how long. */
export function DropFields({ products, product, currency, ...fields }: DropProps) {
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
        onChoose={(offerId) => fields.onChange({ offerId, price: '' })}
      />
      <div class="two">
        <AmountField
          label={t.dropPrice}
          currency={product?.currency ?? currency}
          required
          value={dropPriceOf(fields.form, product)}
          onText={(price) => fields.onChange({ price })}
        />
        <TextField label={t.rightMinutes} {...number} {...textOf(fields, 'rightMinutes')} />
      </div>
    </>
  );
}

export function CountFields(fields: FieldsProps) {
  const t = useMessages(sectionTexts);
  return (
    <div class="two">
      <TextField label={t.prizeCount} {...number} max={10_000} {...textOf(fields, 'count')} />
      <TextField label={t.minutes} type="number" required min={0.1} step="any" {...textOf(fields, 'minutes')} />
    </div>
  );
}

/** What people must do to enter. */
export function TaskFields(fields: FieldsProps) {
  const t = useMessages(sectionTexts);
  const { form, onChange } = fields;
  return (
    <fieldset class="stack">
      <legend class="field__label">{t.tasks}</legend>
      <Tick label={t.taskFollow} checked={form.follow} onTick={(follow) => onChange({ follow })} />
      <Tick label={t.taskFans} checked={form.fans} onTick={(fans) => onChange({ fans })} />
      <Tick label={t.taskPresent} checked={form.present} onTick={(present) => onChange({ present })} />
      <div class="two">
        <TextField label={t.taskComment} maxLength={100} {...textOf(fields, 'comment')} />
        <TextField label={t.taskWatch} type="number" min={1} max={720} {...textOf(fields, 'watch')} />
      </div>
    </fieldset>
  );
}
