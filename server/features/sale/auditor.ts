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

/**
 * Compares ledger and gate of every open offer: available + held + sold + pending + withdrawn = supply.
 *
 * Too much at the gate is repaired at once, by loading it anew. Too little is usually a release on its way: it is repaired
 * when the next look finds the same.
 */
export function createAuditor({ gate, source, offers, loading, report, onRepair, onFailure }: Needs) {
  let missingBefore = new Map<string, number>();

  return {
    async audit(): Promise<void> {
      const missing = new Map<string, number>();
      for (const offer of await offers.open()) {
        const finding = await compare(offer).catch((error: unknown) => onFailure(error, 'audit'));
        if (!finding) continue;
        report(finding);
        const { offerId } = offer;
        const stays = missingBefore.get(offerId) === finding.driftUnits;
        if (finding.driftUnits > 0 || (finding.driftUnits < 0 && stays)) await repair(finding);
        else if (finding.driftUnits < 0) missing.set(offerId, finding.driftUnits);
      }
      missingBefore = missing;
    },
  };

  async function compare(offer: OfferRef): Promise<Finding | null> {
    const drift = await source.whileLocked(offer, async (counters, ledger) => {
      const seen = await gate.inspect(offer);
      // A gate of another epoch sells nothing that could be committed; whoever meets it has it loaded.
      if (seen.epoch !== counters.epoch) return null;
      const written = await ledger.known(seen.pending.map(({ orderId }) => orderId));
      const onTheirWay = seen.pending.filter(({ orderId }) => !written.has(orderId));
      const pendingUnits = onTheirWay.reduce((sum, { units }) => sum + units, 0);
      const { supplyUnits, heldUnits, soldUnits, withdrawnUnits } = counters;
      return seen.left + seen.kept + pendingUnits + heldUnits + soldUnits + withdrawnUnits - supplyUnits;
    });
    return drift === null ? null : { offer, driftUnits: drift };
  }

  async function repair(finding: Finding): Promise<void> {
    onRepair(finding);
    await loading.load(finding.offer, 'drift');
  }
}
