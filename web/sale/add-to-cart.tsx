import { Button, IconButton } from '../design/button.tsx';
import { toast } from '../design/toast.tsx';
import { language } from '../i18n/language.ts';
import { useMessages } from '../i18n/messages.ts';
import { localized, unitsMaxOf } from '../room/offers.ts';
import { useRoom } from '../room/room-context.ts';
import { sayError } from '../session/say-error.ts';
import type { Offer } from '../../shared/protocol/offer.ts';
import { unitsIn } from './cart.ts';
import { useSaleState } from './flash-line.tsx';
import { saleTexts } from './sale.messages.ts';

type Props = {
  offer: Offer;
  units: number;
  /** `icon`: where there is room for no words. */
  shape?: 'words' | 'icon';
};

/** Puts units into the cart. Not those of a flash sale: a cart keeps nothing back, and such a sale is over before it is looked at. */
export function AddToCart({ offer, units, shape = 'words' }: Props) {
  const t = useMessages(saleTexts);
  const add = useAdd();
  const state = useSaleState(offer);
  if (offer.kind !== 'cart' || state !== 'open') return null;
  const press = () => void add(offer, units);
  if (shape === 'icon') return <IconButton kind="plain" icon="cartAdd" label={t.addToCart} onClick={press} />;
  return (
    <Button size="big" onClick={press}>
      {t.addToCart}
    </Button>
  );
}

/** Adds to the units that are there, as far as there may be more, and says how many that makes. */
function useAdd() {
  const t = useMessages(saleTexts);
  const { cart } = useRoom();
  return async (offer: Offer, more: number): Promise<void> => {
    const { offerId } = offer;
    const before = unitsIn(cart.lines.get(), offerId);
    const units = Math.min(before + more, unitsMaxOf(offer));
    if (units <= before) return toast(t.noMoreInCart(before));
    try {
      await cart.put({ offerId, units });
      toast(t.nowInCart(localized(offer.title, language.get()), units), 'good');
    } catch (error) {
      toast(sayError(error), 'bad');
    }
  };
}
