import { useState } from 'preact/hooks';
import { AmountField } from '../../design/amount-field.tsx';
import { Button } from '../../design/button.tsx';
import { NumberField } from '../../design/number-field.tsx';
import { Problem } from '../../design/problem.tsx';
import { Sheet } from '../../design/sheet.tsx';
import { writtenIn } from '../../design/written.ts';
import { fromMajor, toMajor } from '../../i18n/amounts.ts';
import { useMessages } from '../../i18n/messages.ts';
import { changed } from '../../room/offers.ts';
import { useRoom } from '../../room/room-context.ts';
import { useRequestKey } from '../../state/use-request-key.ts';
import { useSubmit } from '../../state/use-submit.ts';
import { offerLimits } from '../../../shared/limits.ts';
import type { Sku } from '../../../shared/protocol/catalog.ts';
import { openOffer } from '../open-offer.ts';
import { studioTexts } from '../studio.messages.ts';
import { AudienceFields } from './audience-fields.tsx';
import { audienceOf, everybody } from './audience-wish.ts';
import { offerTermsTexts } from './offer-terms.messages.ts';

type Props = { sku: Sku; title: string; currency: string; allotmentUnits: number; onClose: () => void };

/** Puts a variant into the bag at a price, for people and with a limit other than the usual ones. */
export function AddWithTerms({ sku, title, currency, allotmentUnits, onClose }: Props) {
  const t = useMessages(studioTexts);
  const words = useMessages(offerTermsTexts);
  const { ask, roomId, offers } = useRoom();
  const { keyOf, done } = useRequestKey();
  const [wish, setWish] = useState(() => ({
    price: toMajor(sku.priceMinor, currency),
    listPrice: toMajor(sku.compareAtMinor ?? sku.priceMinor, currency),
    units: String(allotmentUnits),
    limit: String(offerLimits.unitsPerBuyerMax),
    ...everybody,
  }));
  const change = (part: Partial<typeof wish>) => setWish((now) => ({ ...now, ...part }));
  const written = writtenIn(wish, change);
  const { problem, busy, onSubmit } = useSubmit(async () => {
    const terms = {
      roomId,
      skuId: sku.skuId,
      kind: 'cart' as const,
      priceMinor: fromMajor(wish.price, currency),
      listPriceMinor: fromMajor(wish.listPrice, currency),
      allotmentUnits: Number(wish.units),
      limitUnits: Number(wish.limit),
      audience: audienceOf(wish),
    };
    const answer = await openOffer(ask, { ...terms, requestKey: keyOf(terms) });
    done(terms);
    if (answer.outcome === 'short') return t.short(answer.freeUnits);
    offers.update((all) => changed(all, answer.offer));
    onClose();
    return undefined;
  });
  return (
    <Sheet shape="dialog" title={words.termsTitle(title)} onClose={onClose}>
      <form class="stack" onSubmit={onSubmit}>
        <div class="two">
          <AmountField label={t.price} currency={currency} required {...written('price')} />
          <AmountField label={words.listPrice} currency={currency} required {...written('listPrice')} />
          <NumberField
            label={t.units}
            hint={t.freeInStock(sku.freeUnits ?? 0)}
            max={offerLimits.allotmentUnitsMax}
            {...written('units')}
          />
          <NumberField label={t.perPerson} max={offerLimits.unitsPerBuyerMax} {...written('limit')} />
          <AudienceFields wish={wish} onChange={change} />
        </div>
        <Problem text={problem} />
        <Button type="submit" kind="primary" size="big" wide busy={busy}>
          {words.addToShow}
        </Button>
      </form>
    </Sheet>
  );
}
