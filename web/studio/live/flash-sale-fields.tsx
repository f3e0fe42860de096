import { AmountField } from '../../design/amount-field.tsx';
import { Choice } from '../../design/field.tsx';
import { NumberField } from '../../design/number-field.tsx';
import { writtenIn } from '../../design/written.ts';
import { useMessages } from '../../i18n/messages.ts';
import { offerLimits } from '../../../shared/limits.ts';
import { studioTexts } from '../studio.messages.ts';
import { audienceKeys, type FlashSaleWish } from './flash-sale-terms.ts';

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
      <CountdownField {...written('countdownSeconds')} />
      <NumberField
        label={t.duration}
        inputMode="decimal"
        step="any"
        min={durationSecondsMin / 60}
        max={durationSecondsMax / 60}
        {...written('minutes')}
      />
      <Choice
        label={t.audience}
        value={wish.who}
        choices={audienceKeys.map((one) => ({ key: one, label: t.audiences[one] }))}
        onChoose={(who) => onChange({ who })}
      />
      <FanFields wish={wish} onChange={onChange} />
    </div>
  );
}

/** None, or long enough for everybody to see it. */
function CountdownField(written: { value: string; onText: (typed: string) => void }) {
  const t = useMessages(studioTexts);
  const { countdownSecondsMin, countdownSecondsMax } = offerLimits;
  const isTooShort = Number(written.value) > 0 && Number(written.value) < countdownSecondsMin;
  return (
    <NumberField
      label={t.countdown}
      min={0}
      max={countdownSecondsMax}
      problem={isTooShort ? t.countdownRule(countdownSecondsMin) : undefined}
      {...written}
    />
  );
}

/** What is asked more where fans are meant. */
function FanFields({ wish, onChange }: Pick<Props, 'wish' | 'onChange'>) {
  const t = useMessages(studioTexts);
  const written = writtenIn(wish, onChange);
  const { fanLevelMax, earlySecondsMin, earlySecondsMax } = offerLimits;
  if (wish.who !== 'fans' && wish.who !== 'early') return null;
  return (
    <>
      <NumberField label={t.levelMin} max={fanLevelMax} {...written('fanLevel')} />
      {wish.who === 'early' && (
        <NumberField label={t.earlySeconds} min={earlySecondsMin} max={earlySecondsMax} {...written('earlySeconds')} />
      )}
    </>
  );
}
