import { Button } from '../design/button.tsx';
import { Price } from '../design/price.tsx';
import { whole } from '../i18n/format.ts';
import { language } from '../i18n/language.ts';
import { useMessages } from '../i18n/messages.ts';
import { listPriceOf, localized, priceOf } from '../room/offers.ts';
import { useStore } from '../state/store.ts';
import type { Offer } from '../../shared/protocol/offer.ts';
import { AddToCart } from './add-to-cart.tsx';
import { AudienceBadge } from './audience-badge.tsx';
import { FansFirstLine, useFansFirst } from './fans-first.tsx';
import { FlashLine, useSaleState } from './flash-line.tsx';
import { PictureButton } from './picture-button.tsx';
import { saleTexts } from './sale.messages.ts';
import './sale.css';

type Props = { offer: Offer; onOpen: () => void; onBuy: () => void };

/** What the host shows right now. In a flash sale the card turns accent and counts down by the server's clock. */
export function PinnedCard({ offer, onOpen, onBuy }: Props) {
  const t = useMessages(saleTexts);
  const title = localized(offer.title, useStore(language));
  const state = useSaleState(offer);
  const first = useFansFirst(offer);
  const isFlash = offer.kind === 'flash';
  return (
    <section class={isFlash ? 'pinned pinned--flash' : 'pinned'} aria-label={isFlash ? t.flash : t.nowShowing}>
      {isFlash && <FlashLine offer={offer} />}
      {state === 'open' && <FansFirstLine first={first} />}
      <div class="pinned__row">
        <PictureButton offer={offer} onOpen={onOpen} />
        <div class="grow">
          <p class="pinned__title user-text">{title}</p>
          {offer.optionValues.length > 0 && (
            <p class="quiet small user-text one-line">{offer.optionValues.join(' · ')}</p>
          )}
          <Price price={priceOf(offer)} listPrice={listPriceOf(offer)} />
          {state === 'announced' && <AudienceBadge offer={offer} />}
          {state === 'open' && offer.kind === 'flash' && (
            <p class="small pinned__left numbers">{t.left(whole(offer.unitsLeft))}</p>
          )}
        </div>
        <AddToCart offer={offer} units={1} shape="icon" />
        <Button kind="primary" size="small" onClick={onBuy} disabled={state !== 'open' || first?.mustWait}>
          {state === 'sold-out' ? t.soldOut : state === 'ended' ? t.ended : t.buy}
        </Button>
      </div>
    </section>
  );
}
