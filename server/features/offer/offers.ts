import { AppError } from '../../../shared/errors.ts';
import { newId } from '../../../shared/ids.ts';
import type { Input, Output } from '../../../shared/protocol/index.ts';
import { offerLimits } from '../../../shared/limits.ts';
import type { Offer } from '../../../shared/protocol/offer.ts';
import { isOver } from '../../../shared/room-state.ts';
import { assertSeen } from '../../platform/assert-seen.ts';
import { eachOf } from '../../platform/each-of.ts';
import { requestHash } from '../../platform/request-hash.ts';
import { createShortMemory } from '../../platform/short-memory.ts';
import type { ShownProducts } from '../catalog/shown-products.ts';
import type { SkuLookup } from '../catalog/sku-lookup.ts';
import { isStaff, type Rooms } from '../room/rooms.ts';
import type { OfferRef } from '../sale/gate.ts';
import type { OrdersLedger } from '../sale/orders-ledger.ts';
import type { TellEach } from '../../gateway/tell-person.ts';
import { createAnnouncing, untoldAgeMsMax } from './announcing.ts';
import { assertMayChange, promisedText } from './edit-rules.ts';
import { isEnded, offerView, type OfferRow, type Shown } from './offer-row.ts';
import type { OfferStore, UntoldOrder } from './offer-store.ts';
import { assertOrderSeen } from './order-seen.ts';
import { createTakeOver } from './take-over.ts';
import { createTakePlanned } from './take-planned.ts';
import { assertMaySell, soldHere } from './whose-stock.ts';
import type { RoomNews } from './room-news.ts';

type Needs = {
  store: OfferStore;
  rooms: Pick<Rooms, 'get' | 'relations' | 'whyNot'>;
  skus: SkuLookup;
  shownProducts: ShownProducts;
  news: RoomNews;
  tellEach: TellEach;
  /** Gives the gate new terms while its offer's row is locked; `gateRetuned` when they are committed. */
  retuneGate: (fromEpoch: number, after: OfferRow, moreUnits: number) => Promise<boolean>;
  gateRetuned: (offer: OfferRef, epoch: number) => Promise<void>;
  /** Loads the gate of an offer whatever is there. */
  loadGate: (offer: OfferRef, why: string) => Promise<unknown>;
  /** Loads the gate if it is lost. Returns at once. */
  requestGate: (offer: OfferRef) => void;
  /** Takes no more orders, and waits for those on their way. */
  drainGate: (offer: OfferRef, epoch: number) => Promise<void>;
  dropGate: (offer: OfferRef, epoch: number) => Promise<boolean>;
  cancelHeld: OrdersLedger['cancelHeld'];
  shown: (offers: readonly OfferRef[]) => Promise<(Shown | null)[]>;
  nowMs: () => number;
  /** One offer could not be ended or told of. It is tried again. */
  onFailure: (error: unknown, offer: OfferRef) => void;
};

/** Offers that are ended at a time: each waits up to a second for orders on their way. */
const endsAtOnce = 8;
/** A list may be this old, ms: a thousand people who ask at once cost one read. */
const listFreshMs = 500;
const listsMax = 2_000;
/** The same of single offers, whose address may be shared with everybody. */
const offersMax = 10_000;

export type Offers = ReturnType<typeof createOffers>;

/** What the people who run a room do with its offers. The selling itself is the sale's affair. */
export function createOffers(needs: Needs) {
  const { store, rooms, skus, news, loadGate, requestGate, drainGate, shown, nowMs, onFailure } = needs;
  const takeOver = createTakeOver({ store, rooms, skus });
  const takePlanned = createTakePlanned(needs);
  const announcing = createAnnouncing({ ...needs, viewOf });
  const lists = createShortMemory({ read, freshMs: listFreshMs, keysMax: listsMax, nowMs });
  const looks = createShortMemory({ read: lookAt, freshMs: listFreshMs, keysMax: offersMax, nowMs });

  return {
    async create(personId: string, input: Input<'offer:create'>): Promise<Offer> {
      const { roomId, skuId, kind, requestKey, listPriceMinor, ...terms } = input;
      const [room, sku] = await Promise.all([rooms.get(roomId), skus.get(skuId)]);
      assertMaySell(personId, { merchantId: sku.shopId, hostId: room.hostId });
      const named = {
        ...soldHere(room, sku),
        kind,
        ...terms,
        offerId: newId(),
        listPriceMinor: listPriceMinor ?? sku.priceMinor,
        requestKey,
        requestHash: requestHash(input),
        repeatOf: null,
      };
      return viewOf(notFull(await store.add(named, offerLimits.offersPerRoomMax)));
    },

    async repeat(personId: string, { roomId, offerId, requestKey }: Input<'offer:repeat'>): Promise<Offer> {
      const old = await ofRoom(roomId, offerId);
      assertMaySell(personId, old);
      const request = { requestKey, requestHash: requestHash({ repeatOf: offerId }), repeatOf: offerId };
      const copy = { ...old, ...request, offerId: newId() };
      return viewOf(notFull(await store.add(copy, offerLimits.offersPerRoomMax)));
    },

    async takeOver(personId: string, input: Input<'offer:take-over'>): Promise<Output<'offer:take-over'>> {
      const { offers, left } = await takeOver(personId, input);
      lists.forget(input.roomId);
      return { offers: await Promise.all(offers.map(viewOf)), left };
    },

    async takePlanned(input: Input<'offer:take-planned'>): Promise<Output<'offer:take-planned'>> {
      const { offers, left } = await takePlanned(input);
      lists.forget(input.roomId);
      return { offers: await Promise.all(offers.map(viewOf)), left };
    },

    async edit(personId: string, { roomId, offerId, seenEpoch, ...changes }: Input<'offer:edit'>): Promise<Offer> {
      assertMaySell(personId, await ofRoom(roomId, offerId));
      const wanted = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
      const check = (before: OfferRow, isPromised: boolean): void => {
        assertSeen({ seenVersion: seenEpoch, version: before.epoch, before, after: { ...before, ...wanted } });
        assertMayChange(before, wanted, isPromised, nowMs());
      };
      const changed = await store.change(offerId, wanted, check, needs.retuneGate);
      if (!changed) throw new AppError('NOT_FOUND');
      if (changed === 'short')
        throw new AppError('CONFLICT', 'There are not that many units free.', { reason: 'units-short' });
      const { after, isRetuned } = changed;
      if (after.state !== 'open') return viewOf(after);
      await (isRetuned ? needs.gateRetuned(after, after.epoch) : loadGate(after, 'edited'));
      return tell('offer:changed', offerId);
    },

    /** `short` when the stock does not have the allotment. */
    async open(personId: string, { roomId, offerId, opensAtMs, seenEpoch }: Input<'offer:open'>) {
      const [draft, room] = await Promise.all([ofRoom(roomId, offerId), rooms.get(roomId)]);
      assertMaySell(personId, draft);
      if (isOver(room)) throw new AppError('CONFLICT', 'The room has ended.', { reason: 'room-over' });
      // Sent again, it may come after the start that it asked for.
      if (opensAtMs !== undefined && draft.state === 'draft') assertStart(opensAtMs);
      assertNotEnded(draft);
      const { priceMinor } = await skus.get(draft.skuId);
      const check = (before: OfferRow): void =>
        assertSeen({ seenVersion: seenEpoch, version: before.epoch, before, after: { ...before, state: 'open' } });
      const { offer, freeUnits } = await store.open(offerId, opensAtMs ?? null, priceMinor, check);
      if (!offer) {
        const now = await ofRoom(roomId, offerId);
        assertNotEnded(now);
        return { outcome: 'short' as const, freeUnits, offer: await viewOf(now) };
      }
      // Opened by an earlier call, which may have died before the gate was loaded or the room was told.
      if (draft.state === 'open') requestGate(offer);
      else await loadGate(offer, 'opened');
      lists.forget(roomId);
      return { outcome: 'opened' as const, freeUnits, offer: await announcing.opened(offerId) };
    },

    async close({ roomId, offerId }: { roomId: string; offerId: string }): Promise<Offer> {
      const offer = await ofRoom(roomId, offerId);
      if (offer.state === 'draft') await store.discard(offerId);
      if (offer.state === 'open' && (await end(offer, 'now')) === 'promised')
        throw new AppError('CONFLICT', promisedText, { reason: 'offer-promised' });
      return viewOf(await ofRoom(roomId, offerId));
    },

    /** Ends offers whose time is up, or whose room is over. What raffle drops promised stays open until nobody can use it. */
    async closeDue(): Promise<void> {
      for await (const some of store.due())
        await eachOf(some, endsAtOnce, (offer) => end(offer, 'due').catch((error: unknown) => onFailure(error, offer)));
    },
    finishUntold: announcing.finish,

    async endStragglers(): Promise<void> {
      await announcing.tellMissed(await store.endStragglers());
    },

    async order({ roomId, offerIds, seenOfferIds }: Input<'offer:order'>): Promise<{ offers: Offer[] }> {
      const since = await store.order(roomId, offerIds, (now) => assertOrderSeen(now, seenOfferIds, offerIds));
      lists.forget(roomId);
      return { offers: await tellOrder({ roomId, since }) };
    },
    /** Tells rooms of orders that died with whoever gave them. */
    async finishUntoldOrders(): Promise<void> {
      for (const order of await store.untoldOrders(untoldAgeMsMax)) await tellOrder(order);
    },

    async pin({ roomId, offerId, streamMs, requestKey }: Input<'offer:pin'>): Promise<Offer> {
      await ofRoom(roomId, offerId);
      const pinned = await store.pin(offerId, { streamMs, requestKey }, offerLimits.pinsMax);
      if (!pinned)
        throw new AppError('CONFLICT', 'Only an open or announced offer can be pinned.', { reason: 'not-pinnable' });
      // Whoever pinned it tells the room, or died and leaves it to a worker.
      if (pinned.isRepeat) return viewOf(pinned.offer);
      for (const replaced of pinned.replaced)
        await news.tellChange(replaced, 'offer:unpinned', { offerId: replaced.offerId, why: 'replaced' });
      return tell('offer:pinned', offerId);
    },

    async unpin({ roomId, offerId, seenPinnedAtMs }: Input<'offer:unpin'>): Promise<Offer> {
      await ofRoom(roomId, offerId);
      const unpinned = await store.unpin(offerId, seenPinnedAtMs);
      if (unpinned) await news.tellChange(unpinned, 'offer:unpinned', { offerId, why: 'host' });
      lists.forget(roomId);
      return viewOf(await ofRoom(roomId, offerId));
    },

    /** The gateway that took the last unit does it at once, if it lives. */
    async unpinSoldOut(): Promise<void> {
      for (const offer of await store.unpinSoldOut()) {
        lists.forget(offer.roomId);
        await news.tellChange(offer, 'offer:unpinned', { offerId: offer.offerId, why: 'sold_out' });
      }
    },

    /** The gateway that took the last unit does it within a moment, if it lives. */
    async tellSoldOut(): Promise<void> {
      for await (const offer of store.sellOutsUntold())
        await news.tellSoldOut(offer).catch((error: unknown) => onFailure(error, offer));
    },

    /** Drafts are shown to the people who run the room, and what was just done. */
    async list(personId: string, roomId: string): Promise<{ serverTimeMs: number; offers: Offer[] }> {
      const runs = isStaff(await rooms.relations(roomId, personId));
      const offers = runs ? await read(roomId) : (await lists.of(roomId)).filter(isPublic);
      return { serverTimeMs: nowMs(), offers };
    },

    /** What newcomers of a room get: read anew, for it is said to have everything up to a position in the log. */
    publicList: async (roomId: string): Promise<Offer[]> => (await read(roomId)).filter(isPublic),

    /** Whose stock it is. Strangers are told the same as when there is no such offer. */
    async relations(personId: string, offerId: string): Promise<ReadonlySet<'merchant'>> {
      const offer = await store.find(offerId);
      if (offer?.merchantId !== personId) throw new AppError('NOT_FOUND');
      return new Set(['merchant']);
    },

    maySee: async (personId: string, roomId: string): Promise<boolean> =>
      (await rooms.relations(roomId, personId)).has('viewer'),
    /** @throws AppError FORBIDDEN when one of the lines is of an offer that is not for winners alone. */
    async assertForRights(lines: readonly { offerId: string }[]): Promise<void> {
      const found = await Promise.all(lines.map(({ offerId }) => store.find(offerId)));
      if (found.some((offer) => offer?.audience.who !== 'right')) throw new AppError('FORBIDDEN');
    },

    /** @param personId  null: somebody without a session, who sees what a show has announced. */
    async get(personId: string | null, offerId: string): Promise<{ serverTimeMs: number; offer: Offer }> {
      const seen = await looks.of(offerId);
      if (!seen) throw new AppError('NOT_FOUND');
      const sees = await relationTo(seen.row, personId);
      if (sees === 'nothing') throw await noSight(seen.row, personId);
      // Who runs the room sees what was just done.
      const { offer } = sees === 'everything' ? (await lookAt(offerId))! : seen;
      return { serverTimeMs: nowMs(), offer };
    },
  };

  async function lookAt(offerId: string): Promise<{ row: OfferRow; offer: Offer } | null> {
    const row = await store.find(offerId);
    return row && { row, offer: await viewOf(row) };
  }

  async function relationTo(
    { roomId, opensAtMs }: OfferRow,
    personId: string | null,
  ): Promise<'nothing' | 'what was announced' | 'everything'> {
    const announced = opensAtMs === null ? 'nothing' : 'what was announced';
    if (personId === null) {
      const { openTo, rehearsal } = await rooms.get(roomId);
      return openTo === 'everyone' && !rehearsal ? announced : 'nothing';
    }
    const relations = await rooms.relations(roomId, personId);
    if (!relations.has('viewer')) return 'nothing';
    return relations.has('host') || relations.has('assistant') ? 'everything' : announced;
  }

  /** Of what was announced to fans, others are told that it is for fans, and nothing else. */
  async function noSight({ roomId, opensAtMs }: OfferRow, personId: string | null): Promise<AppError> {
    const refusal = opensAtMs === null ? null : await rooms.whyNot(roomId, personId);
    return refusal?.extras.reason === 'fans-only' ? refusal : new AppError('NOT_FOUND');
  }

  async function end(offer: OfferRow, when: 'now' | 'due'): Promise<OfferRow | 'promised' | 'not_due' | null> {
    if (await store.isPromised(offer)) return 'promised';
    // A gate that can't be reached sells nothing; the epoch turns away what is on its way.
    await drainGate(offer, offer.epoch);
    const closed = await store.close(offer.offerId, when);
    // A drop was published meanwhile, or the host extended it: the gate, which takes no more orders, goes on.
    if (typeof closed === 'string') await loadGate(offer, closed);
    if (!closed || typeof closed === 'string') return closed;
    lists.forget(offer.roomId);
    await announcing.ended(closed, offer.pinnedAtMs !== null);
    return closed;
  }

  async function ofRoom(roomId: string, offerId: string): Promise<OfferRow> {
    const offer = await store.find(offerId);
    if (offer?.roomId !== roomId) throw new AppError('NOT_FOUND', `There is no offer ${offerId} in this room.`);
    return offer;
  }

  /** Says it to the room as the ledger has it now, and answers the same. */
  async function tell(kind: 'offer:changed' | 'offer:pinned', offerId: string): Promise<Offer> {
    const row = (await store.find(offerId))!;
    const offer = await viewOf(row);
    lists.forget(offer.roomId);
    // Whoever opened it may have died before the room knew of it.
    if (!row.announced) await announcing.opened(offerId);
    await news.tellChange(row, kind, offer);
    return offer;
  }

  async function tellOrder(order: UntoldOrder): Promise<Offer[]> {
    const { roomId, since } = order;
    const offers = await read(roomId);
    const body = { offerIds: offers.filter(isPublic).map(({ offerId }) => offerId) };
    const once = { senderId: roomId, clientKey: `ordered:${since}` };
    if (await news.reach(roomId, 'offer:ordered', body, once)) await store.orderTold(order);
    return offers;
  }

  async function viewOf(row: OfferRow): Promise<Offer> {
    return offerView(row, row.state === 'open' ? (await shown([row]))[0]! : null, nowMs());
  }

  async function read(roomId: string): Promise<Offer[]> {
    const rows = await store.ofRoom(roomId);
    const open = rows.filter(({ state }) => state === 'open');
    const seen = new Map((await shown(open)).map((one, i) => [open[i]!.offerId, one]));
    return rows.map((row) => offerView(row, seen.get(row.offerId) ?? null, nowMs()));
  }

  function assertStart(opensAtMs: number): void {
    const aheadMs = opensAtMs - nowMs();
    if (aheadMs < 0 || aheadMs > offerLimits.scheduleAheadMsMax)
      throw new AppError('BAD_INPUT', 'opensAtMs: must lie ahead, and at most 30 days.');
  }
}

function assertNotEnded(offer: OfferRow): void {
  if (isEnded(offer))
    throw new AppError('CONFLICT', 'This offer has ended; repeat it instead.', { reason: 'offer-ended' });
}

const isPublic = ({ state }: Offer): boolean => state !== 'draft';

function notFull(offer: OfferRow | null): OfferRow {
  if (!offer)
    throw new AppError('CONFLICT', `A room has at most ${offerLimits.offersPerRoomMax} offers.`, {
      reason: 'too-many',
    });
  return offer;
}
