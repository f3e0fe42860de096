import { useState } from 'preact/hooks';
import { AmountField } from '../../design/amount-field.tsx';
import { Button } from '../../design/button.tsx';
import { TextField } from '../../design/field.tsx';
import { Sheet } from '../../design/sheet.tsx';
import { fromMajor, toMajor } from '../../i18n/amounts.ts';
import { language } from '../../i18n/language.ts';
import { useMessages } from '../../i18n/messages.ts';
import { changed, localized } from '../../room/offers.ts';
import { useRoom } from '../../room/room-context.ts';
import { sayError } from '../../session/say-error.ts';
import { useStore } from '../../state/store.ts';
import { offerLimits, type Offer } from '../../../shared/protocol/offer.ts';
import { studioTexts } from '../studio.messages.ts';

/** What may still be changed of an offer: units and limit always, the price until a flash sale has been announced. */
export function EditOffer({ offer, onClose }: { offer: Offer; onClose: () => void }) {
  const t = useMessages(studioTexts);
  const { ask, offers } = useRoom();
  const title = localized(offer.title, useStore(language));
  const [price, setPrice] = useState(toMajor(offer.priceMinor, offer.currency));
  const [units, setUnits] = useState(String(offer.allotmentUnits));
  const [limit, setLimit] = useState(String(offer.limitUnits));
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(false);
  const hasPrice = offer.kind === 'cart' || offer.state === 'draft';

  const save = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setProblem(undefined);
    const { roomId, offerId, currency } = offer;
    try {
      const terms = { allotmentUnits: Number(units), limitUnits: Number(limit) };
      const priced = hasPrice ? { priceMinor: fromMajor(price, currency) } : {};
      const edited = await ask('offer:edit', { roomId, offerId, ...terms, ...priced });
      offers.update((all) => changed(all, edited));
      onClose();
    } catch (error) {
      setProblem(sayError(error));
    } finally {
      setBusy(false);
    }
  };
  const number = { type: 'number' as const, required: true, min: 1, step: 1, inputMode: 'numeric' as const };
  return (
    <Sheet shape="dialog" title={t.editOffer(title)} onClose={onClose}>
      <form class="stack" onSubmit={(event) => void save(event)}>
        <div class="two">
          {hasPrice && (
            <AmountField label={t.price} currency={offer.currency} required value={price} onText={setPrice} />
          )}
          <TextField
            {...number}
            label={t.units}
            hint={t.unitsLeft(offer.unitsLeft)}
            max={offerLimits.allotmentUnitsMax}
            value={units}
            onText={setUnits}
          />
          <TextField
            {...number}
            label={t.perPerson}
            max={offerLimits.unitsPerBuyerMax}
            value={limit}
            onText={setLimit}
          />
        </div>
        {problem && (
          <p class="problem" role="alert">
            {problem}
          </p>
        )}
        <Button type="submit" kind="primary" size="big" wide busy={busy}>
          {t.save}
        </Button>
      </form>
    </Sheet>
  );
}
