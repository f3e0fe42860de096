import { useRef, useState } from 'preact/hooks';
import { Button } from '../../design/button.tsx';
import { Notice } from '../../design/notice.tsx';
import { useMessages } from '../../i18n/messages.ts';
import { useRoom } from '../../room/room-context.ts';
import { useStore } from '../../state/store.ts';
import type { Offer } from '../../../shared/protocol/offer.ts';
import type { Room } from '../../../shared/protocol/room.ts';
import { studioTexts } from '../studio.messages.ts';
import type { ShowNumbers } from '../numbers/use-show-numbers.ts';
import { AddProducts } from './add-products.tsx';
import { RunningItem } from './running-item.tsx';
import { useOfferVerbs } from './use-offer-verbs.ts';

type Props = { room: Room; products: ShowNumbers['products']; onFlash: (offer: Offer) => void };

/** What is sold in this show, in the order it is spoken of. Mouse, touch and keys do the same. */
export function RunningOrder({ room, products, onFlash }: Props) {
  const t = useMessages(studioTexts);
  const offers = useStore(useRoom().offers);
  const verbs = useOfferVerbs(room);
  const [isAdding, setAdding] = useState(false);
  const [dragged, setDragged] = useState<string | null>(null);
  const list = useRef<HTMLUListElement>(null);

  const press = (event: KeyboardEvent, offer: Offer, index: number) => {
    if (event.target !== event.currentTarget) return; // A key for a button inside the row.
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0) {
      event.preventDefault();
      if (event.altKey) return verbs.move(offer, index + step);
      return list.current?.querySelectorAll<HTMLElement>(':scope > li')[index + step]?.focus();
    }
    const key = event.key.toLowerCase();
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (key === 'p') verbs.togglePin(offer);
    if (key === 'f') onFlash(offer);
  };
  const drop = (index: number) => {
    const offer = offers.find(({ offerId }) => offerId === dragged);
    setDragged(null);
    if (offer) verbs.move(offer, index);
  };

  return (
    <section class="panel running" aria-label={t.runningOrder}>
      <header class="panel__head">
        <h2>{t.runningOrder}</h2>
        <Button size="small" icon="plus" onClick={() => setAdding(true)}>
          {t.addProducts}
        </Button>
      </header>
      {offers.length === 0 ? (
        <Notice icon="bag" title={t.noOffers} text={t.noOffersText}>
          <Button kind="primary" onClick={() => setAdding(true)}>
            {t.addProducts}
          </Button>
        </Notice>
      ) : (
        <>
          <p class="quiet small">{t.keys}</p>
          <ul class="running__list" ref={list}>
            {offers.map((offer, index) => (
              <RunningItem
                key={offer.offerId}
                offer={offer}
                verbs={verbs}
                clicks={products.find(({ offerId }) => offerId === offer.offerId)?.looks ?? 0}
                onFlash={() => onFlash(offer)}
                onKeyDown={(event) => press(event, offer, index)}
                onDragStart={() => setDragged(offer.offerId)}
                onDrop={() => drop(index)}
              />
            ))}
          </ul>
        </>
      )}
      {isAdding && <AddProducts room={room} onClose={() => setAdding(false)} />}
    </section>
  );
}
