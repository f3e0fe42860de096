import { Button } from '../design/button.tsx';
import { money } from '../i18n/format.ts';
import { useMessages } from '../i18n/messages.ts';
import { useRoom } from '../room/room-context.ts';
import { needAccount } from '../session/sign-in-sheet.tsx';
import { useFocusStays } from '../state/use-focus-place.ts';
import type { HeldOrder, Offer } from '../../shared/protocol/offer.ts';
import { AddToCart } from './add-to-cart.tsx';
import { FansFirstLine, useFansFirst } from './fans-first.tsx';
import { useSaleState } from './flash-line.tsx';
import { goodsMinorOf, unansweredOf } from './unanswered.ts';
import { purchaseLines, useBuying } from './use-buying.ts';
import { useWaiting } from './use-waiting.ts';
import { saleTexts } from './sale.messages.ts';

type FootProps = { offer: Offer; units: number; hideName: boolean; onHeld: (order: HeldOrder) => void };

/** What can be done about a product: buy it, put it into the cart, or wait for a unit; and what came of it. */
export function BuyFoot({ offer, units, hideName, onHeld }: FootProps) {
  const t = useMessages(saleTexts);
  const { myId } = useRoom();
  const state = useSaleState(offer);
  const first = useFansFirst(offer);
  const buying = useBuying(() => unansweredOf(myId, offer.offerId), onHeld);
  const { unanswered } = buying;
  const isSoldOut = state === 'sold-out' && !unanswered;
  const waiting = useWaiting(offer, isSoldOut);
  const says = (isSoldOut ? waiting.says : undefined) ?? buying.says;
  const wanted = [{ offer, units }];
  const total = money({ minor: goodsMinorOf(unanswered?.lines ?? purchaseLines(wanted)), currency: offer.currency });
  const wait = async () => {
    // Whoever turned into somebody else by signing in presses again.
    if (await needAccount(myId)) await waiting.wait(units);
  };
  const place = useFocusStays<HTMLDivElement>();
  return (
    <div class="stack" ref={place}>
      {state === 'open' && <FansFirstLine first={first} />}
      {says && (
        <p class={isSoldOut && waiting.isIn ? 'says' : 'says says--bad'} role="alert">
          {says}
        </p>
      )}
      {isSoldOut && !waiting.isIn && (
        <Button size="big" wide busy={waiting.busy} onClick={() => void wait()}>
          {t.wait}
        </Button>
      )}
      {isSoldOut && waiting.isIn && (
        <Button size="big" wide busy={waiting.busy} onClick={() => void waiting.leave()}>
          {t.leaveList}
        </Button>
      )}
      {!isSoldOut && (
        <p class="ways-to-buy">
          {!unanswered && <AddToCart offer={offer} units={units} />}
          <Button
            kind="primary"
            size="big"
            wide
            busy={buying.busy}
            disabled={!unanswered && (state !== 'open' || first?.mustWait)}
            onClick={() => void buying.buy(wanted, hideName)}
          >
            {state === 'ended' && !unanswered ? t.ended : `${t.buyNow} · ${total}`}
          </Button>
        </p>
      )}
    </div>
  );
}
