import { useEffect, useRef } from 'preact/hooks';
import type { OrderState } from '../../shared/protocol/order.ts';
import { Icon } from '../design/icon.tsx';
import { toast } from '../design/toast.tsx';
import { useMessages } from '../i18n/messages.ts';
import { useRoom } from '../room/room-context.ts';
import { onNotice } from '../session/connection.ts';
import { useStore } from '../state/store.ts';
import { saleTexts } from './sale.messages.ts';

/**
 * The way to the cart, with the lines in it. There is none while nothing was ever in it; one that was emptied keeps it, for whoever
 * closes the drawer is back at the button that opened it. An order that ends unpaid gives its lines back, which is said.
 */
export function CartButton({ onOpen }: { onOpen: () => void }) {
  const t = useMessages(saleTexts);
  const { cart, roomId } = useRoom();
  const { length } = useStore(cart.lines);
  const wasUsed = useRef(false);
  useEffect(() => cart.read(), [cart]);
  useEffect(
    () =>
      onNotice<{ roomId: string; state: OrderState }>('order:changed', (order) => {
        if (order.roomId !== roomId) return;
        if (order.state === 'cancelled') cart.read();
        if (order.state === 'expired') void sayWhatIsBack().catch(() => cart.read());
      }),
    [cart, roomId, t],
  );
  async function sayWhatIsBack(): Promise<void> {
    if ((await cart.newLines()) > 0) toast(t.cartIsBack);
  }
  if (length > 0) wasUsed.current = true;
  if (!wasUsed.current) return null;
  return (
    <button
      type="button"
      class="bag-button bag-button--cart"
      onClick={onOpen}
      aria-label={t.cartWith(length)}
      title={t.cart}
    >
      <Icon name="cart" sizePx={22} />
      {length > 0 && <span class="bag-button__count numbers">{length}</span>}
    </button>
  );
}
