import { useState } from 'preact/hooks';
import { language } from '../i18n/language.ts';
import { useMessages } from '../i18n/messages.ts';
import { localized } from '../room/offers.ts';
import { useLoaded } from '../state/use-loaded.ts';
import { useStore } from '../state/store.ts';
import type { Product } from '../../shared/protocol/catalog.ts';
import type { Offer } from '../../shared/protocol/offer.ts';
import { saleTexts } from './sale.messages.ts';

type Props = { offer: Offer; title: string; read: (productId: string) => Promise<Product> };

/**
 * What the shop says of a product, and its pictures, below what one buys by: nothing moves when it comes. An offer goes on when its
 * product is out of the shop, and then there is nothing to read.
 */
export function ProductAbout({ offer: { productId, imageUrl }, title, read }: Props) {
  const t = useMessages(saleTexts);
  const lang = useStore(language);
  const { loaded } = useLoaded(() => read(productId), [productId]);
  if (loaded.state !== 'ready') return null;
  const text = localized(loaded.value.description, lang);
  const pictures = withOwn(loaded.value.images, imageUrl);
  if (!text && pictures.length === 0) return null;
  return (
    <section class="stack product-about">
      <h3>{t.about}</h3>
      <Gallery key={productId} pictures={pictures} title={title} />
      {text && <p class="user-text product-about__text">{text}</p>}
    </section>
  );
}

/** A variant may have a picture that is not among those of its product. */
const withOwn = (images: Product['images'], imageUrl: string): Product['images'] =>
  imageUrl === '' || images.some(({ url }) => url === imageUrl) ? images : [{ url: imageUrl, alt: '' }, ...images];

/** One beside the other, moved by a finger or by keys. One that does not load is left out. */
function Gallery({ pictures, title }: { pictures: Product['images']; title: string }) {
  const t = useMessages(saleTexts);
  const [broken, setBroken] = useState<readonly string[]>([]);
  const shown = pictures.filter(({ url }) => !broken.includes(url));
  if (shown.length === 0) return null;
  return (
    <ul class="gallery" tabIndex={0} aria-label={t.pictures(title)}>
      {shown.map(({ url, alt }, index) => (
        <li key={url}>
          <img
            src={url}
            alt={alt || t.picture(title, index + 1)}
            loading="lazy"
            decoding="async"
            onError={() => setBroken((before) => [...before, url])}
          />
        </li>
      ))}
    </ul>
  );
}
