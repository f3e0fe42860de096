import { useEffect, useRef } from 'preact/hooks';
import { Icon } from '../design/icon.tsx';
import { useMessages } from '../i18n/messages.ts';
import { useRoom } from '../room/room-context.ts';
import { useStore } from '../state/store.ts';
import { saleTexts } from './sale.messages.ts';

/**
 * The way to the cart, with the lines in it. There is none while nothing was ever in it; one that was emptied keeps it, for whoever
 * closes the drawer is back at the button that opened it.
 */
export function CartButton({ onOpen }: { onOpen: () => void }) {
  const t = useMessages(saleTexts);
  const { cart } = useRoom();
  const { length } = useStore(cart.lines);
  const wasUsed = useRef(false);
  useEffect(() => cart.read(), [cart]);
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
