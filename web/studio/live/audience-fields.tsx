import { Choice } from '../../design/field.tsx';
import { NumberField } from '../../design/number-field.tsx';
import { writtenIn } from '../../design/written.ts';
import { useMessages } from '../../i18n/messages.ts';
import { offerLimits } from '../../../shared/limits.ts';
import { studioTexts } from '../studio.messages.ts';
import { audienceKeys, type AudienceWish } from './audience-wish.ts';

type Props = { wish: AudienceWish; onChange: (change: Partial<AudienceWish>) => void };

/** Who may buy, and what is asked more where fans are meant. */
export function AudienceFields({ wish, onChange }: Props) {
  const t = useMessages(studioTexts);
  const written = writtenIn(wish, onChange);
  const { fanLevelMax, earlySecondsMin, earlySecondsMax } = offerLimits;
  const asksForFans = wish.who === 'fans' || wish.who === 'early';
  return (
    <>
      <Choice
        label={t.audience}
        value={wish.who}
        choices={audienceKeys.map((one) => ({ key: one, label: t.audiences[one] }))}
        onChoose={(who) => onChange({ who })}
      />
      {asksForFans && <NumberField label={t.levelMin} max={fanLevelMax} {...written('fanLevel')} />}
      {wish.who === 'early' && (
        <NumberField label={t.earlySeconds} min={earlySecondsMin} max={earlySecondsMax} {...written('earlySeconds')} />
      )}
    </>
  );
}
