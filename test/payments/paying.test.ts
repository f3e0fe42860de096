import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { App } from '../../server/app/app.ts';
import { freshStores, openSocket, send, startTestApp, guest, call } from '../support/app.ts';
import { eventually } from '../support/eventually.ts';
import { openOffer, openShopFloor, type ShopFloor } from '../sale/shop-floor.ts';
import {
  atPayPage,
  buyerWithOrder,
  chooseDelivery,
  data,
  moneyOf,
  orderIs,
  paidOrder,
  paymentsOf,
  readOrder,
  startPayment,
} from './till.ts';

describe('paying an order', () => {
  let app: App;
  let floor: ShopFloor;
  let offerId: string;

  beforeAll(async () => {
    app = await startTestApp(await freshStores());
    floor = await openShopFloor(app);
    ({ offerId } = await openOffer(app, floor, { allotmentUnits: 90, priceMinor: 700 }));
  });
  afterAll(() => app.close());

  test('from the room to paid: address, pay page, webhook, and both sides hear of it', async () => {
    const buyer = await buyerWithOrder(app, floor, { offerId, units: 2, address: false });
    const socket = await openSocket(app, buyer.session);
    const heard = new Promise((resolve) =>
      socket.on('order:changed', (change: { state: string }) => change.state === 'paid' && resolve(change)),
    );
    const early = await data(app, 'POST', `/api/orders/${buyer.orderId}/payments`, buyer.token, {});

    await chooseDelivery(app, buyer.token, buyer.orderId);
    const { payUrl, amountMinor } = await startPayment(app, buyer);
    const answer = await atPayPage(app, payUrl!, {});
    const order = await orderIs(app, buyer, 'paid');

    expect(early).toEqual({ outcome: 'needs_address' });
    expect(amountMinor).toBe(1_400);
    expect([answer.status, answer.headers.get('location')]).toEqual([303, payUrl]);
    expect(await heard).toEqual({ orderId: buyer.orderId, roomId: floor.roomId, state: 'paid' });
    expect(order.isPaymentUnderWay).toBe(false);
    expect(order.events.map(({ kind }) => kind)).toEqual(['held', 'delivery-chosen', 'paid', 'payment-settled']);
    expect(await moneyOf(app)).toEqual({ provider: 1_400, merchant: -1_400 });
    socket.close();
  });

  test('an order has one open payment, over HTTP and the socket, however often it is begun', async () => {
    const buyer = await buyerWithOrder(app, floor, { offerId });
    const socket = await openSocket(app, buyer.session);

    const payments = await Promise.all(Array.from({ length: 10 }, () => startPayment(app, buyer)));
    const overSocket = await send(socket, 'payment:start', { orderId: buyer.orderId });

    expect(new Set(payments.map(({ paymentId }) => paymentId)).size).toBe(1);
    expect(new Set(payments.map(({ payUrl }) => payUrl)).size).toBe(1);
    expect(overSocket).toMatchObject({ ok: true, data: { payment: { paymentId: payments[0]!.paymentId } } });
    socket.close();
  });

  test('while a payment is open the delivery stays; after it failed it may change, and paying begins anew', async () => {
    const buyer = await buyerWithOrder(app, floor, { offerId });
    const first = await startPayment(app, buyer);

    expect(await chooseDelivery(app, buyer.token, buyer.orderId)).toMatchObject({ outcome: 'payment_started' });
    await atPayPage(app, first.payUrl!, { choice: 'decline' });
    await eventually(async () => (await paymentsOf(app, buyer))[0]!.state === 'failed', { deadlineMs: 15_000 });

    expect(await chooseDelivery(app, buyer.token, buyer.orderId)).toMatchObject({ outcome: 'chosen' });
    expect((await startPayment(app, buyer)).paymentId).not.toBe(first.paymentId);
  });

  test('a provider that tells everything twice is heard once', async () => {
    const before = await moneyOf(app);
    const buyer = await buyerWithOrder(app, floor, { offerId });
    const { payUrl, paymentId } = await startPayment(app, buyer);

    await atPayPage(app, payUrl!, { twice: 'yes' });
    await orderIs(app, buyer, 'paid');

    await eventually(async () => (await jobsLeft(app)) === 0, { deadlineMs: 15_000 });
    const { rows } = await app.platform.db.query('SELECT FROM payment_events WHERE subject_id = $1', [paymentId]);
    expect(rows).toHaveLength(1);
    const after = await moneyOf(app);
    expect(after['provider']! - before['provider']!).toBe(700);
  });

  test('a delay chosen at the pay page: the shop hears at once that it is under way, and of its end then and not before', async () => {
    const { db } = app.platform;
    const buyer = await buyerWithOrder(app, floor, { offerId });
    const { payUrl, paymentId } = await startPayment(app, buyer);
    const state = async () => (await paymentsOf(app, buyer))[0]!.state;

    await atPayPage(app, payUrl!, { delaySeconds: '1200' });
    await eventually(async () => (await state()) === 'in_progress', { deadlineMs: 15_000 });

    const dueOf = `payload->>'body' LIKE '%payment.succeeded%' || $1 || '%'`;
    const { rows } = await db.query(
      `SELECT extract(epoch FROM run_at - created_at)::int AS seconds FROM graphile_worker._private_jobs WHERE ${dueOf}`,
      [paymentId],
    );
    // Nor does the provider say it to a shop that asks.
    const known = await db.query('SELECT FROM sandbox_payments WHERE payment_id = $1 AND known_at <= now()', [
      paymentId,
    ]);
    expect(rows).toEqual([{ seconds: 1_200 }]);
    expect(known.rowCount).toBe(0);
    expect(await readOrder(app, buyer)).toMatchObject({ state: 'held', isPaymentUnderWay: true });

    await db.query(`UPDATE graphile_worker._private_jobs SET run_at = now() WHERE ${dueOf}`, [paymentId]);
    await orderIs(app, buyer, 'paid');
    expect(await state()).toBe('captured');
  });

  test('the pay page is for the holder of its address, in two languages, without scripts', async () => {
    const buyer = await buyerWithOrder(app, floor, { offerId });
    const path = `/api/orders/${buyer.orderId}/payments`;
    const { payment } = await data(app, 'POST', path, buyer.token, {
      language: 'zh',
      returnPath: '/orders/1',
    });

    const page = await fetch(`${app.url}${payment.payUrl}`);
    const html = await page.text();
    const unknown = await call(app, 'GET', '/pay/guessed');

    expect(page.headers.get('content-security-policy')).toContain("script-src 'self'");
    expect(html).toContain('lang="zh-CN"');
    expect(html).toContain('7.00');
    expect(html).not.toContain('<script');
    expect(html).toContain('<link rel="icon"');
    expect(unknown.status).toBe(404);
  });

  test('where the page leads back to is a path of this site', async () => {
    const buyer = await buyerWithOrder(app, floor, { offerId });
    const begin = (returnPath: string) =>
      call(app, 'POST', `/api/orders/${buyer.orderId}/payments`, { token: buyer.token, body: { returnPath } });

    for (const elsewhere of ['https://evil.example', '//evil.example', '/\\evil.example', 'javascript:alert(1)'])
      expect((await begin(elsewhere)).status).toBe(400);
    expect((await begin('/orders/42')).status).toBe(200);
  });

  test('nobody pays, sees or cancels the order of another', async () => {
    const buyer = await buyerWithOrder(app, floor, { offerId });
    const { accessToken: token } = await guest(app);
    const attempts: [string, string, unknown?][] = [
      ['GET', `/api/orders/${buyer.orderId}`],
      ['GET', `/api/orders/${buyer.orderId}/payments`],
      ['POST', `/api/orders/${buyer.orderId}/payments`, {}],
      ['POST', `/api/orders/${buyer.orderId}/cancel`, {}],
      ['POST', `/api/orders/${buyer.orderId}/refunds`, { restock: true, reason: 'x', requestKey: 'abcdefgh' }],
      ['POST', `/api/orders/${buyer.orderId}/ship`, { carrier: 'x', trackingNumber: 'y' }],
      ['POST', `/api/orders/${buyer.orderId}/deliver`, {}],
      ['GET', `/api/orders/${buyer.orderId}/delivery-choices?country=PT`],
      ['PUT', `/api/orders/${buyer.orderId}/delivery`, { addressId: crypto.randomUUID() }],
    ];

    const answers = await Promise.all(attempts.map(([method, path, body]) => call(app, method, path, { body, token })));

    expect(answers.map(({ status }) => status)).toEqual(attempts.map(() => 404));
    expect((await readOrder(app, buyer)).state).toBe('held');
  });

  test('the merchant sees the address, but may not pay or cancel for the buyer', async () => {
    const buyer = await paidOrder(app, floor, { offerId });

    const seen = await readOrder(app, { ...buyer, token: floor.token });
    const paid = await call(app, 'POST', `/api/orders/${buyer.orderId}/payments`, { body: {}, token: floor.token });

    expect(seen.delivery?.address).toMatchObject({ recipient: 'Ana Lima', city: 'Porto' });
    expect(paid.status).toBe(403);
  });
});

const jobsLeft = async ({ platform: { db } }: App): Promise<number> =>
  (await db.query<{ jobs: number }>(`SELECT count(*)::int AS jobs FROM graphile_worker.jobs WHERE run_at <= now()`))
    .rows[0]!.jobs;
