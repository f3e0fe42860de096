import { AppError } from '../../../shared/errors.ts';
import type { SkuView } from '../catalog/sku-lookup.ts';
import type { RoomView } from '../room/rooms.ts';
import type { NewOffer } from './offer-store.ts';
import type { OfferRow } from './offer-row.ts';

type Whose = Pick<OfferRow, 'merchantId' | 'hostId'>;

/**
 * Units, price and the moment are decided by whose stock it is, or by staff for their host. Nobody decides for an assistant who
 * brought their own, also after they have left; see docs/decisions/0042-whose-stock-decides.md.
 */
export const maySell = (personId: string, { merchantId, hostId }: Whose): boolean =>
  merchantId === hostId || merchantId === personId;

export function assertMaySell(personId: string, whose: Whose): void {
  if (!maySell(personId, whose))
    throw new AppError('FORBIDDEN', 'A room sells what its host or the caller has in stock.');
}

/** What a new offer says of its room and, as the catalog has it now, of its SKU. */
export function soldHere(room: RoomView, sku: SkuView) {
  const { roomId, hostId, rehearsal } = room;
  const { skuId, productId, shopId: merchantId, title, optionValues, imageUrl, requiresShipping, currency } = sku;
  const product = { skuId, productId, merchantId, title, optionValues, imageUrl, requiresShipping, currency };
  return { roomId, hostId, rehearsal, ...product } satisfies Partial<NewOffer>;
}
