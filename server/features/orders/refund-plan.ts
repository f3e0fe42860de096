import { AppError } from '../../../shared/errors.ts';

/** What a refund is computed from. */
export type RefundableOrder = {
  lines: readonly { lineNumber: number; units: number; refundedUnits: number; priceMinor: number }[];
  shippingMinor: number;
  /** Shipping that went back already. */
  shippingRefundedMinor: number;
};

export type AskedRefund = {
  /** Absent: everything that is left, shipping too. */
  lines?: readonly { lineNumber: number; units: number }[] | undefined;
  withShipping: boolean;
};

export type RefundPlan = {
  lines: { lineNumber: number; units: number; amountMinor: number }[];
  shippingMinor: number;
  /** Sum of the lines and the shipping. */
  amountMinor: number;
  /** No unit of the order is left to refund after it. */
  complete: boolean;
};

/**
 * What goes back. However refunds follow each other, no unit and no shipping goes back twice, so their sum never exceeds
 * what was paid.
 *
 * @returns null when nothing is left.
 * @throws AppError BAD_INPUT when a line has fewer units left than asked, or there is no such line.
 */
export function planRefund(order: RefundableOrder, { lines: asked, withShipping }: AskedRefund): RefundPlan | null {
  const left = order.lines.map((line) => ({ ...line, unitsLeft: line.units - line.refundedUnits }));
  const wanted = asked ?? left.map(({ lineNumber, unitsLeft }) => ({ lineNumber, units: unitsLeft }));
  const lines = wanted
    .map(({ lineNumber, units }) => {
      const line = left.find((one) => one.lineNumber === lineNumber);
      if (!line) throw new AppError('BAD_INPUT', `The order has no line ${lineNumber}.`);
      if (units > line.unitsLeft)
        throw new AppError('BAD_INPUT', `Line ${lineNumber} has ${line.unitsLeft} units left to refund.`);
      return { lineNumber, units, amountMinor: units * line.priceMinor };
    })
    .filter(({ units }) => units > 0);
  const shippingLeftMinor = order.shippingMinor - order.shippingRefundedMinor;
  const shippingMinor = withShipping || !asked ? shippingLeftMinor : 0;
  if (lines.length === 0 && shippingMinor === 0) return null;
  const goodsMinor = lines.reduce((sum, { amountMinor }) => sum + amountMinor, 0);
  const unitsLeft = left.reduce((sum, line) => sum + line.unitsLeft, 0);
  const unitsBack = lines.reduce((sum, { units }) => sum + units, 0);
  return { lines, shippingMinor, amountMinor: goodsMinor + shippingMinor, complete: unitsBack === unitsLeft };
}
