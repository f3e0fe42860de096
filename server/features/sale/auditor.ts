import type { Gate, OfferRef } from './gate.ts';
import type { GateLoading } from './gate-loading.ts';
import type { GateSource } from './gate-source.ts';
import type { OfferTermsStore } from './offer-terms.ts';

/** One comparison. `driftUnits`: units the gate would still give out beyond what the ledger has; negative: too few. */
export type Finding = { offer: OfferRef; driftUnits: number };

type Needs = {
  gate: Gate;
  source: GateSource;
  offers: Pick<OfferTermsStore, 'open'>;
  loading: GateLoading;
  /** Every finding, zero drift included, for the metric. */
  report: (finding: Finding) => void;
  onRepair: (finding: Finding) => void;
  onFailure: (error: unknown, work: string) => void;
};

/** In a busy sale releases are always on their way, so what is missing for good hides among them. */
const missingLooksMax = 3;

/**
 * Compares ledger and gate of every open offer: available + held + sold + pending + withdrawn = supply.
 *
 * Too much at the gate is repaired at once, by loading it anew. Too little is usually a release on its way: it is repaired
 * when the next look finds the same, or when it is too little at several looks in a row, however much.
 */
export function createAuditor({ gate, source, offers, loading, report, onRepair, onFailure }: Needs) {
  let missingBefore = new Map<string, { driftUnits: number; looks: number }>();

  return {
    async audit(): Promise<void> {
      const missing: typeof missingBefore = new Map();
      for await (const offer of offers.open()) {
        const finding = await compare(offer).catch((error: unknown) => onFailure(error, 'audit'));
        if (!finding) continue;
        report(finding);
        const { driftUnits } = finding;
        const before = missingBefore.get(offer.offerId);
        const looks = (before?.looks ?? 0) + 1;
        const stays = driftUnits < 0 && (before?.driftUnits === driftUnits || looks >= missingLooksMax);
        if (driftUnits > 0 || stays) await repair(finding);
        else if (driftUnits < 0) missing.set(offer.offerId, { driftUnits, looks });
      }
      missingBefore = missing;
    },
  };

  async function compare(offer: OfferRef): Promise<Finding | null> {
    const drift = await source.whileLocked(offer, async (counters, ledger) => {
      const seen = await gate.inspect(offer);
      // Nobody is loading it, for that would hold the lock: it was lost, or its loader died before the epoch was committed.
      if (seen.epoch !== counters.epoch) return 'lost' as const;
      const written = await ledger.known(seen.pending.map(({ orderId }) => orderId));
      const onTheirWay = seen.pending.filter(({ orderId }) => !written.has(orderId));
      const pendingUnits = onTheirWay.reduce((sum, { units }) => sum + units, 0);
      const { supplyUnits, heldUnits, soldUnits, withdrawnUnits } = counters;
      return seen.left + seen.kept + pendingUnits + heldUnits + soldUnits + withdrawnUnits - supplyUnits;
    });
    if (drift === 'lost') loading.request(offer);
    return typeof drift === 'number' ? { offer, driftUnits: drift } : null;
  }

  async function repair(finding: Finding): Promise<void> {
    onRepair(finding);
    await loading.load(finding.offer, 'drift');
  }
}
