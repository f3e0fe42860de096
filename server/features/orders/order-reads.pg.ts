import type { Order, OrderState, OrderSummary } from '../../../shared/protocol/order.ts';
import { msOf, type Queryable } from '../../platform/postgres.ts';
import { isRehearsal } from './order-lock.pg.ts';

/** Orders a search looks at in one go: no shop's search may keep PostgreSQL busy for longer than a moment. The next page goes on. */
const searchedOrdersMax = 2_000;

const lines = `
  SELECT jsonb_agg(jsonb_build_object(
    'lineNumber', l.line_number, 'offerId', l.offer_id, 'skuId', offers.sku_id, 'code', coalesce(skus.code, ''), 'title', offers.title,
    'optionValues', offers.option_values, 'imageUrl', offers.image_url, 'units', l.units, 'priceMinor', l.price_minor,
    'requiresShipping', offers.requires_shipping, 'returnedUnits', l.returned_units,
    'refundedUnits', (SELECT coalesce(sum(back.units), 0) FROM refund_lines back JOIN refunds r USING (refund_id)
      WHERE r.order_id = l.order_id AND back.line_number = l.line_number)) ORDER BY l.line_number)
  FROM order_lines l JOIN offers USING (offer_id) LEFT JOIN skus USING (sku_id) WHERE l.order_id = o.order_id`;

/** Money of payments that were not used for the order is not a refund of it. */
const refunded = `
  SELECT coalesce(sum(r.amount_minor), 0)::bigint FROM refunds r JOIN payments p USING (payment_id)
  WHERE r.order_id = o.order_id AND p.settlement = 'order'`;

const summary = `
  o.order_id AS "orderId", o.room_id AS "roomId", o.merchant_id AS "merchantId", coalesce(shops.name, '') AS "shopName",
  o.buyer_id AS "buyerId", coalesce(buyer.display_name, '') AS "buyerName", o.state, o.currency, o.total_minor AS "goodsMinor",
  coalesce(d.shipping_minor, 0) AS "shippingMinor", o.total_minor + coalesce(d.shipping_minor, 0) AS "totalMinor",
  (${refunded}) AS "refundedMinor", ${msOf('o.pay_by')} AS "payByMs", ${msOf('o.held_at')} AS "heldAtMs",
  ${isRehearsal} AS rehearsal, coalesce((${lines}), '[]') AS lines`;

const tables = `
  orders o LEFT JOIN order_deliveries d USING (order_id) LEFT JOIN shops ON shops.shop_id = o.merchant_id
  LEFT JOIN people buyer ON buyer.person_id = o.buyer_id`;

/**
 * Order ids are UUID version 7, so their order is the order in which the gates took them. Rehearsals are in the list of who tried, and in
 * no list of what was sold.
 */
const sides = { buyer: 'o.buyer_id = $1', merchant: `o.merchant_id = $1 AND NOT ${isRehearsal}` };
const inList = (side: keyof typeof sides): string => `
  ${sides[side]} AND o.state <> 'abandoned' AND ($2::text IS NULL OR o.state = $2) AND ($3::uuid IS NULL OR o.order_id < $3)`;
const listOf = (side: keyof typeof sides): string => `
  SELECT ${summary} FROM ${tables} WHERE ${inList(side)} ORDER BY o.order_id DESC LIMIT $4`;
const lists = { buyer: listOf('buyer'), merchant: listOf('merchant') };

/** What a merchant knows an order by. */
const searched = `
  lower(concat_ws(' ', o.order_id, buyer.display_name, d.address->>'recipient', d.tracking_number,
    (SELECT string_agg(concat_ws(' ', title->>'en', title->>'zh', array_to_string(offers.option_values, ' '), skus.code, skus.barcode), ' ')
      FROM order_lines l JOIN offers USING (offer_id) LEFT JOIN skus USING (sku_id) WHERE l.order_id = o.order_id)))`;
/** The next orders of the list that are looked at: a search reads no more of a shop at a time, however rare its words are. */
const looked = `
  SELECT o.order_id FROM orders o WHERE ${inList('merchant')} ORDER BY o.order_id DESC LIMIT ${searchedOrdersMax}`;
const search = `
  SELECT ${summary} FROM ${tables} JOIN (${looked}) looked USING (order_id)
  WHERE ${searched} LIKE ALL ($5::text[]) ORDER BY o.order_id DESC LIMIT $4`;
const lastLooked = `SELECT order_id AS "orderId" FROM (${looked}) looked ORDER BY order_id DESC OFFSET ${searchedOrdersMax - 1}`;

const detailsWith = (events: string): string => `
  SELECT ${summary},
    CASE WHEN d.order_id IS NULL THEN NULL ELSE jsonb_build_object(
      'address', d.address, 'method', d.method, 'shippingMinor', d.shipping_minor, 'carrier', d.carrier,
      'trackingNumber', d.tracking_number, 'shippedAtMs', ${msOf('d.shipped_at')}, 'deliveredAtMs', ${msOf('d.delivered_at')})
    END AS delivery,
    coalesce((SELECT jsonb_build_object('en', terms_en, 'zh', terms_zh) FROM shop_terms
      WHERE shop_id = o.merchant_id AND from_at <= o.held_at ORDER BY from_at DESC LIMIT 1),
      '{"en": "", "zh": ""}') AS terms,
    (SELECT coalesce(jsonb_agg(jsonb_build_object(
        'refundId', refund_id, 'amountMinor', amount_minor, 'currency', currency, 'shippingMinor', shipping_minor, 'state', state,
        'cause', CASE WHEN person_id IS NULL THEN 'unusable-payment' ELSE 'asked' END, 'reason', reason, 'requestedAtMs', ${msOf('requested_at')},
        'lines', (SELECT coalesce(jsonb_agg(jsonb_build_object('lineNumber', line_number, 'units', units,
          'amountMinor', amount_minor, 'restocked', restocked) ORDER BY line_number), '[]')
          FROM refund_lines WHERE refund_lines.refund_id = refunds.refund_id)) ORDER BY refund_id), '[]')
      FROM refunds WHERE refunds.order_id = o.order_id) AS refunds,
    EXISTS (SELECT FROM payments WHERE payments.order_id = o.order_id AND payments.state = 'in_progress') AS "isPaymentUnderWay",
    ${events} AS events
  FROM ${tables} WHERE o.state <> 'abandoned'`;
const allEvents = `
  (SELECT coalesce(jsonb_agg(jsonb_build_object('kind', kind, 'personId', person_id, 'reason', reason,
      'details', details, 'atMs', ${msOf('at')}) ORDER BY event_id), '[]')
    FROM order_events WHERE order_events.order_id = o.order_id)`;
const detail = `${detailsWith(allEvents)} AND o.order_id = $1`;
/** Without what happened to them: no file names it, and it may be long. */
const detailsOfShop = `
  ${detailsWith(`'[]'::jsonb`)} AND NOT ${isRehearsal} AND o.merchant_id = $1 AND o.order_id > $2
    AND ($3::bigint IS NULL OR o.held_at >= to_timestamp($3 / 1000.0))
    AND ($4::bigint IS NULL OR o.held_at < to_timestamp($4 / 1000.0))
  ORDER BY o.order_id LIMIT $5`;

const parties = `
  SELECT buyer_id AS "buyerId", merchant_id AS "merchantId", room_id AS "roomId", state FROM orders
  WHERE order_id = $1 AND state <> 'abandoned'`;

export type OrderQuery = { state?: OrderState | undefined; after?: string | undefined; limit: number };
/** Every word must be in what the merchant knows an order by. */
export type OrderSearch = OrderQuery & { patterns: readonly string[] };
export type TimeSpan = { fromMs?: number | undefined; untilMs?: number | undefined };
type DetailQuery = TimeSpan & { after: string; limit: number };
export type OrderParties = { buyerId: string; merchantId: string; roomId: string; state: OrderState };

export type OrderReads = ReturnType<typeof createOrderReads>;

/** Orders as people see them. A purchase that was never confirmed (`abandoned`) is no order. */
export function createOrderReads(db: Queryable) {
  return {
    async list(
      side: 'buyer' | 'merchant',
      personId: string,
      { state, after, limit }: OrderQuery,
    ): Promise<OrderSummary[]> {
      const values = [personId, state ?? null, after ?? null, limit];
      return (await db.query<OrderSummary>(lists[side], values)).rows;
    },
    /** Of the next orders of a shop those that match; `lookedUntil` when there may be more behind them. */
    async search(
      merchantId: string,
      { state, after, limit, patterns }: OrderSearch,
    ): Promise<{ orders: OrderSummary[]; lookedUntil: string | null }> {
      const values = [merchantId, state ?? null, after ?? null];
      const [found, last] = await Promise.all([
        db.query<OrderSummary>(search, [...values, limit, patterns]),
        db.query<{ orderId: string }>(lastLooked, values),
      ]);
      return { orders: found.rows, lookedUntil: last.rows[0]?.orderId ?? null };
    },
    async find(orderId: string): Promise<Order | null> {
      const { rows } = await db.query<Omit<Order, 'needsAddress'>>(detail, [orderId]);
      return rows[0] ? withHeldEvent(rows[0]) : null;
    },
    /** Orders of a shop as they came, without their events, from behind `after` on, held within the time given. */
    async listDetails(merchantId: string, { after, fromMs, untilMs, limit }: DetailQuery): Promise<Order[]> {
      const values = [merchantId, after, fromMs ?? null, untilMs ?? null, limit];
      const { rows } = await db.query<Omit<Order, 'needsAddress'>>(detailsOfShop, values);
      return rows.map(withHeldEvent);
    },
    async parties(orderId: string): Promise<OrderParties | null> {
      return (await db.query<OrderParties>(parties, [orderId])).rows[0] ?? null;
    },
  };
}

/** That it was held is the order itself: the hot path writes no event for it. */
function withHeldEvent(order: Omit<Order, 'needsAddress'>): Order {
  const held = { kind: 'held' as const, personId: order.buyerId, reason: '', details: {}, atMs: order.heldAtMs };
  const needsAddress = order.delivery === null && order.lines.some(({ requiresShipping }) => requiresShipping);
  return { ...order, needsAddress, events: [held, ...order.events] };
}
