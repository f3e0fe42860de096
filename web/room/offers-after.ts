import type { TypedEntry } from '../../shared/frames.ts';
import { changed, patched, rearranged, type Offers } from './offers.ts';

/** The offers after an entry of the room log. Other entries change nothing. */
export function offersAfter(offers: Offers, entry: TypedEntry): Offers {
  switch (entry.kind) {
    case 'offer:announced':
    case 'offer:changed':
    case 'offer:pinned':
      return changed(offers, entry.body);
    case 'offer:unpinned':
      return patched(offers, entry.body.offerId, { pinnedAtMs: null });
    case 'offer:sold-out':
      return patched(offers, entry.body.offerId, { unitsLeft: 0 });
    case 'offer:available':
      return patched(offers, entry.body.offerId, { unitsLeft: entry.body.unitsLeft });
    case 'offer:ended':
      return patched(offers, entry.body.offerId, { state: 'ended', pinnedAtMs: null });
    case 'offer:ordered':
      return rearranged(offers, entry.body.offerIds);
    default:
      return offers;
  }
}
