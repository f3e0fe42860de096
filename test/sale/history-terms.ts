import { keyOf, type Attempt, type LedgerOrder, type Line } from './history-form.ts';
import type { Case } from './history-units.ts';

/** What was said of the window and the price of an offer, and what orders cost. */
export function termsWronged(of: Case): string[] {
  return [...outsideTheWindow(of), ...pricesNobodySet(of), ...pricesNotAsked(of)];
}

/** "Not open" and "ended" are true at some instant between request and answer; and nobody gets anything outside the window. */
function outsideTheWindow({ offer: { offerId }, told, ledger }: Case): string[] {
  const window = ledger.windows.find((one) => one.offerId === offerId);
  if (!window) return [];
  const [opensAtMs, endsAtMs] = [window.opensAtMs, window.endsAtMs ?? Infinity];
  return [...Map.groupBy(told.attempts, keyOf).values()].flatMap((tries) =>
    tries.flatMap(({ answer, buyerId, lines, beganAtMs, endedAtMs }) => {
      const answeredAtMs = endedAtMs ?? Infinity;
      if (answer.outcome === 'held' && hasLine(lines, offerId)) {
        if (answeredAtMs < opensAtMs) return [`sold to ${buyerId} before it opened`];
        return Math.min(...tries.map((one) => one.beganAtMs)) > endsAtMs ? [`sold to ${buyerId} after its end`] : [];
      }
      if (!('offerId' in answer) || answer.offerId !== offerId) return [];
      if (answer.outcome === 'not_open' && beganAtMs > opensAtMs) return [`false "not open" to ${buyerId}`];
      return answer.outcome === 'ended' && answeredAtMs < endsAtMs ? [`false "ended" to ${buyerId}`] : [];
    }),
  );
}

/** A unit costs what the offer cost at some instant between the first request and the answer, and that is what was told. */
function pricesNobodySet(of: Case): string[] {
  const { told, ledger, offer } = of;
  const triesOf = Map.groupBy(told.attempts, keyOf);
  return ledger.orders.flatMap((order) => {
    const tries = triesOf.get(keyOf(order));
    if (!tries || !hasLine(order.lines, offer.offerId)) return [];
    const costs = order.lines.find(({ offerId }) => offerId === offer.offerId)!.priceMinor;
    const held = tries.filter(({ answer }) => answer.outcome === 'held');
    const fromMs = Math.min(...tries.map(({ beganAtMs }) => beganAtMs));
    const untilMs = Math.min(...held.map(({ endedAtMs }) => endedAtMs ?? Infinity));
    const wasSet = costs === undefined || pricesOf(of, fromMs, untilMs).has(costs);
    return [
      ...(wasSet ? [] : [`${order.orderId} pays a price of ${costs} that ${offer.offerId} did not have`]),
      ...held.flatMap(({ answer }) => toldOtherwise(answer, order)),
    ];
  });
}

function toldOtherwise(answer: Attempt['answer'], { orderId, lines }: LedgerOrder): string[] {
  if (answer.outcome !== 'held' || answer.totalMinor === undefined) return [];
  const totalMinor = lines.reduce((sum, { units, priceMinor = 0 }) => sum + units * priceMinor, 0);
  return answer.totalMinor === totalMinor ? [] : [`${orderId} costs ${totalMinor}, told was ${answer.totalMinor}`];
}

/** Who names the price they saw pays that or nothing, and is refused only when it was another one at some instant. */
function pricesNotAsked(of: Case): string[] {
  const { offer, told, ledger } = of;
  const orderOf = new Map(ledger.orders.map((order) => [keyOf(order), order]));
  return told.attempts.flatMap((attempt) => {
    const { answer, buyerId, beganAtMs, endedAtMs } = attempt;
    const asked = attempt.lines.find(({ offerId }) => offerId === offer.offerId)?.priceMinor;
    if (asked === undefined) return [];
    const paid = orderOf.get(keyOf(attempt))?.lines.find(({ offerId }) => offerId === offer.offerId)?.priceMinor;
    if (answer.outcome === 'held' && paid !== undefined && paid !== asked)
      return [`${buyerId} asked at ${asked} and pays ${paid}`];
    const isRefused = answer.outcome === 'price_changed' && answer.offerId === offer.offerId;
    const known = pricesOf(of, beganAtMs, endedAtMs ?? Infinity);
    return isRefused && known.size === 1 && known.has(asked) ? [`false "price changed" to ${buyerId}`] : [];
  });
}

/** Prices of an offer in a time, and for as long after as others may take to hear of the next one. */
function pricesOf({ sale, offer, ledger }: Case, fromMs: number, untilMs: number): ReadonlySet<number> {
  const known = ledger.prices.filter(({ offerId }) => offerId === offer.offerId);
  const meant = known.filter(
    (price) => price.fromMs <= untilMs && (price.untilMs ?? Infinity) + sale.releaseMsMax >= fromMs,
  );
  return new Set(meant.map(({ priceMinor }) => priceMinor));
}

const hasLine = (lines: readonly Line[], of: string): boolean => lines.some(({ offerId }) => offerId === of);
