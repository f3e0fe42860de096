import { AmountField } from '../../design/amount-field.tsx';
import { TextField } from '../../design/field.tsx';
import { NumberField } from '../../design/number-field.tsx';
import { writtenIn } from '../../design/written.ts';
import { useMessages } from '../../i18n/messages.ts';
import { localTimeOf } from '../../i18n/local-time.ts';
import { serverNowMs } from '../../state/server-clock.ts';
import { offerLimits } from '../../../shared/limits.ts';
import { studioTexts } from '../studio.messages.ts';
import { AudienceFields } from './audience-fields.tsx';
import { CountdownField } from './countdown-field.tsx';
import type { FlashSaleWish } from './flash-sale-terms.ts';
import { offerTermsTexts } from './offer-terms.messages.ts';

type Props = {
  wish: FlashSaleWish;
  currency: string;
  /** Units in stock that are not on sale; null where that is not known. */
  freeUnits: number | null;
  onChange: (change: Partial<FlashSaleWish>) => void;
};

export function FlashSaleFields({ wish, currency, freeUnits, onChange }: Props) {
  const t = useMessages(studioTexts);
  const written = writtenIn(wish, onChange);
  const { allotmentUnitsMax, unitsPerBuyerMax, durationSecondsMin, durationSecondsMax } = offerLimits;
  return (
    <div class="two">
      <AmountField label={t.price} currency={currency} required {...written('price')} />
      <NumberField
        label={t.units}
        hint={freeUnits === null ? undefined : t.freeInStock(freeUnits)}
        max={allotmentUnitsMax}
        {...written('units')}
      />
      <NumberField label={t.perPerson} max={unitsPerBuyerMax} {...written('limit')} />
      {wish.opensAt === '' && <CountdownField {...written('countdownSeconds')} />}
      <NumberField
        label={t.duration}
        inputMode="decimal"
        step="any"
        min={durationSecondsMin / 60}
        max={durationSecondsMax / 60}
        {...written('minutes')}
      />
      <StartField {...written('opensAt')} />
      <AudienceFields wish={wish} onChange={onChange} />
    </div>
  );
}

const minuteMs = 60_000;

/** At a time of the person's own zone, or, empty, after the countdown. */
function StartField(written: { value: string; onText: (typed: string) => void }) {
  const t = useMessages(offerTermsTexts);
  const nowMs = serverNowMs();
  return (
    <TextField
      label={t.opensAt}
      hint={t.opensAtHint}
      type="datetime-local"
      min={localTimeOf(nowMs + minuteMs)}
      max={localTimeOf(nowMs + offerLimits.scheduleAheadMsMax)}
      {...written}
    />
  );
}
