import type { Order } from '../../../shared/protocol/order.ts';

/** What a merchant picks to give back: units by line number, all that are left where none is named. */
export type RefundChoice = { units: Readonly<Record<number, number>>; withShipping: boolean };

/** The lines with something left, what is chosen of them, and what it comes to. */
export function refundOf(order: Order, { units, withShipping }: RefundChoice) {
  const lines = order.lines
    .map((line) => ({ ...line, unitsLeft: line.units - line.refundedUnits }))
    .filter(({ unitsLeft }) => unitsLeft > 0)
    .map((line) => ({ ...line, chosen: Math.min(units[line.lineNumber] ?? line.unitsLeft, line.unitsLeft) }));
  const shippingLeftMinor = order.shippingMinor - sum(order.refunds.map(({ shippingMinor }) => shippingMinor));
  const shippingMinor = withShipping ? shippingLeftMinor : 0;
  const isAll = lines.every(({ chosen, unitsLeft }) => chosen === unitsLeft) && shippingMinor === shippingLeftMinor;
  const chosen = lines.filter((line) => line.chosen > 0);
  return {
    lines,
    unitsLeft: sum(lines.map(({ unitsLeft }) => unitsLeft)),
    shippingLeftMinor,
    amountMinor: sum(chosen.map((line) => line.chosen * line.priceMinor)) + shippingMinor,
    /** Shipping goes back with goods, or when all goods have. */
    isNothing: lines.length > 0 ? chosen.length === 0 : shippingMinor === 0,
    /** How `order:refund` is asked for it. Everything needs no list: what somebody else gave back meanwhile is no mistake then. */
    wish: isAll ? {} : { withShipping, lines: chosen.map(({ lineNumber, chosen: n }) => ({ lineNumber, units: n })) },
  };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);
