import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { App } from '../../server/app/app.ts';
import { newId } from '../../shared/ids.ts';
import { freshStores, startTestApp, testSecrets } from '../support/app.ts';
import { eventually } from '../support/eventually.ts';
import { openOffer, openShopFloor, type ShopFloor } from '../sale/shop-floor.ts';
import {
  atPayPage,
  buyerWithOrder,
  chooseDelivery,
  data,
  failed,
  inProgress,
  moneyOf,
  orderIs,
  paymentsOf,
  readOrder,
  sendWebhook,
  startPayment,
  succeeded,
  webhookOf,
  type Buyer,
} from './till.ts';

const otherSecret = 'whsec_b3RoZXIga2V5IGZvciB0aGUgcm90YXRpb24gdGVzdHM=';

describe('payment webhooks, on two gateways', () => {
  let apps: App[];
  let app: App;
  let floor: ShopFloor;
  let offerId: string;

  beforeAll(async () => {
    const stores = await freshStores();
    apps = [await startTestApp(stores), await startTestApp(stores)];
    app = apps[0]!;
    floor = await openShopFloor(app, { units: 900 });
    ({ offerId } = await openOffer(app, floor, { allotmentUnits: 800 }));
  });
  afterAll(() => Promise.all(apps.map((one) => one.close())));

  test.each([
    ['an altered body', (body: string) => body.replace('"amountMinor":700', '"amountMinor":701'), {}],
    ['a body with one more space', (body: string) => `${body} `, {}],
    ['a stale timestamp', (body: string) => body, { at: new Date(Date.now() - 301_000) }],
    ['a timestamp of the future', (body: string) => body, { at: new Date(Date.now() + 900_000) }],
    ['a key that is not ours', (body: string) => body, { secrets: otherSecret }],
  ])('%s is refused and changes nothing', async (_what, alter, signing) => {
    const buyer = await buyerWithOrder(app, floor, { offerId });
    const payment = await startPayment(app, buyer);
    const webhook = webhookOf(succeeded(payment), signing);

    const status = await sendWebhook(app, { ...webhook, body: alter(webhook.body) });

    expect(status).toBe(401);
    expect(await readOrder(app, buyer)).toMatchObject({ state: 'held' });
  });

  test('the id is signed, too: an old message can not come as a new one', async () => {
    const buyer = await buyerWithOrder(app, floor, { offerId });
    const webhook = webhookOf(failed(await startPayment(app, buyer)));

    expect(await sendWebhook(app, { ...webhook, headers: { ...webhook.headers, 'webhook-id': 'evt_other' } })).toBe(
      401,
    );
    expect(await sendWebhook(app, { ...webhook, headers: {} })).toBe(401);
  });

  test('what is signed but makes no sense is refused by name', async () => {
    const unknown = { paymentId: newId(), amountMinor: 1, currency: 'EUR' };
    const statuses = [
      await sendWebhook(app, webhookOf({ type: 'payment.succeeded', data: unknown })),
      await sendWebhook(app, webhookOf({ type: 'payment.exploded', data: unknown })),
      await sendWebhook(app, webhookOf({ type: 'payment.succeeded', data: { ...unknown, amountMinor: -5 } })),
      await sendWebhook(app, webhookOf({ type: 'refund.succeeded', data: { refundId: newId(), attempt: 1 } })),
    ];

    expect(statuses).toEqual([404, 400, 400, 404]);
  });

  test('the same event, ten times at once on two gateways, pays once', async () => {
    const before = await moneyOf(app);
    const buyer = await buyerWithOrder(app, floor, { offerId });
    const webhook = webhookOf(succeeded(await startPayment(app, buyer)));

    const statuses = await Promise.all(Array.from({ length: 10 }, (_, i) => sendWebhook(apps[i % 2]!, webhook)));

    expect(statuses).toEqual(statuses.map(() => 204));
    const order = await orderIs(app, buyer, 'paid');
    expect(order.events.filter(({ kind }) => kind === 'paid' || kind === 'payment-settled')).toHaveLength(2);
    expect((await moneyOf(app))['provider']! - (before['provider'] ?? 0)).toBe(700);
  });

  test('an event id that says something else the second time is refused', async () => {
    const buyer = await buyerWithOrder(app, floor, { offerId });
    const payment = await startPayment(app, buyer);
    const eventId = `evt_${newId()}`;

    expect(await sendWebhook(app, webhookOf(inProgress(payment), { eventId }))).toBe(204);
    expect(await sendWebhook(app, webhookOf(succeeded(payment), { eventId }))).toBe(409);
    expect(await readOrder(app, buyer)).toMatchObject({ state: 'held' });
  });

  // Whoever arrives first, and however often: the same events end in the same state, order and money.
  test('events end in the same state in any order, at any repetition, together or one after another', async () => {
    type Kind = 'succeeded' | 'failed' | 'inProgress';
    const arrivals = fc.subarray<Kind>(['succeeded', 'failed', 'inProgress'], { minLength: 1 }).chain((chosen) =>
      fc.record({
        kinds: fc.array(fc.constantFrom(...chosen), { minLength: 1, maxLength: 6 }),
        together: fc.boolean(),
      }),
    );
    await fc.assert(
      fc.asyncProperty(arrivals, async ({ kinds: order, together }) => {
        const buyer = await buyerWithOrder(app, floor, { offerId });
        const payment = await startPayment(app, buyer);
        const webhooks = {
          succeeded: webhookOf(succeeded(payment)),
          failed: webhookOf(failed(payment)),
          inProgress: webhookOf(inProgress(payment)),
        };
        const deliver = (kind: Kind, index: number) => sendWebhook(apps[index % 2]!, webhooks[kind]);

        if (together) await Promise.all(order.map(deliver));
        else for (const [index, kind] of order.entries()) await deliver(kind, index);

        const expected = order.includes('succeeded') ? 'captured' : order.includes('failed') ? 'failed' : 'in_progress';
        const [now] = await paymentsOf(app, buyer);
        expect(now).toMatchObject({ state: expected, settlement: expected === 'captured' ? 'order' : null });
        expect((await readOrder(app, buyer)).state).toBe(expected === 'captured' ? 'paid' : 'held');
      }),
      { numRuns: 25 },
    );
    await expectBalanced(app);
  }, 90_000);

  test('two payments of one order: the first pays it, the money of the other goes back', async () => {
    const buyer = await buyerWithOrder(app, floor, { offerId });
    const first = await startPayment(app, buyer);
    await sendWebhook(app, webhookOf(failed(first)));
    const second = await startPayment(app, buyer);
    expect(second.paymentId).not.toBe(first.paymentId);

    await sendWebhook(app, webhookOf(succeeded(second)));
    await atPayPage(app, first.payUrl!, {});

    await eventually(async () => (await refundsOf(buyer)).some(({ state }) => state === 'done'), {
      deadlineMs: 15_000,
    });
    const order = await readOrder(app, buyer);
    expect(order).toMatchObject({ state: 'paid', refundedMinor: 0, refunds: [{ amountMinor: 700, state: 'done' }] });
    await expectBalanced(app);
  });

  test.each([
    ['another sum', { amountMinor: 650 }, 650, 'EUR'],
    ['another currency', { currency: 'JPY' }, 700, 'JPY'],
  ])('%s than was asked for does not pay the order; it goes back whole', async (_what, arrived, minor, currency) => {
    const buyer = await buyerWithOrder(app, floor, { offerId });
    const payment = await startPayment(app, buyer);

    await sendWebhook(app, webhookOf(succeeded({ ...payment, ...arrived })));

    await eventually(async () => (await refundsOf(buyer))[0]?.state === 'done', { deadlineMs: 15_000 });
    const order = await readOrder(app, buyer);
    expect(order).toMatchObject({ state: 'held', refunds: [{ amountMinor: minor, currency }] });
    expect(order.events.find(({ kind }) => kind === 'payment-returned')?.details).toMatchObject({ currency });
    await expectBalanced(app);
  });

  test('a payment that had failed and succeeds after the order got dearer does not pay it; the money goes back', async () => {
    const buyer = await buyerWithOrder(app, floor, { offerId });
    const first = await startPayment(app, buyer);
    await sendWebhook(app, webhookOf(failed(first)));
    const { rates } = await data(app, 'PUT', `/api/shops/${floor.host.person.personId}/shipping`, floor.token, {
      rates: [{ name: { en: 'Express' }, feeMinor: 500 }],
    });
    expect(await chooseDelivery(app, buyer.token, buyer.orderId, rates[0].rateId)).toMatchObject({ outcome: 'chosen' });

    await sendWebhook(app, webhookOf(succeeded(first)));

    await eventually(async () => (await refundsOf(buyer)).length > 0);
    expect(await readOrder(app, buyer)).toMatchObject({ state: 'held', refunds: [{ amountMinor: 700 }] });
    expect((await startPayment(app, buyer)).amountMinor).toBe(1_200);
  });

  const refundsOf = async (buyer: Buyer) => (await readOrder(app, buyer)).refunds;
});

test('while the key is rotated, messages under the old and the new one are taken', async () => {
  const stores = await freshStores();
  const both = `${otherSecret} ${testSecrets.paymentWebhookSecret}`;
  const app = await startTestApp(stores, { secrets: { paymentWebhookSecret: both } });
  const floor = await openShopFloor(app);
  const { offerId } = await openOffer(app, floor);

  for (const secrets of [testSecrets.paymentWebhookSecret, otherSecret, both]) {
    const buyer = await buyerWithOrder(app, floor, { offerId });
    const payment = await startPayment(app, buyer);
    expect(await sendWebhook(app, webhookOf(succeeded(payment), { secrets }))).toBe(204);
    await orderIs(app, buyer, 'paid');
  }
  await app.close();
});

/** Every transfer and all money together sum to zero, and nothing is left undecided. */
async function expectBalanced(app: App): Promise<void> {
  const { rows } = await app.platform.db.query(
    'SELECT transfer_id FROM money_entries GROUP BY transfer_id, currency HAVING sum(amount_minor) <> 0',
  );
  expect(rows).toEqual([]);
  const money = await moneyOf(app);
  expect(Object.values(money).reduce((sum, minor) => sum + minor, 0)).toBe(0);
  expect(money).not.toHaveProperty('deposit');
}
