import { useEffect } from 'preact/hooks';
import { Button } from '../design/button.tsx';
import { Tick } from '../design/field.tsx';
import { Notice } from '../design/notice.tsx';
import { Sheet } from '../design/sheet.tsx';
import { Skeleton } from '../design/skeleton.tsx';
import { toast } from '../design/toast.tsx';
import { money } from '../i18n/format.ts';
import { useMessages } from '../i18n/messages.ts';
import { useRoom } from '../room/room-context.ts';
import type { ReadingState } from '../room/reading.ts';
import { sayError } from '../session/say-error.ts';
import { Failure } from '../shell/failure.tsx';
import { serverNowMs } from '../state/server-clock.ts';
import { useStore } from '../state/store.ts';
import { useFocusPlace } from '../state/use-focus-place.ts';
import type { HeldOrder, Offer } from '../../shared/protocol/offer.ts';
import { CartItem, MissingItem } from './cart-item.tsx';
import { sorted, type SortedCart } from './cart-lines.ts';
import { useHideName } from './hide-name.ts';
import { saleTexts } from './sale.messages.ts';
import { goodsMinorOf, unansweredIn } from './unanswered.ts';
import { purchaseLines, useBuying } from './use-buying.ts';
import './cart.css';

type Props = {
  onOpen: (offer: Pick<Offer, 'offerId'>) => void;
  onHeld: (order: HeldOrder) => void;
  onClose: () => void;
};

/** What is in the cart, what of it can be had now, and the one button that orders that, all or nothing. */
export function CartSheet({ onOpen, onHeld, onClose }: Props) {
  const t = useMessages(saleTexts);
  const { cart, myId, offers, offersState, readOffers, onBack } = useRoom();
  const { hideName, setHideName } = useHideName(myId);
  const reading = whole(useStore(cart.state), useStore(offersState));
  const known = useStore(offers);
  const lines = useStore(cart.lines);
  const content = sorted(lines, known, serverNowMs());
  const isKnown = reading.state === 'ready';
  const readAgain = () => {
    cart.read();
    readOffers();
  };
  // Another device may have changed it, also while this one was away.
  useEffect(() => {
    cart.read();
    return onBack(() => cart.read());
  }, [cart]);
  return (
    <Sheet
      title={t.cart}
      shape="side"
      onClose={onClose}
      foot={isKnown && <CartFoot content={content} hideName={hideName} onHeld={onHeld} />}
    >
      {reading.state === 'loading' && <Skeleton height={160} />}
      {reading.state === 'failed' && <Failure error={reading.error} onAgain={readAgain} />}
      {isKnown && lines.length === 0 && <Notice icon="cart" title={t.emptyCart} text={t.emptyCartText} />}
      {isKnown && lines.length > 0 && (
        <div class="stack">
          <CartList content={content} onOpen={onOpen} />
          {content.now.length > 0 && <Tick label={t.hideName} checked={hideName} onTick={setHideName} />}
        </div>
      )}
    </Sheet>
  );
}

/** Both are needed: lines without their offers would all look gone. */
const whole = (lines: ReadingState, offers: ReadingState): ReadingState => (lines.state === 'ready' ? offers : lines);

function CartList({ content: { now, later, missing }, onOpen }: { content: SortedCart } & Pick<Props, 'onOpen'>) {
  const t = useMessages(saleTexts);
  const { cart } = useRoom();
  const { place, focusPlace } = useFocusPlace<HTMLDivElement>();
  const put = (offerId: string, units: number) => {
    if (units === 0) focusPlace(); // The button that had the focus goes with its line.
    cart.put({ offerId, units }).catch((error: unknown) => toast(sayError(error), 'bad'));
  };
  return (
    <div class="stack" ref={place} tabIndex={-1}>
      {now.length > 0 && (
        <ul class="cart">
          {now.map((line) => (
            <CartItem key={line.offer.offerId} {...line} onPut={put} onOpen={onOpen} />
          ))}
        </ul>
      )}
      {later.length > 0 && (
        <>
          <p class="quiet small">{t.laterText}</p>
          <ul class="cart">
            {later.map((line) => (
              <CartItem key={line.offer.offerId} {...line} onPut={put} onOpen={onOpen} />
            ))}
          </ul>
        </>
      )}
      {missing.length > 0 && (
        <>
          <p class="quiet small">{t.missingText}</p>
          <ul class="cart">
            {missing.map((one) => (
              <MissingItem key={one.line.offerId} {...one} onPut={put} onOpen={onOpen} />
            ))}
          </ul>
        </>
      )}
    </div>
  );
}

type FootProps = { content: SortedCart; hideName: boolean } & Pick<Props, 'onHeld'>;

function CartFoot({ content: { now }, hideName, onHeld }: FootProps) {
  const t = useMessages(saleTexts);
  const { myId, roomId, offers } = useRoom();
  const { buy, busy, says, unanswered } = useBuying(() => unansweredIn(myId, roomId), onHeld);
  const lines = unanswered?.lines ?? purchaseLines(now);
  const currency = useStore(offers).find(({ offerId }) => offerId === lines[0]?.offerId)?.currency;
  if (lines.length === 0 && !says) return null;
  return (
    <div class="stack">
      {says && (
        <p class="says says--bad user-text" role="alert">
          {says}
        </p>
      )}
      {lines.length > 0 && (
        <>
          {currency && (
            <p class="row row--apart">
              <span class="grow">
                {t.goodsSum} <span class="quiet small">{t.plusShipping}</span>
              </span>
              <strong class="numbers">{money({ minor: goodsMinorOf(lines), currency })}</strong>
            </p>
          )}
          <Button kind="primary" size="big" wide busy={busy} onClick={() => void buy(now, hideName)}>
            {unanswered ? t.finishOrder : t.checkOut}
          </Button>
        </>
      )}
    </div>
  );
}
