import { newId } from '../../../shared/ids.ts';
import { offerLimits } from '../../../shared/limits.ts';
import type { Input, Output } from '../../../shared/protocol/index.ts';
import { requestHash } from '../../platform/request-hash.ts';
import type { ShownProduct, ShownProducts } from '../catalog/shown-products.ts';
import type { Rooms, RoomView } from '../room/rooms.ts';
import { keyOfPart, type NewOffer, type OfferStore } from './offer-store.ts';
import { soldHere } from './whose-stock.ts';

type Needs = {
  store: Pick<OfferStore, 'offered' | 'ofRequest' | 'addAll'>;
  rooms: Pick<Rooms, 'get'>;
  shownProducts: ShownProducts;
};

type PlannedSku = ShownProduct['skus'][number];
type Left = Output<'offer:take-planned'>['left'][number];

/**
 * Puts what is on the list of a room into its cart. All drafts of a request are added in one transaction, each under a key made of the
 * request's and of its SKU, so that the same request again answers those. What was offered here already is the host's own affair. The
 * list has products of the host's shop alone, so all staff may do it.
 */
export function createTakePlanned({ store, rooms, shownProducts }: Needs) {
  return async ({ roomId, requestKey }: Input<'offer:take-planned'>) => {
    const room = await rooms.get(roomId);
    const planned = (await shownProducts(room.productIds)).flatMap(({ skus }) => skus);
    const keyOf = ({ skuId }: PlannedSku) => keyOfPart(requestKey, skuId);
    const offeredOf = (skus: readonly PlannedSku[]) =>
      store.offered(
        roomId,
        skus.map(({ skuId }) => skuId),
      );
    const offered = await offeredOf(planned);
    // Behind that: what the same request adds meanwhile must not look like what others offer.
    const before = await store.ofRequest(roomId, requestKey);
    const here = new Map(before.map((offer) => [offer.requestKey, offer]));
    const missing = planned.filter((sku) => !here.has(keyOf(sku)) && !offered.has(sku.skuId));
    const drafts = missing.filter(hasUnits).map((sku) => draftOf(room, sku, keyOf(sku)));
    for (const added of await store.addAll(drafts, offerLimits.offersPerRoomMax, 'not offered yet'))
      if (added) here.set(added.requestKey, added);
    const notAdded = missing.filter((sku) => !here.has(keyOf(sku)));
    const byOthers = await offeredOf(notAdded); // Who pressed at the same moment.
    return {
      offers: planned.flatMap((sku) => here.get(keyOf(sku)) ?? []),
      left: notAdded.filter(({ skuId }) => !byOthers.has(skuId)).map(leftOut),
    };
  };
}

const hasUnits = ({ freeUnits }: PlannedSku): boolean => freeUnits > 0;

const leftOut = (sku: PlannedSku): Left => {
  const { skuId, title, optionValues } = sku;
  return { skuId, title, optionValues, why: hasUnits(sku) ? 'full' : 'nothing_free' };
};

const draftOf = (room: RoomView, sku: PlannedSku, requestKey: string): NewOffer => ({
  ...soldHere(room, sku),
  offerId: newId(),
  kind: 'cart',
  priceMinor: sku.priceMinor,
  listPriceMinor: sku.compareAtMinor ?? sku.priceMinor,
  limitUnits: offerLimits.unitsPerBuyerMax,
  allotmentUnits: Math.max(1, Math.floor(sku.freeUnits * offerLimits.cartShare)),
  audience: { who: 'all' },
  countdownSeconds: 0,
  durationSeconds: null,
  requestKey,
  requestHash: requestHash({ planned: true }),
  repeatOf: null,
});
