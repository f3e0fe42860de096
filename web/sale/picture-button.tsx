import { language } from '../i18n/language.ts';
import { useMessages } from '../i18n/messages.ts';
import { localized } from '../room/offers.ts';
import { useStore } from '../state/store.ts';
import type { Offer } from '../../shared/protocol/offer.ts';
import { ProductPicture } from './product-picture.tsx';
import { saleTexts } from './sale.messages.ts';

/** The picture of an offer, which leads to its product. */
export function PictureButton({ offer, onOpen }: { offer: Offer; onOpen: () => void }) {
  const t = useMessages(saleTexts);
  const title = localized(offer.title, useStore(language));
  return (
    <button
      type="button"
      class="pinned__open"
      onClick={onOpen}
      aria-label={`${t.view}: ${t.item(offer.itemNumber)} ${title}`}
    >
      <ProductPicture offer={offer} sizePx={64} />
    </button>
  );
}
