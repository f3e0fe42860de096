import { AppError } from '../../../shared/errors.ts';
import type { Gate, OfferRef, Place, Waiter } from './gate.ts';
import type { OfferTerms } from './offer-terms.ts';
import type { LedgerOrder, OrdersLedger, Purchase, PurchaseResult } from './orders-ledger.ts';
import { isForEverybody, type Admit } from './purchase.ts';
import type { Ticket, WaiterRow, WaiterStore } from './waiters.ts';
import { createBatches } from '../../platform/batches.ts';
import { eachOf } from '../../platform/each-of.ts';

export type WaitAnswer = {
  outcome: 'waiting' | 'available' | 'full' | 'not_open' | 'not_for_you' | 'limit';
  position: number | null;
};

type Standing = Awaited<ReturnType<Gate['wait']>>;

type Needs = {
  gate: Gate;
  store: WaiterStore;
  termsOf: (offerId: string) => Promise<OfferTerms | undefined>;
  admit: Admit;
  /** False for who may not see the room any more: a ban reaches the line, too. */
  isWelcome: (roomId: string, personId: string) => Promise<boolean>;
  purchaseWaited: (purchase: Purchase) => Promise<PurchaseResult>;
  /** The order that a key made, whatever was asked with it. */
  orderOfKey: (buyerId: string, requestKey: string) => Promise<LedgerOrder | null>;
  /** The gate is not the one of these terms: read them again, load the gate if it is lost. */
  onStale: (offer: OfferRef) => void;
  /** Frees the units of an order that is still held. */
  cancelHeld: OrdersLedger['cancelHeld'];
  /** Nobody waits any more, and kept units are for sale to everybody. */
  onFreed: (offer: OfferRef, left: number) => void;
  /** Units are held for somebody who waited. */
  onServed: (waiter: WaiterRow, order: LedgerOrder) => void;
  /** It was their turn, and they may not buy. */
  onPassed: (waiter: WaiterRow, offer: OfferRef) => void;
  onFailure: (error: unknown, work: string) => void;
};

const retryAfterMs = 300;
/** Lines that are served at a time, each with a purchase of its own under way. */
const linesAtOnce = 16;
/** People who join the lines of all offers at once; past them the answer is RETRY. */
const joinLimits = { itemsMax: 500, waitingMax: 10_000 };

export type WaitingList = ReturnType<typeof createWaitingList>;

/**
 * Who comes next when units of a sold-out offer are released. Released units are kept apart by the same script that releases them,
 * and held for the first in line as an order of theirs: pay it, cancel it, or let it expire and it passes on.
 */
export function createWaitingList({
  gate,
  store,
  termsOf,
  admit,
  isWelcome,
  purchaseWaited,
  orderOfKey,
  cancelHeld,
  onStale,
  onFreed,
  onServed,
  onPassed,
  onFailure,
}: Needs) {
  const serving = new Map<string, Promise<void>>();
  /** When an offer sells out, thousands join in one moment. */
  const joins = createBatches<Waiter, Ticket>({ ...joinLimits, run: takeTickets });

  return {
    /** Joins the line; again: says where one stands. Nothing is held until it is one's turn. */
    async join({ offerId, roomId }: OfferRef, personId: string, units: number): Promise<WaitAnswer> {
      const terms = await termsOf(offerId);
      if (terms?.roomId !== roomId) throw new AppError('NOT_FOUND');
      if (terms.state !== 'open') return { outcome: 'not_open', position: null };
      if (units > terms.limitUnits) return { outcome: 'limit', position: null };
      const admission = isForEverybody(terms) ? null : await admit(terms, personId, units);
      if (admission && !admission.admitted) return { outcome: admission.outcome, position: null };
      // Most who ask stand in line already, or come when units are back or the line is full: nothing of that is written.
      const asked = await gate.wait(terms, terms.epoch, { personId, units, ticket: null });
      const hasNone =
        asked.code === 'room' || (asked.code === 'waiting' && (await store.find(offerId, personId)) === null);
      return answerOf(terms, hasNone ? await takePlace(terms, { personId, units }) : asked);
    },
    /** Null for who does not wait. */
    async place(offer: OfferRef, personId: string): Promise<{ position: number | null } | null> {
      const row = await store.find(offer.offerId, personId);
      return row && { position: await gate.placeOf(offer, personId) };
    },
    async leave(offer: OfferRef, personId: string): Promise<boolean> {
      const row = await store.find(offer.offerId, personId);
      if (!row || !(await store.end(row.ticket, 'left'))) return false;
      await takeOff(offer, [{ personId, ticket: row.ticket }]);
      return true;
    },
    /** Serves every line there is. */
    serveLines: async (): Promise<void> => eachOf(await store.offers(), linesAtOnce, serveSafely),
    /** Holds kept units for those at the front, one after another. Calls for one offer at the same time are one. */
    serve,
  };

  function serve(offer: OfferRef): Promise<void> {
    let run = serving.get(offer.offerId);
    if (!run) {
      run = serveAll(offer).finally(() => serving.delete(offer.offerId));
      serving.set(offer.offerId, run);
    }
    return run;
  }

  function serveSafely(offer: OfferRef): Promise<void> {
    return serve(offer).catch((error: unknown) => onFailure(error, 'serve waiting'));
  }

  /** The ledger first: the gate that is loaded next has the place, and the same question finds it again. */
  async function takePlace(offer: OfferRef & { epoch: number }, wish: Waiter): Promise<Standing> {
    const ticket = await joins.add(offer.offerId, wish);
    const standing = await gate.wait(offer, offer.epoch, { personId: wish.personId, ...ticket });
    if (!['available', 'full', 'limit'].includes(standing.code)) return standing;
    // Their units came back, or they bought, since they were told that there is room.
    await store.forget(ticket.ticket);
    // Another request of theirs may have come into line by this very ticket just before it was forgotten.
    return (await gate.placeOf(offer, wish.personId)) === null ? standing : takePlace(offer, wish);
  }

  async function takeTickets(offerId: string, wishes: readonly Waiter[]): Promise<Ticket[]> {
    const people = [...Map.groupBy(wishes, ({ personId }) => personId).values()].map(([first]) => first!);
    const tickets = await store.join(offerId, people);
    return wishes.map(({ personId }) => tickets.get(personId)!);
  }

  function answerOf({ offerId, roomId }: OfferRef, { code, position }: Standing): WaitAnswer {
    if (code === 'waiting') return { outcome: code, position };
    if (code === 'available' || code === 'full' || code === 'limit') return { outcome: code, position: null };
    onStale({ offerId, roomId });
    throw new AppError('RETRY', undefined, { retryAfterMs });
  }

  async function takeOff(offer: OfferRef, places: readonly Place[]): Promise<{ kept: number; people: number }> {
    const { freed, left, ...line } = await gate.leave(offer, places);
    if (freed > 0) onFreed(offer, left);
    return line;
  }

  async function serveAll(offer: OfferRef): Promise<void> {
    for (;;) {
      const { kept, people } = await takeOff(offer, []);
      if (kept === 0 || people === 0) return;
      const [first] = await gate.firstWaiting(offer, 1);
      if (!first || !(await serveOne(offer, first, kept))) return;
    }
  }

  /** False when nothing more can be done now. */
  async function serveOne(offer: OfferRef, first: Waiter & Place, kept: number): Promise<boolean> {
    const row = await store.find(offer.offerId, first.personId);
    if (!row || !(await isWelcome(offer.roomId, first.personId))) {
      // A guest who was forgotten, or somebody sent away: out of the ledger too, else every loading of the gate brings them back.
      await (row ? store.end(row.ticket, 'left') : store.endGone(offer.offerId, first.personId));
      await takeOff(offer, [row ?? first]);
      return true;
    }
    const result = await hold(offer, row, Math.min(kept, first.units));
    if (result.outcome === 'sold_out' || result.outcome === 'ended') return false;
    const order = result.outcome === 'held' ? result.order : null;
    if (await store.end(row.ticket, order ? 'served' : 'refused', order?.orderId)) {
      await takeOff(offer, [row]);
      if (order) onServed(row, order);
      else onPassed(row, offer);
    } else if (order && (await store.hasLeft(row.ticket))) {
      // Left while the units were being held, and was told so. Else somebody else served them: they may wait again, with another ticket.
      await cancelHeld(order.orderId, { personId: row.personId, reason: 'left the line' });
    }
    return true;
  }

  /** Fewer units than wanted, when there are no more: half a wish is better than units nobody may have. */
  async function hold(offer: OfferRef, { personId, ticket }: WaiterRow, units: number): Promise<PurchaseResult> {
    // No key of a client begins with a tab: nobody can use it up, and lose their place by it.
    const requestKey = `\twaiting:${ticket}`;
    const lines = [{ offerId: offer.offerId, units }];
    try {
      return await purchaseWaited({ buyerId: personId, buyerName: null, roomId: offer.roomId, lines, requestKey });
    } catch (error) {
      // Held by an earlier try that asked for another number of units.
      const order =
        error instanceof AppError && error.code === 'KEY_REUSED' ? await orderOfKey(personId, requestKey) : null;
      if (order) return { outcome: 'held', order };
      throw error;
    }
  }
}
