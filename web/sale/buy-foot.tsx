import { Button } from '../design/button.tsx';
import { money } from '../i18n/format.ts';
import { useMessages } from '../i18n/messages.ts';
import { useRoom } from '../room/room-context.ts';
import { needAccount } from '../session/sign-in-sheet.tsx';
import { useFocusStays } from '../state/use-focus-place.ts';
import type { HeldOrder, Offer } from '../../shared/protocol/offer.ts';
import { FansFirstLine, useFansFirst } from './fans-first.tsx';
import { useSaleState } from './flash-line.tsx';
import { useBuying } from './use-buying.ts';
import { useWaiting } from './use-waiting.ts';
import { saleTexts } from './sale.messages.ts';

type FootProps = { offer: Offer; units: number; hideName: boolean; onHeld: (order: HeldOrder) => void };

/** The one button of a product: buy, or wait for a unit, and what came of it. */
export function BuyFoot({ offer, units, hideName, onHeld }: FootProps) {
  const t = useMessages(saleTexts);
  const { myId } = useRoom();
  const state = useSaleState(offer);
  const first = useFansFirst(offer);
  const buying = useBuying(offer, onHeld);
  const { unanswered } = buying;
  const isSoldOut = state === 'sold-out' && !unanswered;
  const waiting = useWaiting(offer, isSoldOut);
  const says = (isSoldOut ? waiting.says : undefined) ?? buying.says;
  const total = money({ minor: offer.priceMinor * (unanswered?.lines[0]?.units ?? units), currency: offer.currency });
  /** Runs for the person who pressed: whoever turned into somebody else by signing in presses again. */
  const asAccount = async (work: () => Promise<void>) => {
    if (await needAccount(myId)) await work();
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
        <Button size="big" wide busy={waiting.busy} onClick={() => void asAccount(() => waiting.wait(units))}>
          {t.wait}
        </Button>
      )}
      {isSoldOut && waiting.isIn && (
        <Button size="big" wide busy={waiting.busy} onClick={() => void waiting.leave()}>
          {t.leaveList}
        </Button>
      )}
      {!isSoldOut && (
        <Button
          kind="primary"
          size="big"
          wide
          busy={buying.busy}
          disabled={!unanswered && (state !== 'open' || first?.mustWait)}
          onClick={() => void asAccount(() => buying.buy(units, hideName))}
        >
          {state === 'ended' && !unanswered ? t.ended : `${t.buyNow} · ${total}`}
        </Button>
      )}
    </div>
  );
}
