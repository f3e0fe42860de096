import { msOf, type Queryable } from '../../platform/postgres.ts';
import type { PayableOrder } from '../payments/payable-orders.ts';

/** Of an order `o`. Its offers say it, whatever becomes of the room: by them its units came from a copy of the stock. */
export const isRehearsal = `
  EXISTS (SELECT FROM order_lines l JOIN offers USING (offer_id) WHERE l.order_id = o.order_id AND offers.rehearsal)`;

/** A statement of its own: one that waits for the row reads everything else as it was before it waited. */
const lock = `SELECT FROM orders WHERE order_id = $1 FOR UPDATE`;
/** Null for a product that has only one. */
const variant = `nullif(array_to_string(option_values, ' / '), '')`;
const read = `
  SELECT o.order_id AS "orderId", o.buyer_id AS "buyerId", o.merchant_id AS "merchantId", o.state, o.payment_id AS "paidBy", o.currency,
    o.total_minor + coalesce(d.shipping_minor, 0) AS "amountMinor",
    ${msOf('o.pay_by')} AS "payByMs",
    d.order_id IS NULL AND EXISTS (
      SELECT FROM order_lines l JOIN offers USING (offer_id)
      WHERE l.order_id = o.order_id AND offers.requires_shipping) AS "needsAddress",
    ${isRehearsal} AS "isRehearsal",
    (SELECT jsonb_build_object(
        'en', string_agg(concat_ws(' · ', l.units || ' × ' || coalesce(nullif(title->>'en', ''), title->>'zh'), ${variant}), ', ' ORDER BY line_number),
        'zh', string_agg(concat_ws(' · ', l.units || ' × ' || coalesce(nullif(title->>'zh', ''), title->>'en'), ${variant}), '，' ORDER BY line_number))
      FROM order_lines l JOIN offers USING (offer_id) WHERE l.order_id = o.order_id) AS description
  FROM orders o LEFT JOIN order_deliveries d USING (order_id) WHERE o.order_id = $1`;

/** Characters of a description; enough to know what one pays for. */
const descriptionLengthMax = 200;

/** The order as it is, its row locked until the transaction ends, so that its sum stays. Null when there is none. */
export const lockOrder = async (client: Queryable, orderId: string): Promise<PayableOrder | null> => {
  await client.query(lock, [orderId]);
  const { rows } = await client.query<PayableOrder>(read, [orderId]);
  const order = rows[0];
  if (!order) return null;
  const { en, zh } = order.description;
  return { ...order, description: { en: en.slice(0, descriptionLengthMax), zh: zh.slice(0, descriptionLengthMax) } };
};
