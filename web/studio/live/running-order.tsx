import { useRef, useState } from 'preact/hooks';
import { Button, IconButton } from '../../design/button.tsx';
import { Notice } from '../../design/notice.tsx';
import { useMessages } from '../../i18n/messages.ts';
import { useRoom } from '../../room/room-context.ts';
import { useKeptFocus } from '../../state/use-kept-focus.ts';
import { useStore } from '../../state/store.ts';
import type { Offer } from '../../../shared/protocol/offer.ts';
import type { Room } from '../../../shared/protocol/room.ts';
import { studioTexts } from '../studio.messages.ts';
import type { ShowNumbers } from '../numbers/use-show-numbers.ts';
import { AddProducts } from './add-products.tsx';
import { isOn, mayBeFlashed } from '../../room/offers.ts';
import { Skeleton } from '../../design/skeleton.tsx';
import { Failure } from '../../shell/failure.tsx';
import { RunningItem } from './running-item.tsx';
import { TakeOver } from './take-over.tsx';
import { TakePlannedButton, useTakePlanned } from './take-planned.tsx';
import { useOfferVerbs, type OfferVerbs } from './use-offer-verbs.ts';

type Props = {
  room: Room;
  /** Whether one may sell here, or look only. */
  runs: boolean;
  /** Whether one may put products on sale: the list of a shop is its owner's. */
  mayAdd: boolean;
  products: ShowNumbers['products'];
  onFlash: (offer: Offer) => void;
};

/** What is sold in this show, in the order it is spoken of. A mouse drags, thumbs have two buttons, keys do it all. */
export function RunningOrder({ room, runs, mayAdd, products, onFlash }: Props) {
  const t = useMessages(studioTexts);
  const session = useRoom();
  const offers = useStore(session.offers);
  const reading = useStore(session.offersState);
  const verbs = useOfferVerbs();
  const [isAdding, setAdding] = useState(false);
  const [isTaking, setTaking] = useState(false);
  const [dragged, setDragged] = useState<string | null>(null);
  const list = useRef<HTMLUListElement>(null);
  const keepFocus = useKeptFocus(offers);
  const move: OfferVerbs['move'] = (offer, toIndex) => {
    keepFocus();
    verbs.move(offer, toIndex);
  };
  const plan = useTakePlanned(room, runs);

  const press = (event: KeyboardEvent, offer: Offer, index: number) => {
    if (event.target !== event.currentTarget) return; // A key for a button inside the row.
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0) {
      event.preventDefault();
      if (event.altKey) return runs ? move(offer, index + step) : undefined;
      return list.current?.querySelectorAll<HTMLElement>(':scope > li')[index + step]?.focus();
    }
    const key = event.key.toLowerCase();
    // A key that is held down is one wish.
    if (!runs || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (key === 'p' && isOn(offer)) verbs.togglePin(offer);
    if (key === 'f' && mayBeFlashed(offer)) onFlash(offer);
  };
  const drop = (index: number) => {
    const offer = offers.find(({ offerId }) => offerId === dragged);
    setDragged(null);
    if (offer) move(offer, index);
  };

  return (
    <section class="panel running" aria-label={t.runningOrder}>
      <header class="panel__head">
        <h2>{t.runningOrder}</h2>
        {mayAdd && (
          <span class="row">
            <IconButton icon="list" label={t.takeOver} onClick={() => setTaking(true)} />
            <Button size="small" icon="plus" onClick={() => setAdding(true)}>
              {t.addProducts}
            </Button>
          </span>
        )}
      </header>
      {offers.length > 0 && <TakePlannedButton plan={plan} />}
      {offers.length === 0 && reading.state === 'loading' && <Skeleton height={160} />}
      {offers.length === 0 && reading.state === 'failed' && (
        <Failure error={reading.error} onAgain={session.readOffers} />
      )}
      {offers.length === 0 && reading.state === 'ready' && (
        <Notice icon="bag" title={t.noOffers} text={t.noOffersText}>
          <TakePlannedButton plan={plan} isFirst />
          {mayAdd && (
            <>
              <Button kind={plan ? 'plain' : 'primary'} onClick={() => setAdding(true)}>
                {t.addProducts}
              </Button>
              <Button onClick={() => setTaking(true)}>{t.takeOver}</Button>
            </>
          )}
        </Notice>
      )}
      {offers.length > 0 && (
        <>
          {runs && <p class="quiet small running__keys">{t.keys}</p>}
          <ul class="running__list" ref={list}>
            {offers.map((offer, index) => (
              <RunningItem
                key={offer.offerId}
                offer={offer}
                verbs={runs ? verbs : null}
                clicks={products.find(({ offerId }) => offerId === offer.offerId)?.looks ?? 0}
                onFlash={() => onFlash(offer)}
                onMove={(step) => move(offer, index + step)}
                isFirst={index === 0}
                isLast={index === offers.length - 1}
                onKeyDown={(event) => press(event, offer, index)}
                onDragStart={() => setDragged(offer.offerId)}
                onDrop={() => drop(index)}
              />
            ))}
          </ul>
        </>
      )}
      {isTaking && <TakeOver room={room} onClose={() => setTaking(false)} />}
      {isAdding && <AddProducts room={room} onClose={() => setAdding(false)} />}
    </section>
  );
}
