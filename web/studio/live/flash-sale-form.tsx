import { useEffect, useState } from 'preact/hooks';
import { Button } from '../../design/button.tsx';
import { Problem } from '../../design/problem.tsx';
import { Sheet } from '../../design/sheet.tsx';
import { toast } from '../../design/toast.tsx';
import { dayAndTime, money } from '../../i18n/format.ts';
import { language } from '../../i18n/language.ts';
import { useMessages } from '../../i18n/messages.ts';
import { changed, localized, priceOf } from '../../room/offers.ts';
import { useRoom } from '../../room/room-context.ts';
import { complain } from '../../session/complain.ts';
import { newKey } from '../../state/new-key.ts';
import { useRequestKey } from '../../state/use-request-key.ts';
import { useStore } from '../../state/store.ts';
import { useSubmit } from '../../state/use-submit.ts';
import type { Request } from '../../../shared/client/requests.ts';
import type { Offer } from '../../../shared/protocol/offer.ts';
import { openOffer } from '../open-offer.ts';
import { studioTexts } from '../studio.messages.ts';
import { FlashSaleFields } from './flash-sale-fields.tsx';
import { flashSaleTerms, isDearer, opensAtMsOf, usualFlashSale, withinStock } from './flash-sale-terms.ts';
import { offerTermsTexts } from './offer-terms.messages.ts';

/** Units that nobody has on sale, by the latest movement of the stock. */
async function freeUnitsOf(ask: Request, skuId: string): Promise<number> {
  const { movements } = await ask('stock:movements', { skuId, limit: 1 });
  return movements[0]?.freeUnits ?? 0;
}

/** A flash sale of something in the running order. It takes units of its own; the item in the bag stays what it is. */
export function FlashSaleForm({ of, onClose }: { of: Offer; onClose: () => void }) {
  const t = useMessages(studioTexts);
  const words = useMessages(offerTermsTexts);
  const { ask, roomId, offers } = useRoom();
  const title = localized(of.title, useStore(language));
  const [wish, setWish] = useState(() => usualFlashSale(of));
  const { keyOf, done } = useRequestKey();
  const [freeUnits, setFreeUnits] = useState<number | null>(null);
  useEffect(() => {
    const found = (free: number) => {
      setFreeUnits(free);
      setWish((now) => withinStock(now, free));
    };
    // Staff may not look into the stock of a merchant; the answer to the sale says it then.
    void freeUnitsOf(ask, of.skuId).then(found, () => undefined);
  }, [of.skuId]);

  const { problem, busy, onSubmit } = useSubmit(async () => {
    const terms = { roomId, ...flashSaleTerms(wish, of) };
    const opensAtMs = opensAtMsOf(wish);
    const wanted = { terms, opensAtMs }; // Another start is another sale: that of one which is announced stays.
    const answer = await openOffer(ask, { ...terms, requestKey: keyOf(wanted) }, opensAtMs);
    if (answer.outcome === 'short') {
      done(wanted);
      return t.short(answer.freeUnits);
    }
    offers.update((all) => changed(all, answer.offer));
    onClose();
    // What opens some other time is shown when the host speaks of it.
    if (opensAtMs === undefined) pin(answer.offer);
    else toast(words.announced(dayAndTime(opensAtMs)), 'good'); // Its row may lie below what is seen of the list.
    return undefined;
  });
  /** The sale is on, whatever becomes of its pin. */
  const pin = ({ offerId }: Offer) =>
    void ask('offer:pin', { roomId, offerId, requestKey: newKey() }).then(
      (pinned) => offers.update((all) => changed(all, pinned)),
      complain,
    );
  const isScheduled = wish.opensAt !== '';
  return (
    <Sheet shape="dialog" title={t.flashTitle(title)} onClose={onClose}>
      <form class="stack" onSubmit={onSubmit}>
        <FlashSaleFields
          wish={wish}
          currency={of.currency}
          freeUnits={freeUnits}
          onChange={(change) => setWish((before) => ({ ...before, ...change }))}
        />
        <Problem text={isDearer(wish, of) ? words.dearer(money(priceOf(of))) : undefined} />
        <p class="quiet small">{isScheduled ? words.scheduledText : t.flashText}</p>
        <Problem text={problem} />
        <Button type="submit" kind="primary" size="big" icon="flash" wide busy={busy}>
          {isScheduled ? words.announceSale : t.startSale}
        </Button>
      </form>
    </Sheet>
  );
}
