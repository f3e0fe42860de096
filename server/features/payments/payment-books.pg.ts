import { AppError } from '../../../shared/errors.ts';
import { newId } from '../../../shared/ids.ts';
import type { Jobs } from '../../platform/jobs.ts';
import { inTransaction, type Db, type DbClient, type Queryable } from '../../platform/postgres.ts';
import { requestHash } from '../../platform/request-hash.ts';
import { book } from './money-ledger.pg.ts';
import { captured, settledToOrder, settledToRefund } from './money-transfers.ts';
import { ownKey } from './order-payments.ts';
import type { PayableOrder, PayableOrders } from './payable-orders.ts';
import type { PaymentEvent } from './payment-provider.ts';
import { stateAfter } from './payment-state.ts';
import { paymentStore, type PaymentRow, type Sum } from './payment-store.pg.ts';
import {
  failRefund,
  findRefund,
  finishRefund,
  insertRefund,
  refundJob,
  retryRefund,
  type RefundRow,
} from './refunds.pg.ts';
import { refundRetryMs } from './patience.ts';

/** Name of the job that settles a captured payment; its payload is `{ paymentId }`. */
export const settleJob = 'settle-payment';
/** An order was paid; whoever rewards it is told. */
export const paidJob = 'order-paid';

/** The process that took the event in settles at once; the job is for the case that it died. */
const settleJobDelayMs = 3_000;

/** Name of the job that asks the provider what became of a payment or a refund; its payload is an `Asked`. */
export const askJob = 'ask-provider';

/** Name of the job that asks once more for a refund that failed; its payload is `{ refundId }`. */
export const retryRefundJob = 'retry-refund';

/** `asks`: how often it was asked before. */
export type Asked = { about: { paymentId: string } | { refundId: string }; asks: number };

type RefundEvent = Extract<PaymentEvent, { refundId: string }>;
type PaymentOnlyEvent = Extract<PaymentEvent, { paymentId: string }>;
export type Begun =
  | { outcome: 'begun'; order: PayableOrder; payment: PaymentRow }
  | { outcome: 'not_held' | 'needs_address' | 'rehearsal' };

export type PaymentBooks = ReturnType<typeof createPaymentBooks>;

/** Everything payments write, each verb one transaction. Lock order: the order's row, then the payment's. */
export function createPaymentBooks(
  db: Db,
  { orders, jobs, pollAfterMs }: { orders: PayableOrders; jobs: Pick<Jobs, 'add'>; pollAfterMs: number },
) {
  return {
    /** Plans to ask the provider, once: planned again it is moved. */
    askLater: (asked: Asked, delayMs: number) => askLater(db, asked, delayMs),
    /** Asks once more for a refund that failed, by itself. */
    retryRefund: (refundId: string): Promise<string | null> =>
      inTransaction(db, async (client) => {
        const refund = await findRefund(client, refundId);
        if (!refund || !(await retryRefund(client, jobs, refundId))) return null;
        await orders.note(client, refund.orderId, 'refund-retried', { refundId });
        return refund.orderId;
      }),
    find: (paymentId: string) => paymentStore.find(db, paymentId),
    list: (orderId: string) => paymentStore.list(db, orderId),
    setPayUrl: (paymentId: string, payUrl: string) => paymentStore.setPayUrl(db, paymentId, payUrl),
    findRefund: (refundId: string) => findRefund(db, refundId),
    order: (orderId: string) => inTransaction(db, (client) => orders.lock(client, orderId)),

    /** Begins a payment, or answers the one that is open. One of nothing is captured already. */
    begin: (orderId: string, paymentId: string, provider: string): Promise<Begun> =>
      inTransaction(db, async (client) => {
        const order = await orders.lock(client, orderId);
        if (order?.state !== 'held') return { outcome: 'not_held' };
        if (order.isRehearsal) return { outcome: 'rehearsal' };
        if (order.needsAddress) return { outcome: 'needs_address' };
        const open = await paymentStore.findOpen(client, orderId);
        // Its money is there, and whoever was about to settle it may have died: nobody is asked to pay twice.
        if (open?.state === 'captured') return { outcome: 'begun', order, payment: open };
        const payment = open ?? (await paymentStore.insert(client, { ...order, paymentId, provider }));
        if (order.amountMinor > 0) {
          await askLater(client, { about: { paymentId: payment.paymentId }, asks: 0 }, pollAfterMs);
          return { outcome: 'begun', order, payment };
        }
        await capture(client, payment, { ...payment, amountMinor: 0 });
        return { outcome: 'begun', order, payment: { ...payment, state: 'captured' } };
      }),

    /** Moves the payment up by what the event says; books the money when it arrived. */
    receivePayment: (provider: string, event: PaymentOnlyEvent, bodyHash: Buffer) =>
      inTransaction(db, async (client) => {
        const payment = await paymentStore.lock(client, event.paymentId);
        if (payment?.provider !== provider)
          throw new AppError('NOT_FOUND', `There is no payment ${event.paymentId} of ${provider}.`);
        const isNew = await keepEvent(client, provider, event, event.paymentId, bodyHash);
        const state = isNew ? stateAfter(payment.state, event.kind) : payment.state;
        if (state !== payment.state) await moveTo(client, payment, state, event);
        return { state, orderId: payment.orderId };
      }),

    receiveRefund: (provider: string, event: RefundEvent, bodyHash: Buffer) =>
      inTransaction(db, async (client) => {
        const refund = await findRefund(client, event.refundId);
        if (refund?.provider !== provider)
          throw new AppError('NOT_FOUND', `There is no refund ${event.refundId} of ${provider}.`);
        const isNew = await keepEvent(client, provider, event, event.refundId, bodyHash);
        return { changed: isNew && (await endRefund(client, refund, event)), orderId: refund.orderId };
      }),

    /**
     * Nobody hopes any more to hear what became of an attempt: the merchant decides whether there is another one. A success that
     * is told after all still counts. False when the refund is not at this attempt.
     */
    giveUpRefund: ({ refundId, orderId, attempts }: RefundRow): Promise<boolean> =>
      inTransaction(db, async (client) => {
        if (!(await failRefund(client, refundId, attempts))) return false;
        await orders.note(client, orderId, 'refund-failed', { refundId, reason: 'not answered' });
        return true;
      }),

    /** The money pays the order. */
    settleToOrder: (payment: PaymentRow, units: 'paid' | 'retaken'): Promise<void> =>
      inTransaction(db, (client) => settleToOrder(client, payment, units)),

    /**
     * The money goes back: it came too late, twice, or as another sum. Unless it has paid the order after all: two processes asked
     * the ledger at once, units came free in between, and the one that got them may be dead by now.
     */
    settleToRefund: (payment: PaymentRow): Promise<void> =>
      inTransaction(db, async (client) => {
        const { orderId, paymentId } = payment;
        // Taking the units again locks this row too, and looks for a refund under it: one of the two sees the other.
        const order = await orders.lock(client, orderId);
        if (order?.paidBy === paymentId) return settleToOrder(client, payment, 'retaken');
        if (!(await paymentStore.settle(client, paymentId, 'refund'))) return;
        const transfer = capturedOf(payment);
        await book(client, settledToRefund(transfer));
        const { amountMinor, currency } = transfer;
        if (amountMinor > 0) await payBack(client, transfer);
        await orders.note(client, orderId, 'payment-returned', { paymentId, amountMinor, currency });
      }),
  };

  async function askLater(client: Queryable, asked: Asked, delayMs: number): Promise<void> {
    const key = `ask:${'refundId' in asked.about ? asked.about.refundId : asked.about.paymentId}`;
    await jobs.add(client, { name: askJob, payload: asked, delayMs, key });
  }

  async function endRefund(client: DbClient, refund: RefundRow, { kind, attempt }: RefundEvent): Promise<boolean> {
    const { refundId, orderId } = refund;
    if (kind === 'refund.succeeded') {
      if (!(await finishRefund(client, refund))) return false;
      await orders.note(client, orderId, 'refund-done', { refundId });
      return true;
    }
    if (!(await failRefund(client, refundId, attempt))) return false;
    await orders.note(client, orderId, 'refund-failed', { refundId });
    const againInMs = refundRetryMs(attempt);
    if (againInMs !== null) await jobs.add(client, { name: retryRefundJob, payload: { refundId }, delayMs: againInMs });
    return true;
  }

  async function settleToOrder(client: DbClient, payment: PaymentRow, units: 'paid' | 'retaken'): Promise<void> {
    const { orderId, paymentId } = payment;
    if (!(await paymentStore.settle(client, paymentId, 'order'))) return;
    await book(client, settledToOrder(capturedOf(payment)));
    await orders.note(client, orderId, 'payment-settled', { paymentId, units });
    await jobs.add(client, { name: paidJob, payload: { orderId } });
  }

  async function moveTo(
    client: DbClient,
    payment: PaymentRow,
    state: PaymentRow['state'],
    event: PaymentOnlyEvent,
  ): Promise<void> {
    if (state !== 'captured') return paymentStore.setState(client, payment.paymentId, state);
    if (event.kind !== 'payment.succeeded') throw new Error(`a payment was captured by ${event.kind}`);
    await capture(client, payment, event);
  }

  async function capture(client: DbClient, payment: PaymentRow, { amountMinor, currency }: Sum): Promise<void> {
    const { paymentId } = payment;
    await paymentStore.capture(client, paymentId, { amountMinor, currency });
    await book(client, captured({ ...payment, amountMinor, currency }));
    await jobs.add(client, { name: settleJob, payload: { paymentId }, delayMs: settleJobDelayMs });
  }

  async function payBack(client: DbClient, payment: PaymentRow): Promise<void> {
    const refundId = newId();
    const { orderId, paymentId, amountMinor } = payment;
    const request = { orderId, paymentId, amountMinor };
    await insertRefund(
      client,
      {
        ...request,
        refundId,
        shippingMinor: 0,
        lines: [],
        reason: 'payment could not be used',
        personId: null,
        requestKey: ownKey(`payment:${paymentId}`),
        requestHash: requestHash(request),
      },
      payment,
    );
    await jobs.add(client, { name: refundJob, payload: { refundId } });
  }
}

/** With the captured sum in place of the one that was asked for. */
const capturedOf = (payment: PaymentRow) => ({
  ...payment,
  amountMinor: payment.capturedMinor ?? 0,
  currency: payment.capturedCurrency ?? payment.currency,
});

/** True when the event is new. @throws AppError KEY_REUSED when its id was used for another one. */
async function keepEvent(
  client: Queryable,
  provider: string,
  { eventId, kind }: PaymentEvent,
  subjectId: string,
  bodyHash: Buffer,
): Promise<boolean> {
  const kept = await paymentStore.keepEvent(client, { provider, eventId, bodyHash, kind, subjectId });
  if (kept === 'other') throw new AppError('KEY_REUSED', `The event ${eventId} said something else before.`);
  return kept === 'new';
}
