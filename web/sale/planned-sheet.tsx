import { Cover } from '../design/avatar.tsx';
import { Sheet } from '../design/sheet.tsx';
import { Skeleton } from '../design/skeleton.tsx';
import { money, moneyRange } from '../i18n/format.ts';
import { language } from '../i18n/language.ts';
import { messages, useMessages } from '../i18n/messages.ts';
import { localized } from '../room/offers.ts';
import { useRoom } from '../room/room-context.ts';
import { Failure } from '../shell/failure.tsx';
import { useStore } from '../state/store.ts';
import { useLoaded } from '../state/use-loaded.ts';
import type { Product } from '../../shared/protocol/catalog.ts';
import type { PlannedProduct } from '../../shared/protocol/room.ts';
import './planned.css';

type Props = { product: PlannedProduct; onClose: () => void };

/** A product before it is on sale: what it is, in which variants, at what price in the shop. */
export function PlannedSheet({ product, onClose }: Props) {
  const t = useMessages(texts);
  const { ask } = useRoom();
  const { productId, fromMinor, toMinor, currency } = product;
  const title = localized(product.title, useStore(language));
  const { loaded, again } = useLoaded(() => ask('product:read', { productId }), [productId]);
  return (
    <Sheet title={title} onClose={onClose}>
      <div class="stack">
        <p>
          <strong class="numbers">{moneyRange(fromMinor, toMinor, currency)}</strong>{' '}
          <span class="quiet small">{t.inShop}</span>
        </p>
        {loaded.state === 'loading' && <Skeleton height={200} />}
        {loaded.state === 'failed' && <Failure error={loaded.error} onAgain={() => void again()} />}
        {loaded.state === 'ready' && <About product={loaded.value} />}
      </div>
    </Sheet>
  );
}

function About({ product }: { product: Product }) {
  const t = useMessages(texts);
  const description = localized(product.description, useStore(language));
  const { images, skus, currency, productId } = product;
  return (
    <>
      {images.length > 0 && (
        <ul class="planned-pictures">
          {images.map(({ url, alt }) => (
            <li key={url}>
              <Cover url={url} id={productId} label={alt} />
            </li>
          ))}
        </ul>
      )}
      {description && <p class="planned-about user-text">{description}</p>}
      {skus.length > 1 && (
        <ul class="planned-variants" aria-label={t.variants}>
          {skus.map(({ skuId, optionValues, priceMinor }) => (
            <li key={skuId}>
              <span class="user-text">{optionValues.join(' · ')}</span>
              <span class="numbers">{money({ minor: priceMinor, currency })}</span>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

const texts = messages(
  { inShop: 'in the shop. The price in the show is told there.', variants: 'Variants' },
  { inShop: '为店铺价，直播价以开播后为准。', variants: '规格' },
);
