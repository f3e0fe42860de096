import { useId } from 'preact/hooks';
import { Cover } from '../design/avatar.tsx';
import { messages, useMessages } from '../i18n/messages.ts';
import { useRoom } from '../room/room-context.ts';
import { useLoaded } from '../state/use-loaded.ts';
import type { PlannedProduct, Room } from '../../shared/protocol/room.ts';
import { PlannedWords } from './planned-words.tsx';
import './planned.css';

/** What the host plans to show, as long as the show is to come. Nothing while it is read, or can't be: the show comes all the same. */
export function usePlanned(room: Room): readonly PlannedProduct[] {
  const { ask } = useRoom();
  const { roomId, version } = room;
  const isComing = room.state === 'scheduled' && room.productIds.length > 0;
  const { loaded } = useLoaded(
    async () => (isComing ? (await ask('room:products', { roomId })).products : []),
    [roomId, isComing],
    [version],
  );
  return isComing && loaded.state === 'ready' ? loaded.value : [];
}

type Props = { products: readonly PlannedProduct[]; isStrip?: boolean; onOpen: (product: PlannedProduct) => void };

/** `isStrip`: beside each other, to be swiped. */
export function PlannedList({ products, isStrip = false, onOpen }: Props) {
  const t = useMessages(texts);
  const headingId = useId();
  if (products.length === 0) return null;
  return (
    <section aria-labelledby={headingId}>
      <h2 id={headingId} class="planned-heading">
        {t.coming}
      </h2>
      <ul class={isStrip ? 'planned-list planned-list--strip' : 'planned-list'}>
        {products.map((product) => (
          <li key={product.productId}>
            <button type="button" class="planned-card" onClick={() => onOpen(product)}>
              <span class="planned-card__picture">
                <Cover url={product.imageUrl} id={product.productId} />
              </span>
              <PlannedWords product={product} />
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

const texts = messages({ coming: 'Coming in this show' }, { coming: '本场商品预告' });
