import { AppError } from '../../../shared/errors.ts';
import { newId } from '../../../shared/ids.ts';
import { LatencyHistogram, type Percentiles } from '../../harness/latency-histogram.ts';
import { collectGarbage } from '../../harness/collect-garbage.ts';
import { openLoop, preciseNowMs } from '../../harness/open-loop.ts';
import type { Offer, SellingEngine } from './selling-engine.ts';

export type CrowdResult = { elapsedMs: number; outcomes: Record<string, number>; latency: Percentiles };

type Purchase = Parameters<SellingEngine['ledger']['purchase']>[0];

/** Somebody who was never there before, with a new key. */
function purchaseOf({ offerId, roomId }: Offer): Purchase {
  return { buyerId: newId(), buyerName: null, roomId, lines: [{ offerId, units: 1 }], requestKey: 'key-of-the-crowd' };
}

/**
 * All of them before anything is measured, and what making them left behind is gone by then. Several crowds are made before the first of
 * them sets out: making one takes longer than answering it.
 */
export function crowdOf(offer: Offer, count: number): Purchase[] {
  const purchases = Array.from({ length: count }, () => purchaseOf(offer));
  collectGarbage();
  return purchases;
}

/**
 * Keeps `atOnce` purchases under way until all were answered; a RETRY counts as an answer. Whoever comes next comes in a later turn of
 * the event loop, as from a socket: refusals from memory would otherwise keep the orders of others waiting until there is nobody left to refuse.
 */
export async function closedCrowd(
  engine: SellingEngine,
  purchases: readonly Purchase[],
  atOnce: number,
): Promise<CrowdResult> {
  const count = purchases.length;
  const outcomes: Record<string, number> = {};
  const latency = new LatencyHistogram();
  let next = 0;
  const startedMs = performance.now();
  await new Promise<void>((resolve) => {
    let open = 0;
    let startsLater = false;
    const start = (): void => {
      while (open < atOnce && next < count) {
        const purchase = purchases[next++]!;
        const beganMs = performance.now();
        open += 1;
        engine.ledger.purchase(purchase).then(
          ({ outcome }) => end(outcome, beganMs),
          (error: unknown) => end(error instanceof AppError ? error.code : String(error), beganMs),
        );
      }
    };
    const end = (outcome: string, beganMs: number): void => {
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
      latency.addMs(performance.now() - beganMs);
      open -= 1;
      if (next < count) startLater();
      else if (open === 0) resolve();
    };
    const startLater = (): void => {
      if (startsLater) return;
      startsLater = true;
      setImmediate(() => {
        startsLater = false;
        start();
      });
    };
    start();
  });
  return { elapsedMs: performance.now() - startedMs, outcomes, latency: latency.percentiles() };
}

/** Purchases on a schedule, whether or not earlier ones were answered; latency counts from the intended time. */
export async function scheduledCrowd(
  engine: SellingEngine,
  offer: Offer,
  perSecond: number,
  seconds: number,
): Promise<CrowdResult> {
  const count = Math.round(perSecond * seconds);
  const purchases = crowdOf(offer, count);
  const outcomes: Record<string, number> = {};
  const latency = new LatencyHistogram();
  const startMs = preciseNowMs() + 10;
  const intervalMs = 1_000 / perSecond;
  const answers: Promise<void>[] = [];
  await openLoop({
    startMs,
    intervalMs,
    count,
    send(index) {
      const end = (outcome: string): void => {
        outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
        latency.addMs(preciseNowMs() - (startMs + index * intervalMs));
      };
      const answer = engine.ledger.purchase(purchases[index]!).then(
        ({ outcome }) => end(outcome),
        (error: unknown) => end(error instanceof AppError ? error.code : String(error)),
      );
      answers.push(answer);
    },
  });
  await Promise.all(answers);
  return { elapsedMs: preciseNowMs() - startMs, outcomes, latency: latency.percentiles() };
}
