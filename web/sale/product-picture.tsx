import { Cover } from '../design/avatar.tsx';
import type { Offer } from '../../shared/protocol/offer.ts';
import './sale.css';

export function ProductPicture({ offer, sizePx }: { offer: Offer; sizePx: number }) {
  return (
    <span class="product-picture" style={{ width: `${sizePx}px`, height: `${sizePx}px` }}>
      <Cover url={offer.imageUrl} id={offer.skuId} />
      <span class="product-picture__number numbers">{offer.itemNumber}</span>
    </span>
  );
}
