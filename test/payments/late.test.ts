import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { App } from '../../server/app/app.ts';
import { payableOrders } from '../../server/features/orders/payable-orders.pg.ts';
import { createPaymentBooks } from '../../server/features/payments/payment-books.pg.ts';
import { createJobs } from '../../server/platform/jobs.ts';
import { newId } from '../../shared/ids.ts';
import { freshStores, startTestApp } from '../support/app.ts';
import { eventually } from '../support/eventually.ts';
import { letExpire, openOffer, openShopFloor, type ShopFloor } from '../sale/shop-floor.ts';
import {
  buyerWithOrder,
  data,
  inProgress,
  moneyOf,
  orderIs,
  paidOrder,
  paymentsOf,
  readOrder,
  sendWebhook,
  startPayment,
  succeeded,
  webhookOf,
} from './till.ts';

const patience = { deadlineMs: 15_000 };

describe('payments that come late, and processes that die', () => {
  let app: App;
  let floor: ShopFloor;

  beforeAll(async () => {
    app = await startTestApp(await freshStores());
    floor = await openShopFloor(app, { units: 500 });
  });
  afterAll(() => app.close());

  test('a payment after the hold takes the units again, if there are any', async () => {
    const { offerId } = await openOffer(app, floor, { allotmentUnits: 2 });
    const buyer = await buyerWithOrder(app, floor, { offerId });
    const payment = await startPayment(app, buyer);
    await letExpire(app, buyer.orderId);

    await sendWebhook(app, webhookOf(succeeded(payment)));

    const order = await orderIs(app, buyer, 'paid');
    expect(order.events.at(-1)).toMatchObject({ kind: 'payment-settled', details: { units: 'retaken' } });
  });

  test('a payment after the units are gone goes back, and the order says so', async () => {
    const { offerId } = await openOffer(app, floor, { allotmentUnits: 1 });
    const late = await buyerWithOrder(app, floor, { offerId });
    const payment = await startPayment(app, late);
    await letExpire(app, late.orderId);
    await paidOrder(app, floor, { offerId });

    await sendWebhook(app, webhookOf(succeeded(payment)));

    await eventually(async () => (await readOrder(app, late)).refunds[0]?.state === 'done', patience);
    const order = await readOrder(app, late);
    expect(order).toMatchObject({
      state: 'expired',
      refunds: [{ amountMinor: 700, state: 'done', cause: 'unusable-payment' }],
    });
    expect(order.events.map(({ kind }) => kind)).toContain('payment-returned');
    expect(await moneyOf(app)).not.toHaveProperty('refunds');
  });

  test('who cancels while the payment is still on its way gets the money back, and nothing is sent', async () => {
    const { offerId } = await openOffer(app, floor, { allotmentUnits: 2 });
    const buyer = await buyerWithOrder(app, floor, { offerId });
    const payment = await startPayment(app, buyer);
    await data(app, 'POST', `/api/orders/${buyer.orderId}/cancel`, buyer.token, {});

    await sendWebhook(app, webhookOf(succeeded(payment)));

    await eventually(async () => (await readOrder(app, buyer)).refunds.length === 1, patience);
    expect(await readOrder(app, buyer)).toMatchObject({ state: 'cancelled', refunds: [{ amountMinor: 700 }] });
  });

  test('a hold that is about to end is extended once when a payment begins, and once more when it is in progress', async () => {
    const { offerId } = await openOffer(app, floor, { allotmentUnits: 1 });
    const buyer = await buyerWithOrder(app, floor, { offerId });
    const path = `/api/orders/${buyer.orderId}/payments`;
    const patient = await data(app, 'POST', path, buyer.token, {});
    const nearlyOver = `UPDATE orders SET pay_by = now() + interval '20 s' WHERE order_id = $1`;

    await app.platform.db.query(nearlyOver, [buyer.orderId]);
    const extended = await data(app, 'POST', path, buyer.token, {});
    await app.platform.db.query(nearlyOver, [buyer.orderId]);
    const again = await data(app, 'POST', path, buyer.token, {});

    await sendWebhook(app, webhookOf(inProgress(patient.payment)));
    expect((await readOrder(app, buyer)).payByMs - Date.now()).toBeGreaterThan(100_000);
    await app.platform.db.query(nearlyOver, [buyer.orderId]);
    await sendWebhook(app, webhookOf(inProgress(patient.payment)));
    expect((await readOrder(app, buyer)).payByMs - Date.now()).toBeLessThan(25_000);

    expect(patient.payByMs - Date.now()).toBeGreaterThan(800_000);
    expect(extended.payByMs - Date.now()).toBeGreaterThan(100_000);
    expect(again.payByMs - Date.now()).toBeLessThan(25_000);
  });

  test('a hold that runs out while its payment is in progress since long before is extended, once', async () => {
    const { offerId } = await openOffer(app, floor, { allotmentUnits: 1 });
    const buyer = await buyerWithOrder(app, floor, { offerId });
    const payment = await startPayment(app, buyer);
    await sendWebhook(app, webhookOf(inProgress(payment)));
    const extensions = async () =>
      (await readOrder(app, buyer)).events.filter(({ kind }) => kind === 'hold-extended').length;
    expect(await extensions()).toBe(0);

    await app.platform.db.query('UPDATE orders SET pay_by = now() WHERE order_id = $1', [buyer.orderId]);
    await eventually(async () => (await extensions()) === 1);

    const order = await readOrder(app, buyer);
    expect(order.state).toBe('held');
    expect(order.payByMs - Date.now()).toBeGreaterThan(60_000);
    await letExpire(app, buyer.orderId);
  });

  test('the address of a pay page is told to the buyer alone', async () => {
    const { offerId } = await openOffer(app, floor);
    const buyer = await buyerWithOrder(app, floor, { offerId });
    const { payUrl } = await startPayment(app, buyer);

    const path = `/api/orders/${buyer.orderId}/payments`;
    const [own, theirs] = await Promise.all([buyer.token, floor.token].map((token) => data(app, 'GET', path, token)));

    expect([own.payments[0].payUrl, theirs.payments[0].payUrl]).toEqual([payUrl, null]);
  });

  /** What another process would write with, without the rest of it. */
  function booksOfAnotherProcess() {
    const { platform } = app;
    const jobs = createJobs(platform);
    return createPaymentBooks(platform.db, { orders: payableOrders, jobs, pollAfterMs: 60_000 });
  }

  test('money that a dying process had only just written down still pays the order', async () => {
    const { offerId } = await openOffer(app, floor, { allotmentUnits: 1 });
    const buyer = await buyerWithOrder(app, floor, { offerId });
    const { paymentId, amountMinor, currency } = await startPayment(app, buyer);
    const event = { eventId: `evt_${newId()}`, kind: 'payment.succeeded' as const, paymentId, amountMinor, currency };

    await booksOfAnotherProcess().receivePayment('sandbox', event, Buffer.alloc(32));

    await orderIs(app, buyer, 'paid');
  });

  test('nobody is asked to pay again while their money is there, and not settled yet', async () => {
    const { offerId } = await openOffer(app, floor, { allotmentUnits: 1 });
    const buyer = await buyerWithOrder(app, floor, { offerId });
    const { paymentId, amountMinor, currency } = await startPayment(app, buyer);
    const event = { eventId: `evt_${newId()}`, kind: 'payment.succeeded' as const, paymentId, amountMinor, currency };
    await booksOfAnotherProcess().receivePayment('sandbox', event, Buffer.alloc(32));

    const again = await data(app, 'POST', `/api/orders/${buyer.orderId}/payments`, buyer.token, {});

    expect(again).toMatchObject({ outcome: 'paid', payment: { paymentId, settlement: 'order' } });
    expect(await paymentsOf(app, buyer)).toHaveLength(1);
    await orderIs(app, buyer, 'paid');
  });

  describe('of two processes that decide about one late payment, when units came free between them', () => {
    /** Captured, and the hold has run out; the job that would settle it is not due yet. */
    async function latePayment() {
      const { offerId } = await openOffer(app, floor, { allotmentUnits: 3 });
      const buyer = await buyerWithOrder(app, floor, { offerId, units: 2 });
      const { paymentId, amountMinor, currency } = await startPayment(app, buyer);
      await letExpire(app, buyer.orderId);
      const event = { eventId: `evt_${newId()}`, kind: 'payment.succeeded' as const, paymentId, amountMinor, currency };
      const books = booksOfAnotherProcess();
      await books.receivePayment('sandbox', event, Buffer.alloc(32));
      await app.platform.db.query(
        `UPDATE graphile_worker._private_jobs SET run_at = now() + interval '1 day' WHERE payload->>'paymentId' = $1`,
        [paymentId],
      );
      return { buyer, books, payment: (await books.find(paymentId))! };
    }
    const settlementOf = async (books: ReturnType<typeof booksOfAnotherProcess>, paymentId: string) =>
      (await books.find(paymentId))!.settlement;

    test('the one that got the units may die: the money stays, and can be given back like any other', async () => {
      const { buyer, books, payment } = await latePayment();
      expect(await app.ledger.pay(buyer.orderId, payment.paymentId)).toBe('retaken');

      await books.settleToRefund(payment);

      expect(await settlementOf(books, payment.paymentId)).toBe('order');
      expect(await readOrder(app, buyer)).toMatchObject({ state: 'paid', refunds: [] });
      const body = { withShipping: true, restock: true, reason: 'changed my mind', requestKey: 'late-refund-1' };
      const refunded = await data(app, 'POST', `/api/orders/${buyer.orderId}/refunds`, floor.token, body);
      expect(refunded.outcome).toBe('refunded');
    });

    test('the one that gave the money back may die: the order is not paid by it any more', async () => {
      const { buyer, books, payment } = await latePayment();
      await books.settleToRefund(payment);

      expect(await app.ledger.pay(buyer.orderId, payment.paymentId)).toBe('refund_needed');

      expect(await settlementOf(books, payment.paymentId)).toBe('refund');
      expect((await readOrder(app, buyer)).state).toBe('expired');
    });

    test('at the very same moment, order and money agree', async () => {
      for (let round = 0; round < 3; round++) {
        const { buyer, books, payment } = await latePayment();

        await Promise.allSettled([app.ledger.pay(buyer.orderId, payment.paymentId), books.settleToRefund(payment)]);

        const { state } = await readOrder(app, buyer);
        expect(await settlementOf(books, payment.paymentId)).toBe(state === 'paid' ? 'order' : 'refund');
      }
    });
  });
});
