import fc from 'fast-check';
import { expect, test } from 'vitest';
import { planRefund, type AskedRefund, type RefundableOrder } from '../../server/features/orders/refund-plan.ts';
import { AppError } from '../../shared/errors.ts';

const line = fc.record({
  units: fc.integer({ min: 1, max: 20 }),
  priceMinor: fc.integer({ min: 0, max: 1_000_000_000 }),
});
const order = fc
  .record({
    lines: fc.array(line, { minLength: 1, maxLength: 5 }),
    shippingMinor: fc.integer({ min: 0, max: 100_000 }),
  })
  .map(({ lines, shippingMinor }): RefundableOrder => ({
    lines: lines.map((one, index) => ({ ...one, lineNumber: index + 1, refundedUnits: 0 })),
    shippingMinor,
    shippingRefundedMinor: 0,
  }));
const asked = fc.record({
  lines: fc.option(
    fc.uniqueArray(fc.record({ lineNumber: fc.integer({ min: 1, max: 6 }), units: fc.integer({ min: 1, max: 20 }) }), {
      selector: ({ lineNumber }) => lineNumber,
      minLength: 1,
      maxLength: 5,
    }),
    { nil: undefined },
  ),
  withShipping: fc.boolean(),
});

const paidMinor = ({ lines, shippingMinor }: RefundableOrder): number =>
  lines.reduce((sum, { units, priceMinor }) => sum + units * priceMinor, shippingMinor);

/** Plans one refund and gives the order as it is after it; a refused one changes nothing. */
function step(
  before: RefundableOrder,
  wish: AskedRefund,
): { after: RefundableOrder; backMinor: number; complete: boolean } {
  const nothing = { after: before, backMinor: 0, complete: false };
  try {
    const plan = planRefund(before, wish);
    if (!plan) return nothing;
    const unitsOf = (lineNumber: number) => plan.lines.find((one) => one.lineNumber === lineNumber)?.units ?? 0;
    const after = {
      ...before,
      lines: before.lines.map((one) => ({ ...one, refundedUnits: one.refundedUnits + unitsOf(one.lineNumber) })),
      shippingRefundedMinor: before.shippingRefundedMinor + plan.shippingMinor,
    };
    return { after, backMinor: plan.amountMinor, complete: plan.complete };
  } catch (error) {
    if (error instanceof AppError) return nothing;
    throw error;
  }
}

test('however refunds follow each other, never more goes back than was paid', () => {
  fc.assert(
    fc.property(order, fc.array(asked, { maxLength: 8 }), (begin, wishes) => {
      let [now, backMinor] = [begin, 0];
      for (const wish of wishes) {
        const next = step(now, wish);
        now = next.after;
        backMinor += next.backMinor;
        expect(backMinor).toBeLessThanOrEqual(paidMinor(begin));
        const allUnitsBack = now.lines.every(({ units, refundedUnits }) => units === refundedUnits);
        if (next.complete) expect(allUnitsBack).toBe(true);
      }
    }),
  );
});

test('after any partial refunds, a full one gives back exactly the rest', () => {
  fc.assert(
    fc.property(order, fc.array(asked, { maxLength: 5 }), (begin, wishes) => {
      let [now, backMinor] = [begin, 0];
      for (const wish of [...wishes, { withShipping: false }]) {
        const next = step(now, wish);
        now = next.after;
        backMinor += next.backMinor;
      }
      expect(backMinor).toBe(paidMinor(begin));
      expect(planRefund(now, { withShipping: true })).toBeNull();
    }),
  );
});
