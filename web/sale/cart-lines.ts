import type { Offer } from '../../shared/protocol/offer.ts';
import { unitsMaxOf, type Offers } from '../room/offers.ts';
import type { CartLine, CartLines } from './cart.ts';
import { saleStateAt, type SaleState } from './sale-state.ts';
import type { Wanted } from './use-buying.ts';

export type SortedCart = ReturnType<typeof sorted>;
/** `gone`: the room has no such offer any more. */
export type Missing = { line: CartLine; offer: Offer | null; why: Exclude<SaleState, 'open'> | 'gone' };

/**
 * What of a cart can be ordered now, in one order, and what can't. Units may be fewer than were wished for, when others took some.
 * `later`: of another merchant than the first line, and so of an order of its own. Each by the number the host speaks of.
 */
export function sorted(lines: CartLines, offers: Offers, nowMs: number) {
  const orderable: Wanted[] = [];
  const missing: Missing[] = [];
  for (const line of lines) {
    const offer = offers.find(({ offerId }) => offerId === line.offerId) ?? null;
    const state = offer ? saleStateAt(offer, nowMs) : 'gone';
    if (offer && state === 'open') orderable.push({ offer, units: Math.min(line.units, unitsMaxOf(offer)) });
    else if (state !== 'open') missing.push({ line, offer, why: state });
  }
  orderable.sort((a, b) => a.offer.itemNumber - b.offer.itemNumber);
  missing.sort((a, b) => (a.offer?.itemNumber ?? Infinity) - (b.offer?.itemNumber ?? Infinity));
  const merchantId = orderable[0]?.offer.merchantId;
  const isNow = ({ offer }: Wanted) => offer.merchantId === merchantId;
  return { now: orderable.filter(isNow), later: orderable.filter((line) => !isNow(line)), missing };
}
