import { z } from 'zod';
import { Id, RequestKey, UnixMs } from '../ids.ts';
import { limits, orderLimits } from '../limits.ts';
import { Currency } from '../money.ts';
import { filledLine, line } from '../text.ts';
import { Country, PostalAddress } from './address.ts';
import { Localized } from './catalog.ts';
import { command } from './define.ts';

export const OrderState = z.enum(['held', 'paid', 'shipped', 'delivered', 'refunded', 'expired', 'cancelled']);
export type OrderState = z.infer<typeof OrderState>;

const Reason = line(orderLimits.reasonLengthMax);
const Name = z
  .strictObject({ en: line(80).default(''), zh: line(80).default('') })
  .refine(({ en, zh }) => en !== '' || zh !== '', { message: 'a name in at least one language is needed' });
const Minor = z.int().min(0).max(1_000_000_000);

/** One row of a shop's table of flat fees. */
export const ShippingRate = z.object({
  rateId: Id,
  name: Localized,
  feeMinor: z.int(),
  freeFromMinor: z.int().nullable().describe('Free for orders of this sum and more.'),
  countries: z.array(z.string()).describe('Empty: everywhere.'),
});
export type ShippingRate = z.infer<typeof ShippingRate>;

export const OrderLine = z.object({
  lineNumber: z.int(),
  offerId: Id,
  skuId: Id,
  code: z.string().describe('What the shop calls the variant by now: its SKU code. Empty when it has none.'),
  title: Localized,
  optionValues: z.array(z.string()),
  imageUrl: z.string(),
  units: z.int(),
  priceMinor: z.int().describe('Of one unit, at the moment it was held.'),
  requiresShipping: z.boolean(),
  refundedUnits: z.int(),
  returnedUnits: z.int().describe('Units that went back to stock.'),
});
export type OrderLine = z.infer<typeof OrderLine>;

export const Delivery = z.object({
  address: PostalAddress,
  method: Localized,
  shippingMinor: z.int(),
  carrier: z.string().nullable(),
  trackingNumber: z.string().nullable(),
  shippedAtMs: UnixMs.nullable(),
  deliveredAtMs: UnixMs.nullable(),
});
export type Delivery = z.infer<typeof Delivery>;

/** What happens to an order. */
export const OrderEventKind = z.enum([
  'held',
  'expired',
  'cancelled',
  'delivery-chosen',
  'hold-extended',
  'paid',
  'payment-settled',
  'payment-returned',
  'shipped',
  'shipment-corrected',
  'delivered',
  'partly-refunded',
  'refunded',
  'refund-retried',
  'refund-done',
  'refund-failed',
]);
export type OrderEventKind = z.infer<typeof OrderEventKind>;

export const OrderEvent = z.object({
  kind: OrderEventKind,
  personId: Id.nullable(),
  reason: z.string(),
  details: z.record(z.string(), z.unknown()),
  atMs: UnixMs,
});
export type OrderEvent = z.infer<typeof OrderEvent>;

/** An order as a list shows it. */
export const OrderSummary = z.object({
  orderId: Id,
  roomId: Id,
  merchantId: Id,
  shopName: z.string(),
  buyerId: Id,
  buyerName: z.string().describe('What the buyer is called now; empty when they are gone.'),
  state: OrderState,
  currency: Currency,
  goodsMinor: z.int().describe('Sum of the lines.'),
  shippingMinor: z.int(),
  totalMinor: z.int().describe('Goods and shipping.'),
  refundedMinor: z.int(),
  payByMs: UnixMs,
  heldAtMs: UnixMs,
  rehearsal: z.boolean().describe('Made in a rehearsal: nothing was sold, nobody pays.'),
  lines: z.array(OrderLine),
});
export type OrderSummary = z.infer<typeof OrderSummary>;

export const Order = OrderSummary.extend({
  delivery: Delivery.nullable(),
  needsAddress: z.boolean().describe('Something of it is sent, and nobody has said where to.'),
  terms: Localized.describe('Terms of the shop at the moment the order was held.'),
  refunds: z.array(
    z.object({
      refundId: Id,
      amountMinor: z.int(),
      currency: Currency.describe(
        'Of the money that goes back: of a payment that could not be used it may be another than the order has.',
      ),
      shippingMinor: z.int(),
      state: z.enum(['requested', 'failed', 'done']),
      cause: z
        .enum(['asked', 'unusable-payment'])
        .describe(
          'asked: by somebody, with their reason; unusable-payment: money that came too late, twice or in another currency goes back by itself.',
        ),
      reason: z.string(),
      requestedAtMs: UnixMs,
      lines: z.array(z.object({ lineNumber: z.int(), units: z.int(), amountMinor: z.int(), restocked: z.boolean() })),
    }),
  ),
  isPaymentUnderWay: z
    .boolean()
    .describe(
      'The buyer has paid, as the provider says, and the money is on its way: whether it arrives is not known yet.',
    ),
  events: z.array(OrderEvent).describe('Oldest first; the first is that it was held.'),
});
export type Order = z.infer<typeof Order>;

const page = {
  state: OrderState.optional(),
  after: Id.optional().describe('The `next` of the page before.'),
  limit: z.int().min(1).max(limits.pageRowsMax).default(20),
};
const Orders = z.object({ orders: z.array(OrderSummary), next: Id.nullable() });

const change = <O extends [string, ...string[]]>(...outcomes: O) =>
  z.object({ outcome: z.enum(outcomes), order: Order });

export const orderCommands = {
  'order:list': command({
    summary: 'The orders of the caller, newest first.',
    input: z.strictObject(page),
    output: Orders,
    http: { method: 'GET', path: '/api/orders' },
  }),
  'order:read': command({
    summary: 'One order, for its buyer or its merchant.',
    input: z.strictObject({ orderId: Id }),
    output: Order,
    http: { method: 'GET', path: '/api/orders/:orderId' },
  }),
  'order:delivery-choices': command({
    summary: 'How an order can be sent to a country, and what each way costs.',
    input: z.strictObject({ orderId: Id, country: Country }),
    output: z.object({
      choices: z.array(
        z.object({ rateId: Id.nullable(), name: Localized, shippingMinor: z.int().describe('0: free.') }),
      ),
    }),
    http: { method: 'GET', path: '/api/orders/:orderId/delivery-choices' },
  }),
  'order:choose-delivery': command({
    summary: 'Says where and how an order is sent, before it is paid. The order keeps a copy of the address.',
    input: z.strictObject({
      orderId: Id,
      addressId: Id.describe('From the own address book.'),
      rateId: Id.nullable().default(null).describe('Null: the only or free way of a shop without fees.'),
    }),
    output: change('chosen', 'not_held', 'payment_started', 'not_sent_there'),
    http: { method: 'PUT', path: '/api/orders/:orderId/delivery' },
  }),
  'order:cancel': command({
    summary: 'Cancels an order: at once before it is paid; with a refund for some time after, unless it is on its way.',
    input: z.strictObject({ orderId: Id, reason: Reason.default('') }),
    output: change('cancelled', 'refunded', 'too_late'),
    http: { method: 'POST', path: '/api/orders/:orderId/cancel' },
  }),
  'shop:orders': command({
    summary: 'The orders of the own shop, newest first; or those that a search finds.',
    input: z.strictObject({
      shopId: Id,
      search: line(limits.searchLengthMax)
        .optional()
        .describe(
          'Every word must be in the order number, the name of the buyer or recipient, the products, their SKU codes and barcodes, or the tracking number. ' +
            'A page may have few orders, or none, and still a `next`: the search goes on there.',
        ),
      ...page,
    }),
    output: Orders,
    http: { method: 'GET', path: '/api/shops/:shopId/orders' },
  }),
  'order:ship': command({
    summary: 'Marks an order as sent. Called again with another number it corrects the number.',
    input: z.strictObject({
      orderId: Id,
      carrier: filledLine(orderLimits.carrierLengthMax),
      trackingNumber: filledLine(orderLimits.trackingNumberLengthMax),
      reason: Reason.default(''),
    }),
    output: change('shipped', 'corrected', 'not_paid'),
    http: { method: 'POST', path: '/api/orders/:orderId/ship' },
  }),
  'order:deliver': command({
    summary: 'Marks an order as delivered.',
    input: z.strictObject({ orderId: Id, reason: Reason.default('') }),
    output: change('delivered', 'not_shipped'),
    http: { method: 'POST', path: '/api/orders/:orderId/deliver' },
  }),
  'order:refund': command({
    summary:
      'Gives money back: everything that is left, or some units of some lines. Units go back to stock by choice.',
    input: z.strictObject({
      orderId: Id,
      lines: z
        .array(z.strictObject({ lineNumber: z.int().min(1).max(100), units: z.int().min(1).max(999) }))
        .min(1)
        .max(20)
        .refine((lines) => new Set(lines.map(({ lineNumber }) => lineNumber)).size === lines.length, {
          message: 'one entry per line',
        })
        .optional()
        .describe('Default: all units that were not refunded yet, and shipping.'),
      withShipping: z.boolean().default(false).describe('Shipping too; it always goes with a full refund.'),
      restock: z.boolean().describe('Put the units back to stock.'),
      reason: Reason.min(1),
      requestKey: RequestKey,
    }),
    output: change('refunded', 'not_paid', 'nothing_left'),
    http: { method: 'POST', path: '/api/orders/:orderId/refunds' },
  }),
  'order:retry-refund': command({
    summary: 'Asks the payment provider once more for a refund that failed.',
    input: z.strictObject({ orderId: Id, refundId: Id, reason: Reason.default('') }),
    output: change('requested', 'not_failed'),
    http: { method: 'POST', path: '/api/orders/:orderId/refunds/:refundId/retry' },
  }),
  'shop:shipping': command({
    summary: 'The table of flat shipping fees of a shop.',
    input: z.strictObject({ shopId: Id }),
    output: z.object({ rates: z.array(ShippingRate) }),
    http: { method: 'GET', path: '/api/shops/:shopId/shipping' },
  }),
  'shop:set-shipping': command({
    summary: 'Replaces the table of shipping fees. An empty table means: free, everywhere.',
    input: z.strictObject({
      shopId: Id,
      rates: z
        .array(
          z.strictObject({
            name: Name,
            feeMinor: Minor,
            freeFromMinor: Minor.nullable().default(null),
            countries: z.array(Country).max(250).default([]),
          }),
        )
        .max(orderLimits.shippingRatesMax),
    }),
    output: z.object({ rates: z.array(ShippingRate) }),
    http: { method: 'PUT', path: '/api/shops/:shopId/shipping' },
  }),
};

export const orderNotices = {
  /** To every socket of the buyer and of the merchant: read the order again. */
  'order:changed': z.object({ orderId: Id, roomId: Id, state: OrderState }),
};
