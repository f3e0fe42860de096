import { useState } from 'preact/hooks';
import { AmountField } from '../../design/amount-field.tsx';
import { Button } from '../../design/button.tsx';
import { NumberField } from '../../design/number-field.tsx';
import { Problem } from '../../design/problem.tsx';
import { Sheet } from '../../design/sheet.tsx';
import { fromMajor, toMajor } from '../../i18n/amounts.ts';
import { timeOfDay } from '../../i18n/format.ts';
import { language } from '../../i18n/language.ts';
import { useMessages } from '../../i18n/messages.ts';
import { changed, localized } from '../../room/offers.ts';
import { useRoom } from '../../room/room-context.ts';
import { useStore } from '../../state/store.ts';
import { useSubmit } from '../../state/use-submit.ts';
import { offerLimits } from '../../../shared/limits.ts';
import type { Offer } from '../../../shared/protocol/offer.ts';
import { studioTexts } from '../studio.messages.ts';

/** What may be changed of an offer until it has ended: units, limit, its end if it has one; the price, of a flash sale only as a draft. */
export function EditOffer({ offer, onClose }: { offer: Offer; onClose: () => void }) {
  const t = useMessages(studioTexts);
  /** As it was when the form opened: only what was changed since is sent, what others changed meanwhile stays. */
  const [before] = useState(offer);
  const { ask, offers } = useRoom();
  const title = localized(offer.title, useStore(language));
  const [price, setPrice] = useState(toMajor(offer.priceMinor, offer.currency));
  const [units, setUnits] = useState(String(offer.allotmentUnits));
  const [limit, setLimit] = useState(String(offer.limitUnits));
  const [minutes, setMinutes] = useState(minutesOf(offer.durationSeconds));
  const hasPrice = offer.kind === 'cart' || offer.state === 'draft';

  const { problem, busy, onSubmit } = useSubmit(async () => {
    const { roomId, offerId, currency } = offer;
    const priceMinor = hasPrice ? fromMajor(price, currency) : before.priceMinor;
    const changes = {
      ...(Number(units) !== before.allotmentUnits && { allotmentUnits: Number(units) }),
      ...(Number(limit) !== before.limitUnits && { limitUnits: Number(limit) }),
      ...(priceMinor !== before.priceMinor && { priceMinor }),
      ...(minutes !== minutesOf(before.durationSeconds) && { durationSeconds: Math.round(Number(minutes) * 60) }),
    };
    if (Object.keys(changes).length > 0) {
      const edited = await ask('offer:edit', { roomId, offerId, ...changes }, { repeatable: true });
      offers.update((all) => changed(all, edited));
    }
    onClose();
    return undefined;
  });
  return (
    <Sheet shape="dialog" title={t.editOffer(title)} onClose={onClose}>
      <form class="stack" onSubmit={onSubmit}>
        <div class="two">
          {hasPrice && (
            <AmountField label={t.price} currency={offer.currency} required value={price} onText={setPrice} />
          )}
          <NumberField
            label={t.units}
            hint={t.unitsLeft(offer.unitsLeft)}
            max={offerLimits.allotmentUnitsMax}
            value={units}
            onText={setUnits}
          />
          <NumberField label={t.perPerson} max={offerLimits.unitsPerBuyerMax} value={limit} onText={setLimit} />
          {offer.durationSeconds !== null && (
            <NumberField
              label={t.duration}
              hint={offer.closesAtMs === null ? undefined : t.endsAt(timeOfDay(offer.closesAtMs))}
              min={offerLimits.durationSecondsMin / 60}
              max={offerLimits.durationSecondsMax / 60}
              step="any"
              inputMode="decimal"
              value={minutes}
              onText={setMinutes}
            />
          )}
        </div>
        <Problem text={problem} />
        <Button type="submit" kind="primary" size="big" wide busy={busy}>
          {t.save}
        </Button>
      </form>
    </Sheet>
  );
}

/** How long it lasts from its opening, as it is typed; empty for what has no end of its own. */
const minutesOf = (seconds: number | null): string =>
  seconds === null ? '' : String(Number((seconds / 60).toFixed(2)));
