/** One request as its client saw it. `endedAtMs` null: no answer ever came. */
export type Attempt = {
  buyerId: string;
  requestKey: string;
  offerId: string;
  units: number;
  beganAtMs: number;
  endedAtMs: number | null;
  answer: { outcome: 'held'; orderId: string } | { outcome: 'sold_out' | 'limit' | 'retry' | 'unknown' };
};

/** An order as the ledger has it. `freedAtMs`: when its units were for sale again; null while they are not. */
export type LedgerEntry = {
  orderId: string;
  buyerId: string;
  requestKey: string;
  offerId: string;
  units: number;
  heldAtMs: number;
  freedAtMs: number | null;
};

export type Sale = {
  offerId: string;
  supplyUnits: number;
  limitUnits: number;
  /** How long released units may take to be for sale everywhere, ms (FAULTS I4). */
  releaseMsMax: number;
  /** How long units of a try that failed may be out of sale until they are settled, ms. */
  settleMsMax: number;
};

const keyOf = ({ buyerId, requestKey }: Pick<Attempt, 'buyerId' | 'requestKey'>): string => `${buyerId} ${requestKey}`;

/** Longer than any answer takes when nothing is broken, ms. */
const slowMs = 1_000;

/**
 * Checks what clients were told against what is in the ledger, and returns every broken promise as a sentence.
 * Nothing here knows how the sale works.
 */
export function violationsOf(sale: Sale, attempts: readonly Attempt[], ledger: readonly LedgerEntry[]): string[] {
  const own = ledger.filter(({ offerId }) => offerId === sale.offerId);
  return [
    ...oversold(sale, own),
    ...overLimit(sale, own),
    ...ordersPerKey(own),
    ...lostOrders(attempts, own),
    ...unequalAnswers(attempts),
    ...falseSoldOut(sale, attempts, own),
  ];
}

/** Units that are out of sale for a time. */
type Span = Pick<LedgerEntry, 'units' | 'heldAtMs' | 'freedAtMs'>;

/** Units taken at each instant, as steps. */
function stepsOf(entries: readonly Span[]): { atMs: number; units: number }[] {
  const steps = entries.flatMap(({ units, heldAtMs, freedAtMs }) => [
    { atMs: heldAtMs, units },
    ...(freedAtMs === null ? [] : [{ atMs: freedAtMs, units: -units }]),
  ]);
  // What is freed and taken again in the same instant was never taken twice.
  return steps.sort((a, b) => a.atMs - b.atMs || a.units - b.units);
}

function highest(entries: readonly Span[]): number {
  let [now, most] = [0, 0];
  for (const { units } of stepsOf(entries)) most = Math.max(most, (now += units));
  return most;
}

function oversold({ supplyUnits }: Sale, ledger: readonly LedgerEntry[]): string[] {
  const most = highest(ledger);
  return most > supplyUnits ? [`oversold: ${most} units of ${supplyUnits} were taken at once`] : [];
}

function overLimit({ limitUnits }: Sale, ledger: readonly LedgerEntry[]): string[] {
  return [...Map.groupBy(ledger, ({ buyerId }) => buyerId)]
    .filter(([, entries]) => highest(entries) > limitUnits)
    .map(([buyerId]) => `over the limit: ${buyerId} had more than ${limitUnits} units at once`);
}

function ordersPerKey(ledger: readonly LedgerEntry[]): string[] {
  return [...Map.groupBy(ledger, keyOf)]
    .filter(([, entries]) => entries.length > 1)
    .map(([key, entries]) => `${entries.length} orders of one key: ${key}`);
}

function lostOrders(attempts: readonly Attempt[], ledger: readonly LedgerEntry[]): string[] {
  const known = new Set(ledger.map(({ orderId, buyerId, requestKey }) => `${orderId} ${buyerId} ${requestKey}`));
  return attempts.flatMap(({ answer, buyerId, requestKey }) =>
    answer.outcome === 'held' && !known.has(`${answer.orderId} ${buyerId} ${requestKey}`)
      ? [`lost: ${answer.orderId} was told to ${buyerId} and is not in the ledger`]
      : [],
  );
}

/** A key that was answered `held` is answered so ever after, with the same order. */
function unequalAnswers(attempts: readonly Attempt[]): string[] {
  return [...Map.groupBy(attempts, keyOf)].flatMap(([key, tries]) => {
    const held = tries.filter(({ answer }) => answer.outcome === 'held');
    const orderIds = new Set(held.map(({ answer }) => 'orderId' in answer && answer.orderId));
    if (orderIds.size > 1) return [`two orders were told for one key: ${key}`];
    const firstEndedAtMs = Math.min(...held.map(({ endedAtMs }) => endedAtMs ?? Infinity));
    const later = tries.filter(
      ({ beganAtMs, answer }) => beganAtMs > firstEndedAtMs && /sold_out|limit/.test(answer.outcome),
    );
    return later.length > 0 ? [`held, then refused: ${key}`] : [];
  });
}

/**
 * "Sold out" is true when at some instant between request and answer fewer units were free than asked for. Units that are free
 * in the ledger may be out of sale for a bounded time: on their way there, after a release, and while a failed try is being settled.
 */
function falseSoldOut(sale: Sale, attempts: readonly Attempt[], ledger: readonly LedgerEntry[]): string[] {
  const delayed = ledger.map((entry) => ({
    ...entry,
    freedAtMs: entry.freedAtMs === null ? null : entry.freedAtMs + sale.releaseMsMax,
  }));
  // The units of an order are taken before the transaction begins whose time the ledger has.
  const doubts = inDoubt(sale, attempts, ledger);
  const onTheWay = ledger.flatMap((entry) => {
    const told = attempts.find(({ answer }) => answer.outcome === 'held' && answer.orderId === entry.orderId);
    if (!told || doubts.has(keyOf(entry)) || told.beganAtMs >= entry.heldAtMs) return [];
    return [{ ...entry, heldAtMs: told.beganAtMs, freedAtMs: entry.heldAtMs }];
  });
  const steps = stepsOf([...delayed, ...doubts.values(), ...onTheWay]);
  return attempts.flatMap((attempt) => {
    if (attempt.answer.outcome !== 'sold_out' || attempt.offerId !== sale.offerId) return [];
    const taken = highestBetween(steps, attempt.beganAtMs, attempt.endedAtMs ?? Infinity);
    return sale.supplyUnits - taken < attempt.units
      ? []
      : [`false "sold out" to ${attempt.buyerId}: ${sale.supplyUnits - taken} units were free all the time`];
  });
}

/** A try that took long may have had other units before those of its answer, and lost them again. */
const isSlow = ({ beganAtMs, endedAtMs }: Attempt): boolean => (endedAtMs ?? Infinity) - beganAtMs > slowMs;
const hasFailed = ({ answer }: Attempt): boolean => /retry|unknown/.test(answer.outcome);

/**
 * A key has units at most once at a time, however often it is tried: from its first failed try on, until its order is in the ledger or
 * its last one must have been settled.
 */
function inDoubt(
  { settleMsMax }: Sale,
  attempts: readonly Attempt[],
  ledger: readonly LedgerEntry[],
): ReadonlyMap<string, Span & { freedAtMs: number }> {
  const orders = new Map(ledger.map((entry) => [keyOf(entry), entry]));
  const doubtful = attempts.filter((attempt) => hasFailed(attempt) || isSlow(attempt));
  const ends = (attempt: Attempt): number =>
    hasFailed(attempt) ? (attempt.endedAtMs ?? attempt.beganAtMs) + settleMsMax : attempt.endedAtMs!;
  const spans = [...Map.groupBy(doubtful, keyOf)].map(([key, tries]) => {
    const span = {
      units: Math.max(...tries.map(({ units }) => units)),
      heldAtMs: Math.min(...tries.map(({ beganAtMs }) => beganAtMs)),
      freedAtMs: Math.min(Math.max(...tries.map(ends)), orders.get(key)?.heldAtMs ?? Infinity),
    };
    return [key, span] as const;
  });
  return new Map(spans.filter(([, { heldAtMs, freedAtMs }]) => heldAtMs < freedAtMs));
}

function highestBetween(steps: readonly { atMs: number; units: number }[], fromMs: number, untilMs: number): number {
  let [now, most] = [0, 0];
  for (const { atMs, units } of steps) {
    if (atMs > untilMs) break;
    // The state at the beginning counts, and every one reached until the end.
    if (atMs > fromMs) most = Math.max(most, now);
    now += units;
    if (atMs >= fromMs) most = Math.max(most, now);
  }
  return Math.max(most, now);
}
