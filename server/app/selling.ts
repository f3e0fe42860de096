import type { TellEach, TellPerson } from '../gateway/tell-person.ts';
import type { createCatalogFeature } from '../features/catalog/feature.ts';
import type { DropPromises } from '../features/giveaway/drop-promises.ts';
import type { RightsToBuy } from '../features/giveaway/rights-to-buy.ts';
import { createOfferFeature } from '../features/offer/feature.ts';
import type { Platform } from '../platform/platform.ts';
import type { Config } from './config.ts';
import type { createLive } from './live.ts';

type Needs = {
  config: Config;
  live: Pick<ReturnType<typeof createLive>, 'roomLog' | 'room' | 'follows' | 'fanClub' | 'note'>;
  catalog: ReturnType<typeof createCatalogFeature>;
  rights: RightsToBuy;
  dropPromises: DropPromises;
  tell: TellPerson;
  tellEach: TellEach;
};

/** Offers in rooms and the engine that sells them. */
export async function createSelling(platform: Platform, needs: Needs) {
  const { config, live, catalog, rights, dropPromises, tell, tellEach } = needs;
  const offers = await createOfferFeature(platform, {
    stock: catalog.stock,
    skus: catalog.skus,
    shownProducts: catalog.shown,
    rooms: live.room.rooms,
    roomLog: live.roomLog.log,
    persist: live.roomLog.persist,
    follows: live.follows,
    membership: live.fanClub.membership,
    rights,
    dropPromises,
    tell,
    tellEach,
    note: live.note,
    addSnapshotPart: live.room.snapshots.add,
    holdMs: config.NIGHTMARKET_HOLD_SECONDS * 1_000,
    extensionMs: config.NIGHTMARKET_PAYMENT_EXTENSION_SECONDS * 1_000,
  });
  live.room.showPinned(offers.pinnedIn);
  return offers;
}
