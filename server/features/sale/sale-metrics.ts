import { Counter, Gauge } from 'prom-client';
import type { Metrics } from '../../platform/metrics.ts';
import type { Finding } from './auditor.ts';

type Watched = { queue: { waitingCount: number }; commits: { uncommitted: number } };

/** How long the figure of an audit is shown, ms: a few audits, for several workers find something to do in turns. */
const auditFreshMs = 30_000;

/** Figures of the sale for Prometheus. */
export function createSaleMetrics(metrics: Metrics, { queue, commits }: Watched, nowMs: () => number) {
  const registers = [metrics];
  const orders = new Counter({ name: 'nightmarket_orders_held_total', help: 'Orders held.', registers });
  const refusals = new Map<string, number>();
  new Counter({
    name: 'nightmarket_purchases_refused_total',
    help: 'Purchases refused, by outcome.',
    labelNames: ['outcome'],
    registers,
    // Counted by hand in between: in a rush there are more refusals than anything else.
    collect() {
      for (const [outcome, count] of refusals) this.inc({ outcome }, count);
      refusals.clear();
    },
  });
  const settled = new Counter({
    name: 'nightmarket_marks_settled_total',
    help: 'Pending marks left behind, by what they turned out to be.',
    labelNames: ['as'],
    registers,
  });
  const loads = new Counter({
    name: 'nightmarket_gates_loaded_total',
    help: 'Gates loaded from the ledger, by reason.',
    labelNames: ['why'],
    registers,
  });
  const drift = new Gauge({
    name: 'nightmarket_offer_drift_units',
    help:
      'Units at the gate beyond the ledger, at the last audit; 0 is right. Sum of absolute values over open offers. Absent where the ' +
      'last audit was long ago: workers take turns.',
    registers,
    // What this process found long ago may be repaired since, by another.
    collect() {
      if (nowMs() - auditedAtMs > auditFreshMs) this.remove();
    },
  });
  const repairs = new Counter({
    name: 'nightmarket_offer_repairs_total',
    help: 'Gates repaired by the auditor.',
    registers,
  });
  new Gauge({
    name: 'nightmarket_purchases_waiting',
    help: 'Purchases waiting for the gate, and taken ones waiting for the ledger.',
    labelNames: ['for'],
    registers,
    collect() {
      this.set({ for: 'gate' }, queue.waitingCount);
      this.set({ for: 'ledger' }, commits.uncommitted);
    },
  });
  let driftSum = 0;
  let auditedAtMs = -Infinity;

  return {
    held: (): void => orders.inc(),
    refused: (outcome: string): void => void refusals.set(outcome, (refusals.get(outcome) ?? 0) + 1),
    settled(released: number, confirmed: number): void {
      settled.inc({ as: 'released' }, released);
      settled.inc({ as: 'confirmed' }, confirmed);
    },
    loaded: (why: string): void => loads.inc({ why }),
    repaired: (): void => repairs.inc(),
    found: ({ driftUnits }: Finding): void => void (driftSum += Math.abs(driftUnits)),
    auditEnded(): void {
      drift.set(driftSum);
      driftSum = 0;
      auditedAtMs = nowMs();
    },
  };
}
