import type { Offer } from '../../shared/protocol/offer.ts';

export type SaleState = 'announced' | 'open' | 'sold-out' | 'ended';

/** What an offer is at a moment of the server's clock, Unix ms: it opens and ends on time even when the news of it is late. */
export function saleStateAt(offer: Offer, nowMs: number): SaleState {
  if (offer.state === 'ended' || offer.state === 'draft') return 'ended';
  if (offer.opensAtMs !== null && nowMs < offer.opensAtMs) return 'announced';
  if (offer.closesAtMs !== null && nowMs >= offer.closesAtMs) return 'ended';
  return offer.unitsLeft === 0 ? 'sold-out' : 'open';
}
