import type { Membership } from '../fan-club/membership.ts';
import type { Follows } from '../follow/follows.ts';
import type { RightsToBuy } from '../giveaway/rights-to-buy.ts';
import type { OfferTerms } from './offer-terms.ts';
import type { Admission, Admit } from './purchase.ts';

type Needs = {
  follows: Follows;
  membership: Membership;
  rights: RightsToBuy;
  rightIsUsed: (rightId: string) => Promise<boolean>;
  /** The clock that opens offers, Unix ms: ours may be wrong, and would let people in before others. */
  saleNowMs: () => Promise<number>;
};

/** Whether a person belongs to those an offer is for, now. */
export function createAudience({ follows, membership, rights, rightIsUsed, saleNowMs }: Needs): Admit {
  return async (terms, personId, units) => {
    const { audience, hostId, opensAtMs } = terms;
    switch (audience.who) {
      case 'all':
        if (!audience.early || (await saleNowMs()) >= opensAtMs + audience.early.seconds * 1_000) return admitted;
        return (await isFan(hostId, personId, audience.early.levelMin)) ? admitted : refused('not_open');
      case 'followers':
        return (await follows.sinceMs(hostId, personId)) === null ? refused('not_for_you') : admitted;
      case 'fans':
        return (await isFan(hostId, personId, audience.levelMin)) ? admitted : refused('not_for_you');
      case 'right':
        return byRight(terms, personId, units);
    }
  };

  async function isFan(hostId: string, personId: string, levelMin: number): Promise<boolean> {
    return ((await membership.levelOf(hostId, personId)) ?? 0) >= levelMin;
  }

  /** The right that ends first of those not used yet. Somebody may have won the same offer in several drops. */
  async function byRight({ offerId }: OfferTerms, personId: string, units: number): Promise<Admission> {
    const held = await rights.ofPerson(personId, offerId);
    if (held.length === 0) return refused('not_for_you');
    for (const right of held)
      if (units <= right.units && !(await rightIsUsed(right.rightId)))
        return { admitted: true, rightId: right.rightId };
    return refused('limit');
  }
}

const admitted: Admission = { admitted: true, rightId: null };
const refused = (outcome: 'not_for_you' | 'not_open' | 'limit'): Admission => ({ admitted: false, outcome });
