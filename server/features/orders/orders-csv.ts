import type { Order, OrderLine } from '../../../shared/protocol/order.ts';
import { decimalText } from '../../../shared/money.ts';

/** Headers of an export of orders; a row is a line of an order. */
export const orderColumns = [
  'Order',
  'State',
  'Held at',
  'Currency',
  'Line',
  'SKU',
  'SKU id',
  'Title',
  'Options',
  'Units',
  'Unit price',
  'Line total',
  'Refunded units',
  'Order goods',
  'Order shipping',
  'Order total',
  'Order refunded',
  'Delivery',
  'Carrier',
  'Tracking number',
  'Buyer',
  'Recipient',
  'Phone',
  'Country',
  'Region',
  'City',
  'Street',
  'Postal code',
] as const;

/** The rows of one order. Texts that people typed can't become formulas of the program that opens the file. */
export function orderRows(order: Order): string[][] {
  return order.lines.map((line) => [...lineCells(order, line), ...orderCells(order)].map(withoutFormula));
}

/**
 * Programs run a cell that begins with one of these as a formula, also after spaces; a tab or a line end lets one begin in the
 * next cell. An apostrophe before it makes it text.
 */
export const withoutFormula = (text: string): string => (/^[\s\uFEFF]*[=+\-@\t\r\n|%]/.test(text) ? `'${text}` : text);

const lineCells = (order: Order, line: OrderLine): string[] => [
  order.orderId,
  order.state,
  new Date(order.heldAtMs).toISOString(),
  order.currency,
  String(line.lineNumber),
  line.code,
  line.skuId,
  line.title.en || line.title.zh,
  line.optionValues.join(' / '),
  String(line.units),
  decimalText({ minor: line.priceMinor, currency: order.currency }),
  decimalText({ minor: line.priceMinor * line.units, currency: order.currency }),
  String(line.refundedUnits),
];

const orderCells = (order: Order): string[] => {
  const { delivery, currency } = order;
  const address = delivery?.address;
  return [
    decimalText({ minor: order.goodsMinor, currency }),
    decimalText({ minor: order.shippingMinor, currency }),
    decimalText({ minor: order.totalMinor, currency }),
    decimalText({ minor: order.refundedMinor, currency }),
    delivery ? delivery.method.en || delivery.method.zh : '',
    delivery?.carrier ?? '',
    delivery?.trackingNumber ?? '',
    order.buyerName,
    address?.recipient ?? '',
    address?.phone ?? '',
    address?.country ?? '',
    address?.region ?? '',
    address?.city ?? '',
    address?.street ?? '',
    address?.postalCode ?? '',
  ];
};
