import type { ComponentChildren } from 'preact';
import { Price } from '../design/price.tsx';
import { language } from '../i18n/language.ts';
import { localized, priceBefore, priceOf } from '../room/offers.ts';
import { useStore } from '../state/store.ts';
import type { Offer } from '../../shared/protocol/offer.ts';
import './sale.css';

type Props = {
  offer: Offer;
  /** For buttons whose own words do not say of which offer they are. */
  titleId?: string;
  /** What else is to be said, beside the price as long as there is room. */
  children?: ComponentChildren;
};

/** An offer in words, the same in every list: title, variant, price. Picture and buttons stand around it. */
export function OfferWords({ offer, titleId, children }: Props) {
  const lang = useStore(language);
  return (
    <div class="grow offer">
      <p id={titleId} class="offer__title user-text">
        {localized(offer.title, lang)}
      </p>
      {offer.optionValues.length > 0 && <p class="quiet small user-text one-line">{offer.optionValues.join(' · ')}</p>}
      <div class="row row--wrap offer__price">
        <Price price={priceOf(offer)} before={priceBefore(offer)} />
        {children}
      </div>
    </div>
  );
}
