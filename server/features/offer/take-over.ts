import { AppError } from '../../../shared/errors.ts';
import { newId } from '../../../shared/ids.ts';
import { offerLimits } from '../../../shared/limits.ts';
import type { Input, Output } from '../../../shared/protocol/index.ts';
import { eachOf } from '../../platform/each-of.ts';
import { requestHash } from '../../platform/request-hash.ts';
import type { SkuLookup, SkuView } from '../catalog/sku-lookup.ts';
import type { Rooms } from '../room/rooms.ts';
import type { OfferRow } from './offer-row.ts';
import { keyOfPart, type OfferStore } from './offer-store.ts';
import { maySell, soldHere } from './whose-stock.ts';

type Needs = {
  store: Pick<OfferStore, 'lastOfEach' | 'ofRequest' | 'addAll'>;
  rooms: Pick<Rooms, 'get' | 'relations'>;
  skus: SkuLookup;
};

type Why = Output<'offer:take-over'>['left'][number]['why'];

const lookupsAtOnce = 8;

/**
 * Copies the offers of an earlier show into another one. All that can be taken are added in one transaction, each under a key made of
 * the request's and of the offer it copies: the same request again answers those, and tries what was left.
 */
export function createTakeOver({ store, rooms, skus }: Needs) {
  return async (personId: string, { roomId, fromRoomId, requestKey }: Input<'offer:take-over'>) => {
    const [room, relations] = await Promise.all([rooms.get(roomId), rooms.relations(fromRoomId, personId)]);
    // Drafts and allotments are not for everybody who may see a show.
    if (!relations.has('host') && !relations.has('assistant'))
      throw new AppError('NOT_FOUND', 'You run no such earlier show.');
    const [earlier, before] = await Promise.all([
      store.lastOfEach(fromRoomId, offerLimits.offersPerRoomMax),
      store.ofRequest(roomId, requestKey),
    ]);
    const keyOf = ({ offerId }: OfferRow) => keyOfPart(requestKey, offerId);
    const here = new Map(before.map((offer) => [offer.requestKey, offer]));
    const toTake = earlier.filter((offer) => !here.has(keyOf(offer)));
    const { takeable, why } = judge(personId, room.hostId, toTake, await skusOf(toTake));
    const request = { requestHash: requestHash({ fromRoomId }) };
    const copies = takeable.map(({ offer, sku, allotmentUnits }) => ({
      ...offer,
      ...soldHere(room, sku),
      ...request,
      allotmentUnits,
      offerId: newId(),
      requestKey: keyOf(offer),
      repeatOf: offer.offerId,
    }));
    for (const added of await store.addAll(copies, offerLimits.offersPerRoomMax))
      if (added) here.set(added.requestKey, added);
    return {
      offers: earlier.flatMap((offer) => here.get(keyOf(offer)) ?? []),
      left: earlier
        .filter((offer) => !here.has(keyOf(offer)))
        .map(({ offerId, title, optionValues }) => ({
          offerId,
          title,
          optionValues,
          why: why.get(offerId) ?? ('full' as const),
        })),
    };
  };

  /** Without those that the shop no longer has. */
  async function skusOf(offers: readonly OfferRow[]): Promise<ReadonlyMap<string, SkuView>> {
    const found = new Map<string, SkuView>();
    await eachOf([...new Set(offers.map(({ skuId }) => skuId))], lookupsAtOnce, async (skuId) => {
      const sku = await skus.get(skuId).catch(nullIfGone);
      if (sku) found.set(skuId, sku);
    });
    return found;
  }
}

type Takeable = { offer: OfferRow; sku: SkuView; allotmentUnits: number };

/** A draft takes no units: that each gets what the ones before it leave free spares the host a refusal when they are opened. */
function judge(
  personId: string,
  hostId: string,
  offers: readonly OfferRow[],
  skus: ReadonlyMap<string, SkuView>,
): { takeable: Takeable[]; why: ReadonlyMap<string, Why> } {
  const free = new Map([...skus].map(([skuId, { freeUnits }]) => [skuId, freeUnits]));
  const takeable: Takeable[] = [];
  const why = new Map<string, Why>();
  for (const offer of offers) {
    const { offerId, skuId, merchantId } = offer;
    const sku = skus.get(skuId);
    const freeUnits = free.get(skuId) ?? 0;
    if (!maySell(personId, { merchantId, hostId })) why.set(offerId, 'not_yours');
    else if (!sku) why.set(offerId, 'withdrawn');
    else if (freeUnits === 0) why.set(offerId, 'nothing_free');
    else {
      const allotmentUnits = Math.min(offer.allotmentUnits, freeUnits);
      free.set(skuId, freeUnits - allotmentUnits);
      takeable.push({ offer, sku, allotmentUnits });
    }
  }
  return { takeable, why };
}

function nullIfGone(error: unknown): null {
  if (error instanceof AppError && error.code === 'NOT_FOUND') return null;
  throw error;
}
