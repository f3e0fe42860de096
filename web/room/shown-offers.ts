import type { Offer } from '../../shared/protocol/offer.ts';
import { isOn, pinnedOf, type Offers } from './offers.ts';

/** A flash sale comes before what is pinned from this long before it opens: the longest countdown there is, ms. */
export const flashAheadMs = 300_000;

/**
 * What the host shows now, the most pressing first: the flash sale that has units or is about to open, what is pinned, the newest
 * first, and last a sale that goes on with nothing left. Each once.
 */
export function shownOffers(offers: Offers, nowMs: number): Offer[] {
  const flashes = offers.filter((offer) => offer.kind === 'flash' && isOn(offer)).sort((a, b) => opens(a) - opens(b));
  const pressing = flashes.find((offer) =>
    offer.state === 'open' ? offer.unitsLeft > 0 : opens(offer) - nowMs <= flashAheadMs,
  );
  const soldOut = flashes.filter(({ state }) => state === 'open');
  return [...new Set([...(pressing ? [pressing] : []), ...pinnedOf(offers), ...soldOut])];
}

/** When the next sale that is announced becomes pressing, Unix ms; null when none will. */
export function nextPressingAtMs(offers: Offers, nowMs: number): number | null {
  const coming = offers
    .filter(({ kind, state }) => kind === 'flash' && state === 'announced')
    .map((offer) => opens(offer) - flashAheadMs)
    .filter((atMs) => atMs > nowMs);
  return coming.length === 0 ? null : Math.min(...coming);
}

const opens = ({ opensAtMs }: Offer): number => opensAtMs ?? 0;
