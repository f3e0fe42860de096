import type { OrderSummary } from '../../../shared/protocol/order.ts';

const paidStates: readonly string[] = ['paid', 'shipped', 'delivered', 'refunded'];

/** Figures of a show from its orders. Gross: everything that was paid, with shipping; net: without what was given back. */
export function sumsOf(orders: readonly OrderSummary[]) {
  const paid = orders.filter(({ state }) => paidStates.includes(state));
  return {
    orders: orders.length,
    paidOrders: paid.length,
    buyers: new Set(orders.map(({ buyerId }) => buyerId)).size,
    grossMinor: sum(paid, ({ totalMinor }) => totalMinor),
    netMinor: sum(paid, ({ totalMinor, refundedMinor }) => totalMinor - refundedMinor),
    soldUnits: sum(paid, ({ lines }) => sum(lines, ({ units, refundedUnits }) => units - refundedUnits)),
    currency: orders[0]?.currency ?? null,
  };
}

const sum = <T>(items: readonly T[], of: (item: T) => number): number =>
  items.reduce((total, item) => total + of(item), 0);
