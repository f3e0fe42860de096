import { useEffect, useRef } from 'preact/hooks';
import { Sheet } from '../design/sheet.tsx';
import { toast } from '../design/toast.tsx';
import { useMessages } from '../i18n/messages.ts';
import type { HeldOrder } from '../../shared/protocol/offer.ts';
import type { Room } from '../../shared/protocol/room.ts';
import { BagList } from '../sale/bag-list.tsx';
import { CartSheet } from '../sale/cart-sheet.tsx';
import { PlannedSheet } from '../sale/planned-sheet.tsx';
import { ProductSheet } from '../sale/product-sheet.tsx';
import { CheckoutSheet } from '../orders/checkout-sheet.tsx';
import { FanClubSheet } from '../fan-club/fan-club-sheet.tsx';
import { LuckyBagSheet } from '../giveaway/lucky-bag-sheet.tsx';
import { LuckyBagsSheet } from '../giveaway/lucky-bags-sheet.tsx';
import { lookAtPlace } from '../sale/look-at-place.ts';
import { leavePlace } from '../sale/places.ts';
import { saleTexts } from '../sale/sale.messages.ts';
import { Link } from '../router/router.tsx';
import { shellTexts } from '../shell/shell.messages.ts';
import { useAskAbout } from './use-ask-about.ts';
import { useRoom } from './room-context.ts';
import type { MissedNotice } from './room-session.ts';
import type { Panels } from './use-panels.ts';

/** The one sheet that is open, if any. */
export function OpenPanel({ room, panels }: { room: Room; panels: Panels }) {
  const t = useMessages(saleTexts);
  const shell = useMessages(shellTexts);
  const session = useRoom();
  const askAbout = useAskAbout();
  const { panel, close } = panels;
  const served = (order: HeldOrder) => {
    for (const { offerId } of order.lines) leavePlace(session.places, offerId);
    const pay = () => panels.openCheckout(order);
    // Whoever is in the middle of something else decides when to leave it; the sheet of what they waited for says the wrong thing now.
    const isAtIt = panel.kind === 'product' && order.lines.some(({ offerId }) => offerId === panel.offerId);
    const isFree = panel.kind === 'none' || isAtIt;
    toast(t.served, 'good', isFree ? undefined : { label: t.payNow, onPress: pay });
    if (isFree) pay();
  };
  const missed = (offerId: string, notice: MissedNotice) => {
    leavePlace(session.places, offerId);
    toast(notice === 'offer:passed' ? t.passed : t.missed);
  };
  const latest = useRef({ served, missed });
  latest.current = { served, missed };
  useEffect(() => session.onServed((order) => latest.current.served(order)), [session]);
  useEffect(() => session.onMissed((offerId, notice) => latest.current.missed(offerId, notice)), [session]);
  useEffect(
    () =>
      session.onBack(() => {
        for (const offerId of session.places.get().keys()) void lookAtPlace(session, offerId).catch(() => undefined);
      }),
    [session],
  );
  if (panel.kind === 'bag')
    return (
      <Sheet title={t.bag} onClose={close}>
        <BagList onOpen={panels.openProduct} onAsk={askAbout} />
        <Link to="/orders" class="button button--plain button--normal button--wide bag__orders">
          {shell.orders}
        </Link>
      </Sheet>
    );
  if (panel.kind === 'cart')
    return <CartSheet onOpen={panels.openProduct} onHeld={panels.openCheckout} onClose={close} />;
  if (panel.kind === 'product')
    return (
      <ProductSheet
        offerId={panel.offerId}
        onChoose={(offerId) => panels.openProduct({ offerId })}
        onHeld={panels.openCheckout}
        onClose={close}
      />
    );
  if (panel.kind === 'planned') return <PlannedSheet product={panel.product} onClose={close} />;
  if (panel.kind === 'checkout')
    return <CheckoutSheet orderId={panel.order.orderId} ask={session.ask} onClose={close} />;
  if (panel.kind === 'lucky-bag')
    return (
      <LuckyBagSheet
        giveawayId={panel.giveawayId}
        onBuy={(offerId) => panels.openProduct({ offerId })}
        onFanClub={panels.openFanClub}
        onClose={close}
      />
    );
  if (panel.kind === 'lucky-bags') return <LuckyBagsSheet onOpen={panels.openLuckyBag} onClose={close} />;
  if (panel.kind === 'fan-club') return <FanClubSheet room={room} onClose={close} />;
  return null;
}
