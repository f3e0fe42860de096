import { AppError } from '../../../shared/errors.ts';
import type { Gate, OfferRef, Place, Waiter } from './gate.ts';
import type { OfferTerms } from './offer-terms.ts';
import { createLineServing, type LineServingNeeds } from './line-serving.ts';
import { isForEverybody, type Admit } from './purchase.ts';
import type { LeftOrder, Ticket, WaiterStore } from './waiters.ts';
import { createBatches } from '../../platform/batches.ts';
import { eachOf } from '../../platform/each-of.ts';

export type WaitAnswer = {
  outcome: 'waiting' | 'available' | 'full' | 'not_open' | 'not_for_you' | 'limit';
  position: number | null;
};

type Standing = Awaited<ReturnType<Gate['wait']>>;

type Needs = LineServingNeeds & {
  gate: Gate;
  store: WaiterStore;
  termsOf: (offerId: string) => Promise<OfferTerms | undefined>;
  admit: Admit;
  /** The gate is not the one of these terms: read them again, load the gate if it is lost. */
  onStale: (offer: OfferRef) => void;
  /** Nobody waits any more, and kept units are for sale to everybody. */
  onFreed: (offer: OfferRef, left: number) => void;
  onFailure: (error: unknown, work: string) => void;
};

const retryAfterMs = 300;
/** Lines that are served at a time, each with the purchases of those at its front under way. */
const linesAtOnce = 16;
/** People who join the lines of all offers at once; past them the answer is RETRY. */
const joinLimits = { itemsMax: 500, waitingMax: 10_000 };

export type WaitingList = ReturnType<typeof createWaitingList>;

/**
 * Who comes next when units of a sold-out offer are released. Released units are kept apart by the same script that releases them,
 * and held for the first in line as an order of theirs: pay it, cancel it, or let it expire and it passes on.
 */
export function createWaitingList(needs: Needs) {
  const { gate, store, termsOf, admit, cancelHeld, onStale, onFreed, onFailure } = needs;
  const serveAll = createLineServing({ ...needs, takeOff });
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
    /** Serves every line there is, and ends what is held for places that were given up. */
    async serveLines(): Promise<void> {
      for await (const some of store.heldForLeft()) await eachOf(some, linesAtOnce, cancelLeft);
      await eachOf(await store.offers(), linesAtOnce, serveSafely);
    },
    /** Holds kept units for those at the front. Calls for one offer at the same time are one. */
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

  /** Whoever held units for them died before they saw that the place was given up, and who gave it up was told that it is. */
  async function cancelLeft({ orderId, personId }: LeftOrder): Promise<void> {
    const cancelled = cancelHeld(orderId, { personId, reason: 'left the line' });
    await cancelled.catch((error: unknown) => onFailure(error, 'cancel for a place that was left'));
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
}
