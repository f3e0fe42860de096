import {
  keyOf,
  type Attempt,
  type LatePayment,
  type Ledger,
  type LedgerOrder,
  type OnSale,
  type Sale,
  type Told,
} from './history-form.ts';

/** Units that are out of sale for a time. */
export type Span = { units: number; fromMs: number; untilMs: number | null };
/** Whose units they are. */
type OwnSpan = Span & { buyerId: string };
export type Case = { sale: Sale; offer: OnSale; told: Told; ledger: Ledger };

/** Longer than any answer takes when nothing is broken, ms. */
const slowMs = 1_000;

const unitsOf = (offerId: string, lines: Attempt['lines']): number =>
  lines.reduce((sum, line) => sum + (line.offerId === offerId ? line.units : 0), 0);

/** What the orders had of an offer, and when. */
export function takenOf(offerId: string, orders: readonly LedgerOrder[]): OwnSpan[] {
  return orders.flatMap(({ buyerId, lines, spans }) =>
    spans.map((span) => ({ ...span, buyerId, units: unitsOf(offerId, lines) })).filter(({ units }) => units > 0),
  );
}

/** Units taken at each instant, as steps. */
export function stepsOf(spans: readonly Span[]): { atMs: number; units: number }[] {
  const steps = spans.flatMap(({ units, fromMs, untilMs }) => [
    { atMs: fromMs, units },
    ...(untilMs === null ? [] : [{ atMs: untilMs, units: -units }]),
  ]);
  // What is freed and taken again in the same instant was never taken twice.
  return steps.sort((a, b) => a.atMs - b.atMs || a.units - b.units);
}

export function highest(spans: readonly Span[]): number {
  let [now, most] = [0, 0];
  for (const { units } of stepsOf(spans)) most = Math.max(most, (now += units));
  return most;
}

export function highestBetween(spans: readonly Span[], fromMs: number, untilMs: number): number {
  let [now, most] = [0, 0];
  for (const { atMs, units } of stepsOf(spans)) {
    if (atMs > untilMs) break;
    // The state at the beginning counts, and every one reached until the end.
    if (atMs > fromMs) most = Math.max(most, now);
    now += units;
    if (atMs >= fromMs) most = Math.max(most, now);
  }
  return Math.max(most, now);
}

/**
 * "Sold out" is true when at some instant between request and answer fewer units were free than asked for, and "limit" when the buyer had
 * so many. Units that are free in the ledger may be out of sale for a bounded time: see `outOfSale`.
 */
export function falseRefusals(of: Case): string[] {
  const { offer, told } = of;
  const spans = outOfSale(of);
  // What is released while somebody waits is kept for the line.
  const line = inLine(of);
  return told.attempts.flatMap(({ answer, buyerId, lines, beganAtMs, endedAtMs }) => {
    if (answer.outcome !== 'limit' && answer.outcome !== 'sold_out') return [];
    if (answer.offerId !== offer.offerId) return [];
    const isLimit = answer.outcome === 'limit';
    const counted = isLimit ? spans.filter((span) => span.buyerId === buyerId) : [...spans, ...line];
    const free =
      (isLimit ? offer.limitUnits : offer.supplyUnits) - highestBetween(counted, beganAtMs, endedAtMs ?? Infinity);
    if (free < unitsOf(offer.offerId, lines)) return [];
    return isLimit
      ? [`false "limit" to ${buyerId}: ${free} more were allowed all the time`]
      : [`false "sold out" to ${buyerId}: ${free} units were free all the time`];
  });
}

/** While somebody stands in line, nothing is for sale to others. */
export function inLine({ offer, told, ledger }: Case): (Span & { personId: string })[] {
  return told.joinings
    .filter(({ offerId, answer }) => offerId === offer.offerId && answer === 'waiting')
    .map(({ personId, beganAtMs }) => ({
      personId,
      units: offer.supplyUnits,
      fromMs: beganAtMs,
      untilMs: endOfWaiting(personId, offer.offerId, told, ledger).latestMs,
    }));
}

/** When somebody's waiting was over, at the earliest and at the latest; null: it is not. */
export function endOfWaiting(
  personId: string,
  offerId: string,
  { joinings }: Told,
  { places, orders }: Ledger,
): { earliestMs: number | null; latestMs: number | null } {
  const place = places.find((one) => one.personId === personId && one.offerId === offerId);
  const served = orders.find(({ orderId }) => orderId === place?.orderId)?.spans[0]?.fromMs;
  if (served !== undefined) return { earliestMs: served, latestMs: served + slowMs };
  const left = joinings.find((one) => one.personId === personId && one.offerId === offerId && one.answer === 'left');
  return { earliestMs: left?.beganAtMs ?? null, latestMs: left?.endedAtMs ?? null };
}

/**
 * Everything that may keep units from being for sale: orders, for a moment longer than in the ledger; orders on their way there; tries that
 * failed and are not settled; money that came late and is being decided about.
 */
export function outOfSale({ sale, offer, told, ledger }: Case): OwnSpan[] {
  const { offerId } = offer;
  const delayed = takenOf(offerId, ledger.orders).map((span) => ({
    ...span,
    untilMs: span.untilMs === null ? null : span.untilMs + sale.releaseMsMax,
  }));
  const doubts = inDoubt(sale, offerId, told.attempts, ledger);
  // The units of an order are taken before the transaction begins whose time the ledger has.
  const onTheWay = ledger.orders.flatMap((order) => {
    const heldAtMs = order.spans[0]!.fromMs;
    const first = told.attempts.find(({ answer }) => answer.outcome === 'held' && answer.orderId === order.orderId);
    if (!first || doubts.has(keyOf(order)) || first.beganAtMs >= heldAtMs) return [];
    return [
      { buyerId: order.buyerId, units: unitsOf(offerId, order.lines), fromMs: first.beganAtMs, untilMs: heldAtMs },
    ];
  });
  return [...delayed, ...doubts.values(), ...onTheWay, ...beingDecided(sale, offerId, ledger)];
}

const beingDecided = (sale: Sale, offerId: string, { latePayments, orders }: Ledger): OwnSpan[] =>
  latePayments.flatMap(({ orderId, arrivedAtMs, settledAtMs }: LatePayment) => {
    const order = orders.find((one) => one.orderId === orderId);
    if (!order) return [];
    const untilMs = settledAtMs === null ? null : settledAtMs + sale.releaseMsMax;
    return [{ buyerId: order.buyerId, units: unitsOf(offerId, order.lines), fromMs: arrivedAtMs, untilMs }];
  });

/** A try that took long may have had other units before those of its answer, and lost them again. */
const isSlow = ({ beganAtMs, endedAtMs }: Attempt): boolean => (endedAtMs ?? Infinity) - beganAtMs > slowMs;
const hasFailed = ({ answer }: Attempt): boolean => /retry|unknown/.test(answer.outcome);

/**
 * A key has units at most once at a time, however often it is tried: from its first failed try on, until its order is in the ledger or
 * its last one must have been settled.
 */
function inDoubt(
  { settleMsMax }: Sale,
  offerId: string,
  attempts: readonly Attempt[],
  { orders }: Ledger,
): ReadonlyMap<string, OwnSpan & { untilMs: number }> {
  const known = new Map(orders.map((order) => [keyOf(order), order.spans[0]!.fromMs]));
  const doubtful = attempts.filter((attempt) => hasFailed(attempt) || isSlow(attempt));
  const ends = (attempt: Attempt): number =>
    hasFailed(attempt) ? (attempt.endedAtMs ?? attempt.beganAtMs) + settleMsMax : attempt.endedAtMs!;
  const spans = [...Map.groupBy(doubtful, keyOf)].map(([key, tries]) => {
    const span = {
      buyerId: tries[0]!.buyerId,
      units: Math.max(...tries.map(({ lines }) => unitsOf(offerId, lines))),
      fromMs: Math.min(...tries.map(({ beganAtMs }) => beganAtMs)),
      untilMs: Math.min(Math.max(...tries.map(ends)), known.get(key) ?? Infinity),
    };
    return [key, span] as const;
  });
  return new Map(spans.filter(([, { fromMs, untilMs }]) => fromMs < untilMs));
}
