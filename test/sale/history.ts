import { keyOf, type Ledger, type Line, type OnSale, type Sale, type Told } from './history-form.ts';
import { latePaymentsWronged } from './history-late.ts';
import { wrongsOfTheLine } from './history-line.ts';
import { termsWronged } from './history-terms.ts';
import { falseRefusals, highest, takenOf } from './history-units.ts';

/**
 * Checks what clients were told against what is in the ledger, and returns every broken promise as a sentence.
 * Nothing here knows how the sale works.
 */
export function violationsOf(sale: Sale, told: Told, ledger: Ledger): string[] {
  return [
    ...ordersPerKey(ledger),
    ...otherLines(told, ledger),
    ...lostOrders(told, ledger),
    ...unequalAnswers(told),
    ...sale.offers.flatMap((offer) => [
      ...oversold(offer, ledger),
      ...overLimit(offer, ledger),
      ...falseRefusals({ sale, offer, told, ledger }),
      ...wrongsOfTheLine({ sale, offer, told, ledger }),
      ...termsWronged({ sale, offer, told, ledger }),
    ]),
    ...latePaymentsWronged(sale, told, ledger),
  ];
}

function oversold({ offerId, supplyUnits }: OnSale, { orders }: Ledger): string[] {
  const most = highest(takenOf(offerId, orders));
  return most > supplyUnits ? [`oversold: ${most} units of ${supplyUnits} were taken at once`] : [];
}

function overLimit({ offerId, limitUnits }: OnSale, { orders }: Ledger): string[] {
  return [...Map.groupBy(orders, ({ buyerId }) => buyerId)]
    .filter(([, own]) => highest(takenOf(offerId, own)) > limitUnits)
    .map(([buyerId]) => `over the limit: ${buyerId} had more than ${limitUnits} units at once`);
}

function ordersPerKey({ orders }: Ledger): string[] {
  return [...Map.groupBy(orders, keyOf)]
    .filter(([, own]) => own.length > 1)
    .map(([key, own]) => `${own.length} orders of one key: ${key}`);
}

const wording = (lines: readonly Line[]): string =>
  lines
    .map(({ offerId, units }) => `${units} of ${offerId}`)
    .sort()
    .join(', ');

/** All lines or none. */
function otherLines({ attempts }: Told, { orders }: Ledger): string[] {
  const asked = new Map(attempts.map((attempt) => [keyOf(attempt), wording(attempt.lines)]));
  return orders.flatMap((order) => {
    const [wanted, has] = [asked.get(keyOf(order)), wording(order.lines)];
    return wanted === undefined || wanted === has
      ? []
      : [`other lines: ${order.orderId} has ${has}, asked was ${wanted}`];
  });
}

function lostOrders({ attempts }: Told, { orders }: Ledger): string[] {
  const known = new Set(orders.map((order) => `${order.orderId} ${keyOf(order)}`));
  return attempts.flatMap(({ answer, ...attempt }) =>
    answer.outcome === 'held' && !known.has(`${answer.orderId} ${keyOf(attempt)}`)
      ? [`lost: ${answer.orderId} was told to ${attempt.buyerId} and is not in the ledger`]
      : [],
  );
}

/** A key that was answered `held` is answered so ever after, with the same order. */
function unequalAnswers({ attempts }: Told): string[] {
  return [...Map.groupBy(attempts, keyOf)].flatMap(([key, tries]) => {
    const held = tries.filter(({ answer }) => answer.outcome === 'held');
    const orderIds = new Set(held.map(({ answer }) => 'orderId' in answer && answer.orderId));
    if (orderIds.size > 1) return [`two orders were told for one key: ${key}`];
    const firstEndedAtMs = Math.min(...held.map(({ endedAtMs }) => endedAtMs ?? Infinity));
    const later = tries.find(({ beganAtMs, answer }) => beganAtMs > firstEndedAtMs && 'offerId' in answer);
    return later ? [`held, then refused as ${later.answer.outcome}: ${key}`] : [];
  });
}
