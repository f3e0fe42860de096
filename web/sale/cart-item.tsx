import { IconButton } from '../design/button.tsx';
import { money } from '../i18n/format.ts';
import { language } from '../i18n/language.ts';
import { useMessages } from '../i18n/messages.ts';
import { localized, unitsMaxOf } from '../room/offers.ts';
import { useStore } from '../state/store.ts';
import type { Offer } from '../../shared/protocol/offer.ts';
import type { Missing } from './cart-lines.ts';
import { OfferWords } from './offer-words.tsx';
import { PictureButton } from './picture-button.tsx';
import { UnitsSteps } from './units-choice.tsx';
import { saleTexts } from './sale.messages.ts';
import type { Wanted } from './use-buying.ts';

type Acts = { onPut: (offerId: string, units: number) => void; onOpen: (offer: Offer) => void };

/** A line that can be ordered: how many, what they cost together, and by its picture the way to the product. */
export function CartItem({ offer, units, onPut, onOpen }: Wanted & Acts) {
  const title = localized(offer.title, useStore(language));
  return (
    <li class="cart__item" aria-label={title}>
      <div class="cart__row">
        <PictureButton offer={offer} onOpen={() => onOpen(offer)} />
        <OfferWords offer={offer} />
        <Remove title={title} onRemove={() => onPut(offer.offerId, 0)} />
      </div>
      <div class="row row--apart">
        <UnitsSteps
          offer={offer}
          units={units}
          unitsMax={unitsMaxOf(offer)}
          onChoose={(next) => onPut(offer.offerId, next)}
        />
        <strong class="numbers">{money({ minor: offer.priceMinor * units, currency: offer.currency })}</strong>
      </div>
    </li>
  );
}

/** A line that can't be ordered now, and why; its product is still led to, where it can be waited for. */
export function MissingItem({ line, offer, why, onPut, onOpen }: Missing & Acts) {
  const t = useMessages(saleTexts);
  const lang = useStore(language);
  const title = offer ? localized(offer.title, lang) : t.goneItem;
  return (
    <li class="cart__item cart__item--missing" aria-label={title}>
      <div class="cart__row">
        {offer ? (
          <>
            <PictureButton offer={offer} onOpen={() => onOpen(offer)} />
            <OfferWords offer={offer}>
              <span class="small cart__why">{t.missing[why]}</span>
            </OfferWords>
          </>
        ) : (
          <p class="grow">
            {title} <span class="small cart__why">{t.missing[why]}</span>
          </p>
        )}
        <Remove title={title} onRemove={() => onPut(line.offerId, 0)} />
      </div>
    </li>
  );
}

function Remove({ title, onRemove }: { title: string; onRemove: () => void }) {
  const t = useMessages(saleTexts);
  return <IconButton icon="trash" label={t.removeFromCart(title)} onClick={onRemove} />;
}
