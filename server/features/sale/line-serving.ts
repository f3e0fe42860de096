import { AppError } from '../../../shared/errors.ts';
import type { Gate, OfferRef, Place, Waiter } from './gate.ts';
import type { LedgerOrder, OrdersLedger, Purchase, PurchaseResult } from './orders-ledger.ts';
import { placeKeyPrefix, type WaiterRow, type WaiterStore } from './waiters.ts';

export type LineServingNeeds = {
  gate: Pick<Gate, 'firstWaiting'>;
  store: Pick<WaiterStore, 'findAll' | 'haveOrders' | 'endAll' | 'endGone' | 'hasLeft'>;
  /** False for who may not see the room any more: a ban reaches the line, too. */
  isWelcome: (roomId: string, personId: string) => Promise<boolean>;
  purchaseWaited: (purchase: Purchase) => Promise<PurchaseResult>;
  /** The order that a key made, whatever was asked with it. */
  orderOfKey: (buyerId: string, requestKey: string) => Promise<LedgerOrder | null>;
  /** Frees the units of an order that is still held. */
  cancelHeld: OrdersLedger['cancelHeld'];
  /** Units are held for somebody who waited. */
  onServed: (waiter: WaiterRow, order: LedgerOrder) => void;
  /** It was their turn, and they may not buy. */
  onPassed: (waiter: WaiterRow, offer: OfferRef) => void;
};
type Needs = LineServingNeeds & {
  /** Takes places off the line at the gate. What is then kept for those who still wait. */
  takeOff: (offer: OfferRef, places: readonly Place[]) => Promise<{ kept: number; people: number }>;
};

/** People of one line whose turn comes together: one call of the gate, one commit and one statement for all of them. */
const turnsAtOnceMax = 100;

const keyOf = (ticket: number): string => `${placeKeyPrefix}${ticket}`;

type Turn = Waiter & Place;
type Outcome = { row: WaiterRow; result: PurchaseResult };

/**
 * Holds the units that are kept for a line for those at its front. They are served together as far as the units reach for all that each
 * of them wants; so nobody of them is before another in anything but the time of an answer, and who comes behind them takes nothing that
 * one of them needs.
 */
export function createLineServing(needs: Needs) {
  const { gate, store, isWelcome, purchaseWaited, orderOfKey, cancelHeld, takeOff, onServed, onPassed } = needs;

  return async function serveAll(offer: OfferRef): Promise<void> {
    await finishServed(offer);
    for (;;) {
      const { kept, people } = await takeOff(offer, []);
      if (kept === 0 || people === 0) return;
      const turns = whoseTurn(await gate.firstWaiting(offer, turnsAtOnceMax), kept);
      if (turns.length === 0 || !(await serveTogether(offer, turns))) return;
    }
  };

  /** False when nothing more can be done now. @throws what kept one of them from an answer, when all others have theirs. */
  async function serveTogether(offer: OfferRef, turns: readonly Turn[]): Promise<boolean> {
    const rows = await store.findAll(
      offer.offerId,
      turns.map(({ personId }) => personId),
    );
    const here = await Promise.all(
      turns.map(async (turn) => {
        const row = rows.get(turn.personId);
        return { turn, row, welcome: row !== undefined && (await isWelcome(offer.roomId, turn.personId)) };
      }),
    );
    await sendAway(
      offer,
      here.filter(({ welcome }) => !welcome),
    );
    const served = here.filter(({ welcome }) => welcome);
    // All in one turn of the event loop: the gate and the ledger see them as one.
    const settled = await Promise.allSettled(served.map(({ turn, row }) => hold(offer, row!, turn.units)));
    const outcomes = settled.flatMap((one, i) =>
      one.status === 'fulfilled' ? [{ row: served[i]!.row!, result: one.value }] : [],
    );
    await finish(
      offer,
      outcomes.filter(({ result: { outcome } }) => outcome !== 'sold_out' && outcome !== 'ended'),
    );
    const failed = settled.find(({ status }) => status === 'rejected');
    if (failed) throw (failed as PromiseRejectedResult).reason;
    return outcomes.every(({ result: { outcome } }) => outcome !== 'sold_out' && outcome !== 'ended');
  }

  /** Whoever held units for them died before it was noted. Nothing is kept for them any more, so nothing else would come back to them. */
  async function finishServed(offer: OfferRef): Promise<void> {
    const rows = await store.haveOrders(offer.offerId, turnsAtOnceMax);
    const orders = await Promise.all(rows.map((row) => orderOfKey(row.personId, keyOf(row.ticket))));
    const outcomes = rows.map((row, i) => ({ row, order: orders[i] }));
    await finish(
      offer,
      outcomes.flatMap(({ row, order }) => (order ? [{ row, result: { outcome: 'held' as const, order } }] : [])),
    );
  }

  /** Guests who were forgotten, and people sent away: out of the ledger too, else every loading of the gate brings them back. */
  async function sendAway(offer: OfferRef, gone: readonly { turn: Turn; row: WaiterRow | undefined }[]): Promise<void> {
    if (gone.length === 0) return;
    await store.endAll(gone.flatMap(({ row }) => (row ? [{ ticket: row.ticket, state: 'left' as const }] : [])));
    for (const { turn, row } of gone) if (!row) await store.endGone(offer.offerId, turn.personId);
    await takeOff(
      offer,
      gone.map(({ turn, row }) => row ?? turn),
    );
  }

  /** The ledger first: what dies before the gate hears of it is found there by whoever serves the line next. */
  async function finish(offer: OfferRef, outcomes: readonly Outcome[]): Promise<void> {
    if (outcomes.length === 0) return;
    const ended = await store.endAll(
      outcomes.map(({ row: { ticket }, result }) =>
        result.outcome === 'held'
          ? { ticket, state: 'served' as const, orderId: result.order.orderId }
          : { ticket, state: 'refused' as const },
      ),
    );
    const [done, others] = [
      outcomes.filter(({ row }) => ended.has(row.ticket)),
      outcomes.filter(({ row }) => !ended.has(row.ticket)),
    ];
    if (done.length > 0)
      await takeOff(
        offer,
        done.map(({ row }) => row),
      );
    for (const { row, result } of done) {
      if (result.outcome !== 'held') onPassed(row, offer);
      // Found after its time had run out: then that is what they were told.
      else if (result.order.state === 'held') onServed(row, result.order);
    }
    for (const { row, result } of others) {
      // Left while the units were being held, and was told so. Else somebody else served them: they may wait again, with another ticket.
      if (result.outcome === 'held' && (await store.hasLeft(row.ticket)))
        await cancelHeld(result.order.orderId, { personId: row.personId, reason: 'left the line' });
    }
  }

  async function hold(offer: OfferRef, { personId, ticket }: WaiterRow, units: number): Promise<PurchaseResult> {
    const requestKey = keyOf(ticket);
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

/**
 * Those at the front whom `kept` units give all they want. When it does not reach for the first: what there is, for them alone; half a wish is
 * better than units nobody may have.
 */
function whoseTurn(front: readonly Turn[], kept: number): Turn[] {
  let left = kept;
  const end = front.findIndex(({ units }) => (left -= units) < 0);
  if (end !== 0) return end < 0 ? [...front] : front.slice(0, end);
  return [{ ...front[0]!, units: kept }];
}
