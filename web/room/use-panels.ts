import { useEffect, useState } from 'preact/hooks';
import type { HeldOrder, Offer } from '../../shared/protocol/offer.ts';
import type { PlannedProduct } from '../../shared/protocol/room.ts';
import { navigate, usePlace } from '../router/router.tsx';

/** What lies over or beside the picture. One at a time: a phone has room for one. */
export type Panel =
  | { kind: 'none' }
  | { kind: 'bag' }
  | { kind: 'cart' }
  | { kind: 'product'; offerId: string }
  | { kind: 'planned'; product: PlannedProduct }
  | { kind: 'checkout'; order: Pick<HeldOrder, 'orderId'> }
  | { kind: 'lucky-bag'; giveawayId: string }
  | { kind: 'lucky-bags' }
  | { kind: 'fan-club' };

export type Panels = ReturnType<typeof usePanels>;

/**
 * Kept above the visit to the room: a guest who signs in enters anew as somebody else, and finds the sheet open that they were
 * looking at. Not an order, though: that was of the one before. The address may ask for a product to begin with: `?offer=ID`.
 */
export function usePanels(personId: string | undefined) {
  const { path, query } = usePlace();
  const asked = query.get('offer');
  const [panel, setPanel] = useState<Panel>(asked ? { kind: 'product', offerId: asked } : { kind: 'none' });
  // Asked for once: whoever closes it, and comes back to this address later, has seen it.
  useEffect(() => {
    if (!asked) return;
    const rest = new URLSearchParams(query);
    rest.delete('offer');
    navigate(rest.size > 0 ? `${path}?${rest.toString()}` : path, { replace: true, unasked: true });
  }, [asked]);
  useEffect(() => setPanel((open) => (open.kind === 'checkout' ? { kind: 'none' } : open)), [personId]);
  return {
    panel,
    close: () => setPanel({ kind: 'none' }),
    openBag: () => setPanel({ kind: 'bag' }),
    openCart: () => setPanel({ kind: 'cart' }),
    openProduct: ({ offerId }: Pick<Offer, 'offerId'>) => setPanel({ kind: 'product', offerId }),
    openPlanned: (product: PlannedProduct) => setPanel({ kind: 'planned', product }),
    openCheckout: (order: Pick<HeldOrder, 'orderId'>) => setPanel({ kind: 'checkout', order }),
    openLuckyBags: () => setPanel({ kind: 'lucky-bags' }),
    openLuckyBag: (giveawayId: string) => setPanel({ kind: 'lucky-bag', giveawayId }),
    openFanClub: () => setPanel({ kind: 'fan-club' }),
  };
}
