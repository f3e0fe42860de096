import { NumberField } from '../../design/number-field.tsx';
import { useMessages } from '../../i18n/messages.ts';
import { offerLimits } from '../../../shared/limits.ts';
import { studioTexts } from '../studio.messages.ts';

/** None, or long enough for everybody to see it. */
export function CountdownField(written: { value: string; onText: (typed: string) => void }) {
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
