import type { Membership } from '../fan-club/membership.ts';
import type { Follows } from '../follow/follows.ts';
import type { RightsToBuy } from '../giveaway/rights-to-buy.ts';
import type { OfferTerms } from './offer-terms.ts';
import type { Admission } from './purchase.ts';

type Needs = { follows: Follows; membership: Membership; rights: RightsToBuy };

/** Whether a person belongs to those an offer is for. */
export function createAudience({ follows, membership, rights }: Needs) {
  return async ({ audience, hostId, offerId }: OfferTerms, personId: string): Promise<Admission> => {
    switch (audience.who) {
      case 'all':
        return admitted(true);
      case 'followers':
        return admitted((await follows.sinceMs(hostId, personId)) !== null);
      case 'fans':
        return admitted(((await membership.levelOf(hostId, personId)) ?? 0) >= audience.levelMin);
      case 'right': {
        const right = await rights.find(personId, offerId);
        return right ? { admitted: true, rightId: right.rightId } : { admitted: false };
      }
    }
  };
}

const admitted = (yes: boolean): Admission => (yes ? { admitted: true, rightId: null } : { admitted: false });
