import type { Offer, PurchaseAnswer } from '../../shared/protocol/offer.ts';
import type { saleTexts } from './sale.messages.ts';

type Texts = (typeof saleTexts)['en'];

export type Refusal = Exclude<PurchaseAnswer, { outcome: 'held' }>;

/** One plain sentence for every outcome that is not an order. `offer`: the one in the way. */
export function refusalText(answer: Refusal, offer: Offer | undefined, t: Texts): string {
  switch (answer.outcome) {
    case 'sold_out':
      return answer.unitsLeft ? t.fewer_left(answer.unitsLeft) : t.sold_out;
    case 'limit':
      return t.outcome_limit;
    case 'not_open':
      return t.not_open;
    case 'ended':
      return t.outcome_ended;
    case 'price_changed':
      return t.price_changed;
    case 'one_merchant':
      return t.one_merchant;
    case 'not_for_you':
      if (offer?.audience.who === 'followers') return t.not_for_you_followers;
      return offer?.audience.who === 'right' ? t.not_for_you_right : t.not_for_you_fans;
  }
}
