import type { TellEach } from '../../gateway/tell-person.ts';
import type { OfferRef } from '../sale/gate.ts';
import type { OrdersLedger } from '../sale/orders-ledger.ts';
import type { OfferRow } from './offer-row.ts';
import type { OfferStore } from './offer-store.ts';
import type { RoomNews } from './room-news.ts';
import type { Offer } from '../../../shared/protocol/offer.ts';

type Needs = {
  store: Pick<OfferStore, 'find' | 'untold' | 'told' | 'announced' | 'missed' | 'heldOrders'>;
  news: RoomNews;
  tellEach: TellEach;
  viewOf: (row: OfferRow) => Promise<Offer>;
  /** Loads the gate if it is lost. Returns at once. */
  requestGate: (offer: OfferRef) => void;
  /** False when it could not be reached. */
  dropGate: (offer: OfferRef, epoch: number) => Promise<boolean>;
  cancelHeld: OrdersLedger['cancelHeld'];
  onFailure: (error: unknown, offer: OfferRef) => void;
};

/** A process that still lives has told the room long before, ms. */
export const untoldAgeMsMax = 3_000;

/**
 * What follows an opening, a change and an end, which the ledger has before anybody knows of it. Every step may be repeated: whoever dies on the
 * way leaves the offer marked as untold, and a worker goes the whole way again.
 */
export function createAnnouncing(needs: Needs) {
  const { store, news, tellEach, viewOf, requestGate, dropGate, cancelHeld, onFailure } = needs;

  return {
    /** Once in the life of an offer, however often it is called. */
    opened,
    ended,
    /** Goes on where somebody died. */
    async finish(): Promise<void> {
      for await (const offer of store.untold(untoldAgeMsMax))
        await (offer.state === 'open' ? goOn(offer) : ended(offer, true)).catch((error: unknown) =>
          onFailure(error, offer),
        );
    },
    tellMissed,
  };

  /**
   * Says it as the ledger has it now: loading the gate has raised its epoch. What was changed and not told is said behind it, for an
   * announcement of before had the old terms.
   */
  async function opened(offerId: string): Promise<Offer> {
    const row = (await store.find(offerId))!;
    const offer = await viewOf(row);
    const once = { senderId: offerId, clientKey: `announced:${offerId}` };
    if (!(await news.reach(offer.roomId, 'offer:announced', offer, once))) return offer;
    await store.announced(offerId);
    if (row.untoldChange) await news.tellChange(row, 'offer:changed', offer);
    // Of one that has ended meanwhile its end is left to tell.
    else if (row.state === 'open') await store.told(row);
    return offer;
  }

  async function goOn(offer: OfferRow): Promise<void> {
    requestGate(offer);
    await opened(offer.offerId);
  }

  async function ended(closed: OfferRow, wasPinned: boolean): Promise<void> {
    const { offerId, roomId, epoch, soldUnits, heldUnits } = closed;
    const isGone = await dropGate(closed, epoch);
    if (closed.rehearsal) await throwAway(closed);
    const once = (what: string) => ({ senderId: offerId, clientKey: `${what}:${offerId}` });
    if (wasPinned) news.say(roomId, 'offer:unpinned', { offerId, why: 'ended' }, once('unpinned'));
    const body = { offerId, soldUnits: soldUnits + heldUnits };
    const isTold = await news.reach(roomId, 'offer:ended', body, once('ended'));
    await tellMissed((await store.missed(offerId)).map((personId) => ({ offerId, roomId, personId })));
    if (isTold && isGone) await store.told(closed);
  }

  /** Nothing of a rehearsal outlives it. */
  async function throwAway({ offerId }: OfferRow): Promise<void> {
    for await (const orderId of store.heldOrders(offerId))
      await cancelHeld(orderId, { personId: null, reason: 'the rehearsal is over' });
  }

  function tellMissed(people: readonly (OfferRef & { personId: string })[]): Promise<void> {
    return tellEach(
      'offer:missed',
      people.map(({ personId, offerId, roomId }) => ({ personId, body: { roomId, offerId } })),
    );
  }
}
