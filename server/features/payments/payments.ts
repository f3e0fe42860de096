import { AppError } from '../../../shared/errors.ts';
import { newId } from '../../../shared/ids.ts';
import type { Payment } from '../../../shared/protocol/payment.ts';
import type { OrdersLedger } from '../sale/orders-ledger.ts';
import type { PayableOrder } from './payable-orders.ts';
import { requestHash } from '../../platform/request-hash.ts';
import { askAgainMs } from './patience.ts';
import type { Asked, Begun, PaymentBooks } from './payment-books.pg.ts';
import type { PaymentEvent, PaymentProvider } from './payment-provider.ts';
import { isOpen } from './payment-state.ts';
import type { PaymentRow } from './payment-store.pg.ts';

type Needs = {
  books: PaymentBooks;
  provider: PaymentProvider;
  ledger: Pick<OrdersLedger, 'pay' | 'extendHold'>;
  /** Told after an order was paid, got money back, or more time to be paid. */
  announce(orderId: string): void;
  nowMs(): number;
  /** An order that ends sooner than this when a payment begins, or is in progress, is given so much more time, once for each. */
  extensionMs: number;
  /** A provider that has told nothing for so long is asked, ms. */
  pollAfterMs: number;
};

type Start = { orderId: string; language: 'en' | 'zh'; returnPath: string };
type StartAnswer =
  | { outcome: 'started'; payment: Payment; payByMs: number }
  | { outcome: 'paid'; payment: Payment }
  | { outcome: 'not_held' | 'needs_address' | 'rehearsal' };

export type Payments = ReturnType<typeof createPayments>;

/** How an order is paid: a page to pay on, the provider's events in any order, and what becomes of the money. */
export function createPayments({ books, provider, ledger, announce, nowMs, extensionMs, pollAfterMs }: Needs) {
  return {
    async start({ orderId, language, returnPath }: Start): Promise<StartAnswer> {
      const begun = await beginSettled(orderId);
      if (begun.outcome !== 'begun') return begun;
      const { order, payment } = begun;
      if (payment.state === 'captured') return { outcome: 'paid', payment: paymentOf(payment) };
      const payUrl = payment.payUrl ?? (await openPage(order, payment, { language, returnPath }));
      const payByMs = await extendIfSoon(order, 'begun');
      return { outcome: 'started', payment: paymentOf({ ...payment, payUrl }), payByMs };
    },

    /** Whoever has the address of a pay page may pay, or decline: it is the buyer's. */
    async list(orderId: string, personId: string): Promise<Payment[]> {
      const rows = await books.list(orderId);
      return rows.map((row) => ({ ...paymentOf(row), ...(row.buyerId === personId ? {} : { payUrl: null }) }));
    },

    /**
     * Takes in one event. Doing so again, or in another order, ends in the same state.
     * @throws AppError NOT_FOUND for a payment we never began; KEY_REUSED for another event under a known id.
     */
    receive,

    /** Decides what captured money is used for. Also a job, so that it happens even if this process dies right now. */
    settle,

    /** Asks the provider to give money back; a job, tried until the provider takes it. */
    async payBack(refundId: string): Promise<void> {
      const refund = await books.findRefund(refundId);
      if (refund?.state !== 'requested') return;
      await provider.refund({ ...refund, attempt: refund.attempts });
      await books.askLater({ about: { refundId }, asks: 0 }, pollAfterMs);
    },

    /** A refund that failed is asked for again; a job. */
    async retryRefund(refundId: string): Promise<void> {
      const orderId = await books.retryRefund(refundId);
      if (orderId) announce(orderId);
    },

    /** Asks a provider that has not told what became of something; a job, until it is known or nobody hopes any more. */
    async ask({ about, asks }: Asked): Promise<void> {
      if (!(await isUnknown(about))) return;
      const event = await provider.ask(about);
      if (event) await receive(event, requestHash(event));
      if (!(await isUnknown(about))) return;
      const againMs = askAgainMs(asks + 1, pollAfterMs);
      if (againMs !== null) await books.askLater({ about, asks: asks + 1 }, againMs);
      else if ('refundId' in about) await giveUp(about.refundId);
    },
  };

  /** Money that is there already is settled first: if it can't pay the order, another payment begins. */
  async function beginSettled(orderId: string): Promise<Begun> {
    for (;;) {
      const begun = await books.begin(orderId, newId(), provider.name);
      if (begun.outcome !== 'begun' || begun.payment.state !== 'captured') return begun;
      await settle(begun.payment.paymentId);
      const payment = await find(begun.payment.paymentId);
      if (payment.settlement === 'order') return { ...begun, payment };
    }
  }

  async function giveUp(refundId: string): Promise<void> {
    const refund = await books.findRefund(refundId);
    if (refund && (await books.giveUpRefund(refund))) announce(refund.orderId);
  }

  async function receive(event: PaymentEvent, bodyHash: Buffer): Promise<void> {
    if ('refundId' in event) {
      const { changed, orderId } = await books.receiveRefund(provider.name, event, bodyHash);
      if (changed) announce(orderId);
      return;
    }
    const { state, orderId } = await books.receivePayment(provider.name, event, bodyHash);
    if (state === 'captured') return settle(event.paymentId);
    if (event.kind === 'payment.in_progress' && state === 'in_progress') await extendHeld(orderId);
    // Whose money is under way must not be asked for it again, and whose is not must be.
    announce(orderId);
  }

  async function isUnknown(about: Asked['about']): Promise<boolean> {
    if ('refundId' in about) return (await books.findRefund(about.refundId))?.state === 'requested';
    return isOpen((await find(about.paymentId)).state);
  }

  async function settle(paymentId: string): Promise<void> {
    const payment = await find(paymentId);
    if (payment.state !== 'captured' || payment.settlement) return;
    const outcome = (await isWholeSum(payment)) ? await pay(payment) : 'refund_needed';
    if (outcome === 'refund_needed') await books.settleToRefund(payment);
    else await books.settleToOrder(payment, outcome);
    announce(payment.orderId);
  }

  /**
   * A payment that had failed may succeed after all, when its order meanwhile costs something else. From the capture to the
   * settlement the sum stays, so it is looked at once.
   */
  async function isWholeSum(payment: PaymentRow): Promise<boolean> {
    const { orderId, capturedMinor, capturedCurrency, amountMinor, currency } = payment;
    const order = await books.order(orderId);
    return capturedMinor === amountMinor && capturedCurrency === currency && amountMinor === order?.amountMinor;
  }

  /** An order that is gone can't be paid; the money goes back. */
  async function pay({ orderId, paymentId }: PaymentRow): Promise<'paid' | 'retaken' | 'refund_needed'> {
    try {
      return await ledger.pay(orderId, paymentId);
    } catch (error) {
      if (error instanceof AppError && error.code === 'NOT_FOUND') return 'refund_needed';
      throw error;
    }
  }

  async function openPage(order: PayableOrder, payment: PaymentRow, page: Omit<Start, 'orderId'>): Promise<string> {
    const { paymentId, amountMinor, currency } = payment;
    const payUrl = await provider.openPage({
      paymentId,
      amountMinor,
      currency,
      description: order.description[page.language],
      ...page,
    });
    await books.setPayUrl(paymentId, payUrl);
    return payUrl;
  }

  async function extendHeld(orderId: string): Promise<void> {
    const order = await books.order(orderId);
    if (order?.state === 'held') await extendIfSoon(order, 'in_progress');
  }

  /** The ledger extends an order once for each of the two, however often it is asked. */
  async function extendIfSoon({ orderId, payByMs }: PayableOrder, payment: 'begun' | 'in_progress'): Promise<number> {
    if (payByMs - nowMs() >= extensionMs) return payByMs;
    return (await ledger.extendHold(orderId, extensionMs, payment)) ?? payByMs;
  }

  async function find(paymentId: string): Promise<PaymentRow> {
    const payment = await books.find(paymentId);
    if (!payment) throw new AppError('NOT_FOUND', `There is no payment ${paymentId}.`);
    return payment;
  }
}

/** What the buyer and the merchant see of a payment. */
function paymentOf(row: PaymentRow): Payment {
  const { paymentId, orderId, state, settlement, amountMinor, currency, startedAtMs } = row;
  const payUrl = isOpen(state) ? row.payUrl : null;
  return { paymentId, orderId, state, settlement, amountMinor, currency, startedAtMs, payUrl };
}
