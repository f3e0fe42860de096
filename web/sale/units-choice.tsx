import { Steps } from '../design/steps.tsx';
import { whole } from '../i18n/format.ts';
import { useMessages } from '../i18n/messages.ts';
import type { Offer } from '../../shared/protocol/offer.ts';
import { saleTexts } from './sale.messages.ts';

type UnitsProps = { offer: Offer; units: number; unitsMax: number; onChoose: (units: number) => void };

/** How many, and why not more. */
export function UnitsChoice(props: UnitsProps) {
  const t = useMessages(saleTexts);
  const { limitUnits } = props.offer;
  return (
    <div class="row row--apart">
      <span>
        {t.units} {limitUnits < 100 && <span class="quiet small">{t.limit(limitUnits)}</span>}
      </span>
      <UnitsSteps {...props} />
    </div>
  );
}

/** One less, one more, and what there is when there is too little. */
export function UnitsSteps({ offer, units, unitsMax, onChoose }: UnitsProps) {
  const t = useMessages(saleTexts);
  const isShort = offer.unitsLeft > 0 && offer.unitsLeft < offer.limitUnits && units === unitsMax;
  return (
    <span class="row numbers">
      {isShort && <span class="quiet small">{t.onlyLeft(whole(offer.unitsLeft))}</span>}
      <Steps value={units} min={1} max={unitsMax} onChoose={onChoose} />
    </span>
  );
}
