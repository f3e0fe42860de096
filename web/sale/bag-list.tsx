import { useId } from 'preact/hooks';
import { Badge } from '../design/badge.tsx';
import { Button } from '../design/button.tsx';
import { Notice } from '../design/notice.tsx';
import { Skeleton } from '../design/skeleton.tsx';
import { whole } from '../i18n/format.ts';
import { useMessages } from '../i18n/messages.ts';
import { inBag } from '../room/offers.ts';
import { useRoom } from '../room/room-context.ts';
import { Failure } from '../shell/failure.tsx';
import { useStore } from '../state/store.ts';
import type { Offer } from '../../shared/protocol/offer.ts';
import { AudienceBadge } from './audience-badge.tsx';
import { FansFirstLine, useFansFirst } from './fans-first.tsx';
import { FlashLine, useSaleState } from './flash-line.tsx';
import { OfferWords } from './offer-words.tsx';
import { ProductPicture } from './product-picture.tsx';
import { saleTexts } from './sale.messages.ts';

type Props = { onOpen: (offer: Offer) => void; onAsk: (offer: Offer) => void };

/** Everything on sale in the room, numbered as the host speaks of it. */
export function BagList({ onOpen, onAsk }: Props) {
  const t = useMessages(saleTexts);
  const room = useRoom();
  const offers = inBag(useStore(room.offers));
  const reading = useStore(room.offersState);
  if (offers.length === 0 && reading.state === 'loading') return <Skeleton height={160} />;
  if (offers.length === 0 && reading.state === 'failed')
    return <Failure error={reading.error} onAgain={room.readOffers} />;
  if (offers.length === 0) return <Notice icon="bag" title={t.emptyBag} text={t.emptyBagText} />;
  return (
    <ul class="bag">
      {offers.map((offer) => (
        <BagItem key={offer.offerId} offer={offer} onOpen={onOpen} onAsk={onAsk} />
      ))}
    </ul>
  );
}

function BagItem({ offer, onOpen, onAsk }: Props & { offer: Offer }) {
  const t = useMessages(saleTexts);
  const state = useSaleState(offer);
  const first = useFansFirst(offer);
  // Whoever won it buys there; to all others a button that says so would promise too much.
  const isForWinners = offer.audience.who === 'right';
  const whileOpen = isForWinners ? t.view : t.buy;
  const wayIn = { 'sold-out': t.soldOut, ended: t.ended, announced: t.view, open: whileOpen }[state];
  const titleId = useId(); // A bag has the same two words at each of its products.
  return (
    <li class={offer.kind === 'flash' ? 'bag__item bag__item--flash' : 'bag__item'}>
      {offer.kind === 'flash' && <FlashLine offer={offer} />}
      {state === 'open' && <FansFirstLine first={first} />}
      <div class="bag__row">
        <ProductPicture offer={offer} sizePx={72} />
        <OfferWords offer={offer} titleId={titleId}>
          {state === 'open' && <span class="quiet small numbers">{t.left(whole(offer.unitsLeft))}</span>}
          {offer.pinnedAtMs !== null && <Badge tone="accent">{t.nowShowing}</Badge>}
          <AudienceBadge offer={offer} />
        </OfferWords>
      </div>
      <p class="bag__ways">
        <Button size="small" kind="quiet" icon="reply" aria-describedby={titleId} onClick={() => onAsk(offer)}>
          {t.askAbout}
        </Button>
        <Button
          size="small"
          kind={state === 'open' && !isForWinners ? 'primary' : 'plain'}
          aria-describedby={titleId}
          onClick={() => onOpen(offer)}
        >
          {wayIn}
        </Button>
      </p>
    </li>
  );
}
