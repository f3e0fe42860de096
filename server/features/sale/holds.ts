import { randomBytes } from 'node:crypto';
import { AppError } from '../../../shared/errors.ts';
import { eachOf } from '../../platform/each-of.ts';
import { crashAt } from './crash-point.ts';
import type { Claim, Gate, TakeAnswer } from './gate.ts';
import type { QueuedRequest } from './gate-queue.ts';
import type { EndedOrder, ExtendedOrder, OrderStore, StoredOrder } from './order-store.ts';
import type { OrdersLedger } from './orders-ledger.ts';
import type { OfferTerms } from './offer-terms.ts';

type Needs = {
  store: OrderStore;
  gate: Pick<Gate, 'release' | 'confirm'>;
  take: (request: QueuedRequest) => Promise<TakeAnswer>;
  /** What the ledger says now. */
  termsOf: (offerId: string) => Promise<OfferTerms | undefined>;
  onExpired: (order: EndedOrder) => void;
  onExtended: (order: ExtendedOrder) => void;
  /** What a hold is given that runs out while its payment is in progress, ms. */
  extensionMs: number;
  /** Refused because of what some order says, not because of the database's state. */
  isDataFault: (error: unknown) => boolean;
  onFailure: (error: unknown, work: string) => void;
};

/** Orders that are ended, or whose units are given back, in one go; the worker goes on until none is left. */
const ordersPerRunMax = 500;
/** Transactions that end orders at a time, each with a connection: a busy row holds up one of them. */
const roomsAtOnce = 4;
const retryAfterMs = 500;

/** What happens to an order after it was held, as far as units are concerned. The ledger moves first, the gate follows. */
export function createHolds(needs: Needs) {
  const { store, gate, take, termsOf, onExpired, onExtended, extensionMs, isDataFault, onFailure } = needs;

  const verbs: Omit<OrdersLedger, 'purchase'> = {
    async cancelHeld(orderId, cause) {
      const ended = await store.cancel(orderId, cause);
      if (ended) await release([ended]);
      return ended || (await store.find(orderId))?.state === 'cancelled' ? 'cancelled' : 'not_held';
    },

    async expireDue() {
      let endedCount = 0;
      for await (const due of store.due(ordersPerRunMax)) {
        // Orders of one room touch the same rows.
        const rooms = [...Map.groupBy(due, ({ roomId }) => roomId).values()];
        await eachOf(rooms, roomsAtOnce, async (orders) => {
          endedCount += await expire(orders.map(({ orderId }) => orderId));
        });
      }
      return endedCount;
    },

    async releaseOwed() {
      for await (const owed of store.owingRelease(ordersPerRunMax)) await release(owed);
    },

    async pay(orderId, paymentId) {
      const outcome = await store.pay(orderId, paymentId);
      if (!outcome) throw new AppError('NOT_FOUND');
      return outcome === 'retake' ? retake(orderId, paymentId) : outcome;
    },

    extendHold: (orderId, extraMs, payment) => store.extend(orderId, extraMs, payment),
    returnUnits: (returnId, orderId, lines, cause) => store.returnUnits(returnId, orderId, lines, cause),

    async find(orderId) {
      const order = await store.find(orderId);
      if (!order) throw new AppError('NOT_FOUND');
      return order;
    },
  };
  return verbs;

  /** Those that can't be ended now must not keep others from it. */
  async function expire(orderIds: readonly string[]): Promise<number> {
    try {
      const { ended, extended } = await store.expire(orderIds, extensionMs);
      extended.forEach(onExtended);
      ended.forEach(onExpired);
      await release(ended);
      return ended.length;
    } catch (error) {
      if (isDataFault(error) && orderIds.length > 1) {
        const middle = orderIds.length >> 1;
        return (await expire(orderIds.slice(0, middle))) + (await expire(orderIds.slice(middle)));
      }
      onFailure(error, 'expire');
      return 0;
    }
  }

  /** The units are free in the ledger already. What fails here is still owed, and done by a worker within a second. */
  async function release(orders: readonly EndedOrder[]): Promise<void> {
    if (orders.length === 0) return;
    crashAt('after-ending-before-release');
    const failed = new Set<string>();
    const perOffer = Map.groupBy(
      orders.flatMap((order) => order.openOfferIds.map((offerId) => ({ order, offerId }))),
      ({ offerId }) => offerId,
    );
    for (const [offerId, ended] of perOffer) {
      const offer = { offerId, roomId: ended[0]!.order.roomId };
      const claims = ended.map(({ order }) => order);
      const free = await gate.release(offer, claims).catch((error: unknown) => onFailure(error, 'release'));
      if (!free) claims.forEach(({ orderId }) => failed.add(orderId));
    }
    const done = orders.map(({ orderId }) => orderId).filter((orderId) => !failed.has(orderId));
    await store.released(done).catch((error: unknown) => onFailure(error, 'note releases'));
  }

  /**
   * A payment that came after its hold had ended. Units of open offers are taken at the gate first, like anybody's, so that
   * nobody else is promised them; under a token, so that a try that falls asleep can be settled like a mark of a new order.
   */
  async function retake(orderId: string, paymentId: string): Promise<'paid' | 'retaken' | 'refund_needed'> {
    const order = await store.find(orderId);
    if (!order) throw new AppError('NOT_FOUND');
    const token = randomBytes(16).toString('base64url');
    if (!(await store.beginRetake(orderId, token))) throw new AppError('RETRY', undefined, { retryAfterMs });

    const open = await openLines(order);
    const claim: Claim = { orderId, requestHash: token, buyerId: order.buyerId, requestKey: order.requestKey };
    if (open.length > 0) {
      // Units taken at the gate are nobody's while their order waits for the stock of its other lines: it comes again instead.
      const closedIds = order.lines
        .map(({ offerId }) => offerId)
        .filter((id) => !open.some(({ offerId }) => offerId === id));
      if (!(await store.stockIsAtRest(closedIds))) throw new AppError('RETRY', undefined, { retryAfterMs });
      const refused = await takeAgain(order, open, claim);
      if (refused) return refused;
    }
    const epochs = new Map(open.map(({ offerId, epoch }) => [offerId, epoch]));
    const outcome = await store.finishRetake(orderId, token, paymentId, epochs);
    if (outcome === 'retaken') {
      await Promise.all(open.map((offer) => gate.confirm(offer, [claim]))).catch((error: unknown) =>
        onFailure(error, 'confirm'),
      );
      return 'retaken';
    }
    await Promise.all(open.map((offer) => gate.release(offer, [claim])));
    if (outcome === 'short') return 'refund_needed';
    throw new AppError('RETRY', undefined, { retryAfterMs });
  }

  async function openLines(order: StoredOrder): Promise<(OfferTerms & { units: number })[]> {
    const lines = await Promise.all(
      order.lines.map(async ({ offerId, units }) => ({ units, terms: await termsOf(offerId) })),
    );
    return lines.flatMap(({ units, terms }) => (terms?.state === 'open' ? [{ ...terms, units }] : []));
  }

  async function takeAgain(
    order: StoredOrder,
    open: readonly (OfferTerms & { units: number })[],
    claim: Claim,
  ): Promise<'refund_needed' | null> {
    // The release of the ended hold may still be on its way; released twice is released once.
    await Promise.all(open.map((offer) => gate.release(offer, [order])));
    const { code } = await take({
      ...claim,
      roomId: order.roomId,
      lines: open.map(({ offerId, units }) => ({ offerId, units })),
      epochs: open.map(({ epoch }) => epoch),
      waited: false,
    });
    if (code === 'taken') return null;
    // Ended by the clock, and not closed yet: the next try finds the units in the stock.
    if (code === 'stale' || code === 'stopped' || code === 'repeat' || code === 'key_reused' || code === 'ended')
      throw new AppError('RETRY', undefined, { retryAfterMs });
    return 'refund_needed';
  }
}
