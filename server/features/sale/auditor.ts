import { eachOf } from '../../platform/each-of.ts';
import type { Gate, OfferRef } from './gate.ts';
import type { GateLoading } from './gate-loading.ts';
import type { GateSource } from './gate-source.ts';
import type { OfferTermsStore } from './offer-terms.ts';

/**
 * One comparison. `driftUnits`: units the gate would still give out beyond what the ledger has; negative: too few. `isStopped`: it
 * takes no orders.
 */
export type Finding = { offer: OfferRef; driftUnits: number; isStopped: boolean };

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

/** Each takes a connection for a moment. */
const offersAtOnce = 4;

/** A finding that may be over by the next look, and how often units were missing in a row. */
type Look = Pick<Finding, 'driftUnits' | 'isStopped'> & { missingLooks: number };

/**
 * Compares ledger and gate of every open offer: available + held + sold + pending + withdrawn = supply.
 *
 * Too much at the gate is repaired at once, by loading it anew. Too little is usually a release on its way: it is repaired
 * when the next look finds the same, or when it is too little at several looks in a row, however much. A gate that is stopped at two
 * looks was left so: ending an offer takes a second, and whoever began it has died, or found that the offer may not end.
 */
export function createAuditor({ gate, source, offers, loading, report, onRepair, onFailure }: Needs) {
  let lastLooks = new Map<string, Look>();

  return {
    async audit(): Promise<void> {
      const looks: typeof lastLooks = new Map();
      for await (const some of offers.open()) await eachOf(some, offersAtOnce, (offer) => look(offer, looks));
      lastLooks = looks;
    },
  };

  async function look(offer: OfferRef, looks: Map<string, Look>): Promise<void> {
    const finding = await compare(offer).catch((error: unknown) => onFailure(error, 'audit'));
    if (!finding) return;
    report(finding);
    const before = lastLooks.get(offer.offerId);
    const now = lookOf(finding, before);
    if (isWrong(now, before)) await repair(finding);
    else if (now.driftUnits < 0 || now.isStopped) looks.set(offer.offerId, now);
  }

  async function compare(offer: OfferRef): Promise<Finding | null> {
    const found = await source.whileLocked(offer, async (counters, ledger) => {
      const seen = await gate.inspect(offer);
      // Nobody is loading it, for that would hold the lock: it was lost, or its loader died before the epoch was committed.
      if (seen.epoch !== counters.epoch) return 'lost' as const;
      const written = await ledger.known(seen.pending.map(({ orderId }) => orderId));
      const onTheirWay = seen.pending.filter(({ orderId }) => !written.has(orderId));
      const pendingUnits = onTheirWay.reduce((sum, { units }) => sum + units, 0);
      const { supplyUnits, heldUnits, soldUnits, withdrawnUnits } = counters;
      const driftUnits = seen.left + seen.kept + pendingUnits + heldUnits + soldUnits + withdrawnUnits - supplyUnits;
      return { offer, driftUnits, isStopped: seen.isStopped };
    });
    if (found === 'lost') loading.request(offer);
    return found === 'lost' ? null : found;
  }

  async function repair(finding: Finding): Promise<void> {
    onRepair(finding);
    await loading.load(finding.offer, finding.isStopped ? 'stopped' : 'drift');
  }
}

const lookOf = ({ driftUnits, isStopped }: Finding, before?: Look): Look => ({
  driftUnits,
  isStopped,
  missingLooks: driftUnits < 0 ? (before?.missingLooks ?? 0) + 1 : 0,
});

function isWrong({ driftUnits, isStopped, missingLooks }: Look, before?: Look): boolean {
  if (driftUnits > 0 || (isStopped && before?.isStopped)) return true;
  return driftUnits < 0 && (before?.driftUnits === driftUnits || missingLooks >= missingLooksMax);
}
