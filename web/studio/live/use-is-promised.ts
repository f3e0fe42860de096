import { useRoom } from '../../room/room-context.ts';
import { useStore } from '../../state/store.ts';
import { isToDraw } from '../../../shared/giveaway-state.ts';
import type { Offer } from '../../../shared/protocol/offer.ts';

/**
 * Whether a raffle drop that is not drawn yet has promised this offer: its terms are part of the rules, and the server refuses
 * every change. After the draw it depends on who uses the right, which the server alone knows: its answer says so then.
 */
export function useIsPromised({ offerId }: Offer): boolean {
  return useStore(useRoom().giveaways)
    .filter(isToDraw)
    .some(({ rules: { prize } }) => prize.prize === 'right-to-buy' && prize.offerId === offerId);
}
