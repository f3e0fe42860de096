import { AppError } from '../../../shared/errors.ts';
import { newId } from '../../../shared/ids.ts';
import type { PostalAddress } from '../../../shared/protocol/address.ts';
import type { Order, OrderEventKind } from '../../../shared/protocol/order.ts';
import type { Jobs } from '../../platform/jobs.ts';
import { inTransaction, type Db, type Queryable } from '../../platform/postgres.ts';
import { requestHash } from '../../platform/request-hash.ts';
import { ownKey, type OrderPayments } from '../payments/order-payments.ts';
import type { PayableOrder } from '../payments/payable-orders.ts';
import type { DeliveryChoice } from './delivery-choices.ts';
import { noteEvent } from '../sale/order-events.pg.ts';
import { lockOrder } from './order-lock.pg.ts';
import { createOrderReads } from './order-reads.pg.ts';
import { planRefund, type AskedRefund, type RefundPlan } from './refund-plan.ts';

/** Name of the job that puts units of a refund back to stock; its payload is a `UnitsBack`. */
export const unitsBackJob = 'return-units';

/** Name of the job for what follows from money that goes back; its payload is `{ orderId }`. */
export const refundedJob = 'order-refunded';

/** Units to be put back. `returnId` makes doing it twice the same as once. */
export type UnitsBack = {
  returnId: string;
  orderId: string;
  personId: string | null;
  reason: string;
  lines: { lineNumber: number; units: number }[];
};

export type RefundAsked = AskedRefund & {
  orderId: string;
  personId: string;
  restock: boolean;
  reason: string;
  requestKey: string;
};

const putDelivery = `
  INSERT INTO order_deliveries (order_id, address, method, shipping_minor) VALUES ($1, $2, $3, $4)
  ON CONFLICT (order_id) DO UPDATE SET address = $2, method = $3, shipping_minor = $4, chosen_at = now()`;
const isDelivery = `
  SELECT FROM order_deliveries WHERE order_id = $1 AND address = $2 AND method = $3 AND shipping_minor = $4`;
const countOf = `SELECT count(*)::int AS count FROM order_events WHERE order_id = $1 AND kind = $2`;
/** Changes of one kind an order takes. Each is an event of it, and a message to every endpoint of the shop. */
const changesMax = 50;
const setState = `UPDATE orders SET state = $2 WHERE order_id = $1`;
const setShipped = `
  UPDATE order_deliveries SET carrier = $2, tracking_number = $3, shipped_at = coalesce(shipped_at, now())
  WHERE order_id = $1`;
/** By its events: what needs no address has no delivery to look at. */
const isParcel = `
  SELECT FROM (
    SELECT details FROM order_events WHERE order_id = $1 AND kind IN ('shipped', 'shipment-corrected')
    ORDER BY event_id DESC LIMIT 1) latest
  WHERE details->>'carrier' = $2 AND details->>'trackingNumber' = $3`;
const setDelivered = `UPDATE order_deliveries SET delivered_at = now() WHERE order_id = $1 AND shipped_at IS NOT NULL`;
/** States in which money of the buyer may be with us: of an order whose goods all went back, the shipping. */
const paidStates: readonly PayableOrder['state'][] = ['paid', 'shipped', 'delivered', 'refunded'];

/** Who changes an order, and why. */
type Change = { orderId: string; personId: string; reason: string };

export type OrderChanges = ReturnType<typeof createOrderChanges>;

/** Changes of orders after they were held, each in one transaction that locks the order's row first. */
export function createOrderChanges(db: Db, { jobs, payments }: { jobs: Pick<Jobs, 'add'>; payments: OrderPayments }) {
  return {
    chooseDelivery: (
      { orderId, personId }: { orderId: string; personId: string },
      address: PostalAddress,
      choice: DeliveryChoice,
    ): Promise<'chosen' | 'not_held' | 'payment_started'> =>
      inTransaction(db, async (client) => {
        const order = await lock(client, orderId);
        if (order.state !== 'held') return 'not_held';
        if (await payments.hasOpen(client, orderId)) return 'payment_started';
        const chosen = [orderId, address, choice.name, choice.shippingMinor];
        if ((await client.query(isDelivery, chosen)).rowCount === 1) return 'chosen';
        await assertMayChange(client, orderId, 'delivery-chosen');
        await client.query(putDelivery, chosen);
        const details = { method: choice.name, shippingMinor: choice.shippingMinor };
        await noteEvent(client, { orderId, kind: 'delivery-chosen', personId, details });
        return 'chosen';
      }),

    ship: (
      { orderId, personId, reason }: Change,
      details: { carrier: string; trackingNumber: string },
    ): Promise<'shipped' | 'corrected' | 'not_paid'> =>
      inTransaction(db, async (client) => {
        const order = await lock(client, orderId);
        if (order.state !== 'paid' && order.state !== 'shipped') return 'not_paid';
        const { rows } = await client.query(isParcel, [orderId, details.carrier, details.trackingNumber]);
        if (order.state === 'shipped' && rows.length > 0) return 'shipped';
        const outcome = order.state === 'paid' ? 'shipped' : 'corrected';
        await assertMayChange(client, orderId, 'shipment-corrected');
        await client.query(setState, [orderId, 'shipped']);
        await client.query(setShipped, [orderId, details.carrier, details.trackingNumber]);
        const kind = outcome === 'shipped' ? 'shipped' : 'shipment-corrected';
        await noteEvent(client, { orderId, kind, personId, reason, details });
        return outcome;
      }),

    deliver: ({ orderId, personId, reason }: Change): Promise<'delivered' | 'not_shipped'> =>
      inTransaction(db, async (client) => {
        const order = await lock(client, orderId);
        if (order.state === 'delivered') return 'delivered';
        if (order.state !== 'shipped') return 'not_shipped';
        await client.query(setState, [orderId, 'delivered']);
        await client.query(setDelivered, [orderId]);
        await noteEvent(client, { orderId, kind: 'delivered', personId, reason });
        return 'delivered';
      }),

    refund: (asked: RefundAsked): Promise<'refunded' | 'not_paid' | 'nothing_left'> =>
      inTransaction(db, async (client) => {
        const order = await lock(client, asked.orderId);
        if (await wasAsked(client, asked)) return 'refunded';
        return paidStates.includes(order.state) ? refund(client, asked) : 'not_paid';
      }),

    retryRefund: ({ orderId, personId, reason }: Change, refundId: string): Promise<'requested' | 'not_failed'> =>
      inTransaction(db, async (client) => {
        await lock(client, orderId);
        if (!(await payments.retryRefund(client, orderId, refundId))) return 'not_failed';
        await noteEvent(client, { orderId, kind: 'refund-retried', personId, reason, details: { refundId } });
        return 'requested';
      }),

    /** Refunds a paid order to a buyer who changes their mind soon enough, before it is on its way. */
    cancelPaid: ({ orderId, personId, reason }: Change, paidMsMax: number): Promise<'refunded' | 'too_late'> =>
      inTransaction(db, async (client) => {
        const order = await lock(client, orderId);
        const asked = {
          orderId,
          personId,
          reason,
          withShipping: true,
          restock: true,
          requestKey: ownKey('cancelled by buyer'),
        };
        // Whatever reason is given now: it is cancelled once.
        if (await payments.findRefund(client, orderId, asked.requestKey)) return 'refunded';
        if (order.state !== 'paid') return 'too_late';
        const paidAgoMs = await payments.capturedAgoMs(client, orderId);
        if (paidAgoMs === null) throw new AppError('RETRY', 'The payment of this order is just being settled.');
        if (paidAgoMs > paidMsMax) return 'too_late';
        await refund(client, asked);
        return 'refunded';
      }),
  };

  async function assertMayChange(client: Queryable, orderId: string, kind: OrderEventKind): Promise<void> {
    const { rows } = await client.query<{ count: number }>(countOf, [orderId, kind]);
    if (rows[0]!.count >= changesMax)
      throw new AppError('CONFLICT', `This was changed ${changesMax} times already.`, { reason: 'too-many' });
  }

  async function lock(client: Queryable, orderId: string): Promise<PayableOrder> {
    const order = await lockOrder(client, orderId);
    if (!order) throw new AppError('NOT_FOUND');
    return order;
  }

  /** @throws AppError KEY_REUSED when the key asked for something else before. */
  async function wasAsked(client: Queryable, asked: RefundAsked): Promise<boolean> {
    const before = await payments.findRefund(client, asked.orderId, asked.requestKey);
    if (before && !before.equals(requestHash(contentOf(asked)))) throw new AppError('KEY_REUSED');
    return before !== null;
  }

  async function refund(client: Queryable, asked: RefundAsked): Promise<'refunded' | 'nothing_left'> {
    const order = await createOrderReads(client).find(asked.orderId);
    const plan = planRefund(refundableOf(order!), asked);
    if (!plan) return 'nothing_left';
    const { orderId, personId, reason, restock, requestKey } = asked;
    const refundId = newId();
    await payments.requestRefund(client, {
      refundId,
      orderId,
      amountMinor: plan.amountMinor,
      shippingMinor: plan.shippingMinor,
      lines: plan.lines.map((line) => ({ ...line, restocked: restock })),
      reason,
      personId,
      requestKey,
      requestHash: requestHash(contentOf(asked)),
    });
    if (plan.complete) await client.query(setState, [orderId, 'refunded']);
    await noteEvent(client, {
      orderId,
      kind: plan.complete ? 'refunded' : 'partly-refunded',
      personId,
      reason,
      details: { refundId, amountMinor: plan.amountMinor, restock },
    });
    await jobs.add(client, { name: refundedJob, payload: { orderId } });
    if (restock) await putBack(client, { returnId: refundId, orderId, personId, reason, lines: unitsOf(plan) });
    return 'refunded';
  }

  async function putBack(client: Queryable, back: UnitsBack): Promise<void> {
    if (back.lines.length > 0) await jobs.add(client, { name: unitsBackJob, payload: back });
  }
}

/** What makes two requests with one key the same. */
const contentOf = ({ lines, withShipping, restock, reason }: RefundAsked) => ({
  lines: lines ?? null,
  withShipping,
  restock,
  reason,
});

const unitsOf = (plan: RefundPlan): UnitsBack['lines'] =>
  plan.lines.map(({ lineNumber, units }) => ({ lineNumber, units }));

const refundableOf = ({ lines, shippingMinor, refunds }: Order) => ({
  lines,
  shippingMinor,
  shippingRefundedMinor: refunds.reduce((sum, refund) => sum + refund.shippingMinor, 0),
});
