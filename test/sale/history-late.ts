import type { LatePayment, Ledger, Sale, Told } from './history-form.ts';
import { highestBetween, inLine, outOfSale } from './history-units.ts';

/** Money that came after the hold: it takes the units again if there are any, else it goes back; never both, and never neither. */
export function latePaymentsWronged(sale: Sale, told: Told, ledger: Ledger): string[] {
  return ledger.latePayments.flatMap((payment) => {
    const { orderId, settlement } = payment;
    const order = ledger.orders.find((one) => one.orderId === orderId);
    const hasUnits = order?.spans.at(-1)?.untilMs === null;
    if (settlement === null) return [`the money of ${orderId} is not decided about`];
    if (settlement === 'order') return hasUnits ? [] : [`${orderId} was paid and has no units`];
    if (hasUnits) return [`${orderId} has its units and its money back`];
    return wasShort(sale, told, ledger, payment) ? [] : [`the money of ${orderId} went back while its units were free`];
  });
}

/** At some instant between the money and the decision one of its lines could not be had. */
function wasShort(sale: Sale, told: Told, ledger: Ledger, payment: LatePayment): boolean {
  const order = ledger.orders.find(({ orderId }) => orderId === payment.orderId)!;
  // What this very order had, and what is kept out of sale because of its money, stands in nobody's way.
  const others = {
    ...ledger,
    orders: ledger.orders.filter((one) => one !== order),
    latePayments: ledger.latePayments.filter((one) => one !== payment),
  };
  return order.lines.some(({ offerId, units }) => {
    const offer = sale.offers.find((one) => one.offerId === offerId);
    if (!offer) return true;
    const of = { sale, offer, told, ledger: others };
    const taken = highestBetween([...outOfSale(of), ...inLine(of)], payment.arrivedAtMs, payment.settledAtMs!);
    return offer.supplyUnits - taken < units;
  });
}
