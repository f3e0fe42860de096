import { setTimeout as wait } from 'node:timers/promises';
import type { Gateway } from '../../gateway/gateway.ts';
import type { TellEach, TellPerson } from '../../gateway/tell-person.ts';
import type { Platform } from '../../platform/platform.ts';
import type { NoteAction } from '../actions/actions.ts';
import type { ShownProducts } from '../catalog/shown-products.ts';
import type { SkuLookup } from '../catalog/sku-lookup.ts';
import type { Stock } from '../catalog/stock.ts';
import type { DropPromises } from '../giveaway/drop-promises.ts';
import type { RoomLog } from '../room-log/room-log.ts';
import type { Rooms } from '../room/rooms.ts';
import { createSaleFeature, type SaleNeeds } from '../sale/feature.ts';
import type { OfferRef } from '../sale/gate.ts';
import { leftSource } from '../sale/gate.redis.ts';
import { someOfferIsOpen } from '../sale/offer-terms.pg.ts';
import { createCartStore } from './carts.pg.ts';
import { createNotedOffers } from './noted-offers.ts';
import { registerOffers } from './offer.commands.ts';
import { someOfferIsUntold } from './offer-news.pg.ts';
import { someLowestIsToNote } from './offer-prices.pg.ts';
import { createOffers } from './offers.ts';
import { createOfferStore } from './offers.pg.ts';
import { createRoomNews } from './room-news.ts';

type Needs = Omit<SaleNeeds, 'news' | 'isWelcome'> & {
  stock: Stock;
  dropPromises: DropPromises;
  skus: SkuLookup;
  shownProducts: ShownProducts;
  rooms: Rooms;
  roomLog: RoomLog;
  tell: TellPerson;
  tellEach: TellEach;
  /** Tries again what failed, for a while. */
  persist: (run: () => Promise<unknown>) => Promise<void>;
  note: NoteAction;
  addSnapshotPart: (name: string, part: (roomId: string) => Promise<unknown>) => void;
};

/** How long an ending offer waits for orders on their way, ms, and how often it looks. */
const drainMsMax = 1_000;
const drainLookEveryMs = 20;
const closeDueEveryMs = 500;
const noteLowestEveryMs = 500;
const finishUntoldEveryMs = 1_000;
const tellSoldOutEveryMs = 3_000;
const unpinSoldOutEveryMs = 1_000;
const endStragglersEveryMs = 5_000;

/** Offers of rooms and everything their buyers do, on top of the reservation engine. */
export async function createOfferFeature(platform: Platform, needs: Needs) {
  const { db, log, nowMs } = platform;
  const store = createOfferStore(db, needs.stock, needs.dropPromises);
  const carts = createCartStore(db);
  const news = createRoomNews({
    roomLog: needs.roomLog,
    tell: needs.tell,
    store,
    leftSource,
    persist: needs.persist,
    after: (ms, run) => setTimeout(run, ms).unref(),
    onError: (error, kind) => log.warn({ err: error, kind }, 'the room was not told'),
  });
  const sale = await createSaleFeature(platform, {
    ...needs,
    news,
    isWelcome: (roomId, personId) => offers.maySee(personId, roomId),
  });
  const offers = createOffers({
    store,
    rooms: needs.rooms,
    skus: needs.skus,
    shownProducts: needs.shownProducts,
    news,
    tellEach: needs.tellEach,
    retuneGate: (fromEpoch, { opensAtMs, ...after }, moreUnits) =>
      sale.loading.retune(fromEpoch, { ...after, opensAtMs: opensAtMs! }, moreUnits), // An open offer has one: offers_open_window.
    gateRetuned: sale.loading.retuned,
    loadGate: sale.loading.load,
    requestGate: sale.loading.request,
    drainGate,
    dropGate,
    cancelHeld: sale.ledger.cancelHeld,
    shown: (list) =>
      list.length === 0 ? Promise.resolve([]) : sale.gate.shown(list).catch(() => list.map(() => null)),
    nowMs,
    onFailure: (error, { offerId }) => log.error({ err: error, offerId }, 'offer not ended or not told of'),
  });
  needs.addSnapshotPart('offers', offers.publicList);
  platform.every({
    name: 'close offers',
    everyMs: closeDueEveryMs,
    exclusive: true,
    due: someOfferIsOpen,
    run: offers.closeDue,
  });
  platform.every({
    name: 'note lowest prices',
    everyMs: noteLowestEveryMs,
    exclusive: true,
    due: someLowestIsToNote,
    run: store.noteLowestPrices,
  });
  platform.every({
    name: 'finish openings, changes and ends',
    everyMs: finishUntoldEveryMs,
    exclusive: true,
    due: someOfferIsUntold,
    run: () => offers.finishUntold().then(offers.finishUntoldOrders),
  });
  platform.every({
    name: 'tell what is sold out',
    everyMs: tellSoldOutEveryMs,
    exclusive: true,
    due: someOfferIsOpen,
    run: offers.tellSoldOut,
  });
  platform.every({
    name: 'unpin what is sold out',
    everyMs: unpinSoldOutEveryMs,
    exclusive: true,
    due: someOfferIsOpen,
    run: offers.unpinSoldOut,
  });
  platform.every({
    name: 'end stragglers in line',
    everyMs: endStragglersEveryMs,
    exclusive: true,
    run: offers.endStragglers,
  });

  return {
    ledger: sale.ledger,
    offers,
    pinnedIn: store.pinnedIn,
    register(gateway: Gateway): void {
      const noted = createNotedOffers({ offers, store, note: needs.note });
      registerOffers(gateway, { offers, noted, store, carts, ledger: sale.ledger, waiting: sale.waiting });
    },
  };

  /** The offer has ended in the ledger already: a gate that stays behind for a while sells nothing that could be committed. */
  function dropGate(offer: OfferRef, epoch: number): Promise<boolean> {
    return sale.gate.drop(offer, epoch).then(
      () => true,
      (error: unknown) => {
        log.warn({ err: error, offerId: offer.offerId }, 'gate of an ended offer not removed yet');
        return false;
      },
    );
  }

  async function drainGate(offer: OfferRef, epoch: number): Promise<void> {
    const until = performance.now() + drainMsMax;
    try {
      while ((await sale.gate.stop(offer, epoch)) > 0 && performance.now() < until) await wait(drainLookEveryMs);
    } catch (error) {
      log.warn(
        { err: error, offerId: offer.offerId },
        'gate not drained; orders on their way are turned away by the epoch',
      );
    }
  }
}
