import { Button } from '../design/button.tsx';
import { whole } from '../i18n/format.ts';
import { useMessages } from '../i18n/messages.ts';
import type { Offer } from '../../shared/protocol/offer.ts';
import { AddToCart } from './add-to-cart.tsx';
import { AudienceBadge } from './audience-badge.tsx';
import { FansFirstLine, useFansFirst } from './fans-first.tsx';
import { FlashLine, useSaleState } from './flash-line.tsx';
import { OfferWords } from './offer-words.tsx';
import { PictureButton } from './picture-button.tsx';
import { saleTexts } from './sale.messages.ts';
import './sale.css';

type Props = { offer: Offer; onOpen: () => void; onBuy: () => void };

/** What the host shows right now. In a flash sale the card turns accent and counts down by the server's clock. */
export function PinnedCard({ offer, onOpen, onBuy }: Props) {
  const t = useMessages(saleTexts);
  const state = useSaleState(offer);
  const first = useFansFirst(offer);
  const isFlash = offer.kind === 'flash';
  return (
    <section class={isFlash ? 'pinned pinned--flash' : 'pinned'} aria-label={isFlash ? t.flash : t.nowShowing}>
      {isFlash && <FlashLine offer={offer} />}
      {state === 'open' && <FansFirstLine first={first} />}
      <div class="pinned__row">
        <PictureButton offer={offer} onOpen={onOpen} />
        <OfferWords offer={offer}>
          {state === 'announced' && <AudienceBadge offer={offer} />}
          {state === 'open' && isFlash && (
            <span class="small pinned__left numbers">{t.left(whole(offer.unitsLeft))}</span>
          )}
        </OfferWords>
        <AddToCart offer={offer} units={1} shape="icon" />
        <Button kind="primary" size="small" onClick={onBuy} disabled={state !== 'open' || first?.mustWait}>
          {state === 'sold-out' ? t.soldOut : state === 'ended' ? t.ended : t.buy}
        </Button>
      </div>
    </section>
  );
}
