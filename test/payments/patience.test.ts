import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { App } from '../../server/app/app.ts';
import { askAgainMs, refundRetryMs } from '../../server/features/payments/patience.ts';
import { askJob } from '../../server/features/payments/payment-books.pg.ts';
import { createUndecidedMoney } from '../../server/features/payments/undecided-money.pg.ts';
import { createJobs } from '../../server/platform/jobs.ts';
import { createLog } from '../../server/platform/log.ts';
import { createMetrics } from '../../server/platform/metrics.ts';
import { freshStores, startTestApp } from '../support/app.ts';
import { eventually } from '../support/eventually.ts';
import { newKey, openOffer, openShopFloor, type ShopFloor } from '../sale/shop-floor.ts';
import {
  atPayPage,
  buyerWithOrder,
  data,
  orderIs,
  readOrder,
  sendWebhook,
  startPayment,
  webhookOf,
  type Buyer,
} from './till.ts';

describe('a provider that does not tell, or fails', () => {
  let app: App;
  let floor: ShopFloor;
  let offerId: string;

  beforeAll(async () => {
    app = await startTestApp(await freshStores(), { settings: { NIGHTMARKET_PAYMENT_POLL_SECONDS: '1' } });
    floor = await openShopFloor(app);
    offerId = (await openOffer(app, floor)).offerId;
  });
  afterAll(() => app.close());

  /** Pays at the page, and waits until the shop knows. */
  async function pay(form: Record<string, string>): Promise<Buyer> {
    const buyer = await buyerWithOrder(app, floor, { offerId });
    const { payUrl } = await startPayment(app, buyer);
    await atPayPage(app, payUrl!, form);
    await orderIs(app, buyer, 'paid');
    return buyer;
  }

  async function refund({ orderId }: Buyer): Promise<string> {
    const body = { restock: true, reason: 'does not fit', requestKey: newKey() };
    const { order } = await data(app, 'POST', `/api/orders/${orderId}/refunds`, floor.token, body);
    return order.refunds[0].refundId;
  }
  const refundIs = (buyer: Buyer, state: string) =>
    eventually(async () => (await readOrder(app, buyer)).refunds[0]!.state === state, { deadlineMs: 10_000 });

  test('a payment whose outcome is never told is found out by asking', async () => {
    const buyer = await pay({ silent: 'yes' });

    const { payments } = await data(app, 'GET', `/api/orders/${buyer.orderId}/payments`, buyer.token);
    expect(payments).toMatchObject([{ state: 'captured', settlement: 'order' }]);
  });

  test('a refund that failed is asked for again by the merchant, and the order says who did it', async () => {
    const buyer = await pay({ refundFails: 'yes' });
    const refundId = await refund(buyer);
    await refundIs(buyer, 'failed');

    const path = `/api/orders/${buyer.orderId}/refunds/${refundId}/retry`;
    const first = await data(app, 'POST', path, floor.token, {});
    const again = await data(app, 'POST', path, floor.token, {});

    expect([first.outcome, again.outcome]).toEqual(['requested', 'not_failed']);
    await refundIs(buyer, 'done');
    const { events } = await readOrder(app, buyer);
    expect(events.find(({ kind }) => kind === 'refund-retried')).toMatchObject({
      personId: floor.host.person.personId,
    });
    const { rows } = await app.platform.db.query(
      `SELECT sum(amount_minor)::int AS owed FROM money_entries WHERE account = 'refunds:sandbox'`,
    );
    expect(rows).toEqual([{ owed: 0 }]);
  });

  /** As if the provider had taken the attempt and told nothing yet. */
  async function leaveOpen(refundId: string, attempt: number): Promise<void> {
    const { db } = app.platform;
    await db.query('DELETE FROM sandbox_refunds WHERE refund_id = $1', [refundId]);
    const open = `UPDATE refunds SET state = 'requested', attempts = $2 WHERE refund_id = $1`;
    await db.query(open, [refundId, attempt]);
  }

  test('the failure of an attempt, told late, says nothing of the one that is under way', async () => {
    const buyer = await pay({ refundFails: 'yes' });
    const refundId = await refund(buyer);
    await refundIs(buyer, 'failed');
    await leaveOpen(refundId, 2);
    const tell = (attempt: number) =>
      sendWebhook(app, webhookOf({ type: 'refund.failed', data: { refundId, attempt } }));

    expect(await tell(1)).toBe(204);
    expect((await readOrder(app, buyer)).refunds[0]!.state).toBe('requested');
    expect(await tell(2)).toBe(204);
    expect((await readOrder(app, buyer)).refunds[0]!.state).toBe('failed');
  });

  test('a refund that was asked about for days in vain is in the hands of the merchant', async () => {
    const buyer = await pay({ refundFails: 'yes' });
    const refundId = await refund(buyer);
    await refundIs(buyer, 'failed');
    await leaveOpen(refundId, 1);
    const lastTime = { about: { refundId }, asks: 79 };
    await createJobs(app.platform).add(app.platform.db, { name: askJob, payload: lastTime, key: `ask:${refundId}` });
    await refundIs(buyer, 'failed');

    const path = `/api/orders/${buyer.orderId}/refunds/${refundId}/retry`;
    expect((await data(app, 'POST', path, floor.token, {})).outcome).toBe('requested');
    await refundIs(buyer, 'done');
  });

  test('money that waits for too long is counted', async () => {
    const { db } = app.platform;
    const metrics = createMetrics({ processFigures: false });
    const { look } = createUndecidedMoney({ db, metrics, log: createLog('silent') });
    const counted = async () => {
      await look();
      return (await metrics.getSingleMetricAsString('nightmarket_money_undecided')).split('\n').slice(2);
    };
    const { orderId } = await pay({});
    const unsettle = `UPDATE payments SET settlement = $2, captured_at = now() - interval '6 minutes' WHERE order_id = $1`;

    await db.query(unsettle, [orderId, null]);
    const waiting = await counted();
    await db.query(unsettle, [orderId, 'order']);

    expect(waiting).toContain('nightmarket_money_undecided{what="captured"} 1');
    expect(await counted()).toContain('nightmarket_money_undecided{what="captured"} 0');
  });

  test('a refund that failed is asked for again by itself', async () => {
    const buyer = await pay({ refundFails: 'yes' });
    await refund(buyer);
    await refundIs(buyer, 'failed');

    await app.platform.db.query(
      `UPDATE graphile_worker._private_jobs j SET run_at = now() FROM graphile_worker._private_tasks t
       WHERE t.id = j.task_id AND t.identifier = 'retry-refund'`,
    );

    await refundIs(buyer, 'done');
  });
});

test('patience grows, and ends', () => {
  expect([1, 2, 3, 4, 5].map(refundRetryMs)).toEqual([60_000, 600_000, 3_600_000, 21_600_000, null]);
  expect([0, 1, 10, 80].map((asks) => askAgainMs(asks, 60_000))).toEqual([60_000, 120_000, 3_600_000, null]);
});
