import { eachOf, groupsOf } from '../../platform/each-of.ts';
import type { Gate, GateInspection, OfferRef } from './gate.ts';
import type { GateLoading } from './gate-loading.ts';
import type { GateSource, OfferCounters } from './gate-source.ts';
import type { OfferTermsStore } from './offer-terms.ts';
import type { SellOuts } from './sell-outs.ts';

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
  sellOuts: Pick<SellOuts, 'forSale'>;
  /** Every finding, zero drift included, for the metric. */
  report: (finding: Finding) => void;
  onRepair: (finding: Finding) => void;
  /** Units are kept for a line. Nobody may wait in the ledger: whoever took the last one off may have died before the gate heard of it. */
  onKept: (offer: OfferRef) => void;
  onFailure: (error: unknown, work: string) => void;
};

/** In a busy sale releases are always on their way, so what is missing for good hides among them. */
const missingLooksMax = 3;

/** Offers looked at in one go, and gates asked at a time. */
const offersPerStep = 200;
const gatesAtOnce = 32;
/** Tries to see an offer stand still: of one that sells hundreds of orders a second most moments are between two commits. */
const triesMax = 5;

/** A finding that may be over by the next look, and how often units were missing in a row. */
type Look = Pick<Finding, 'driftUnits' | 'isStopped'> & { missingLooks: number };

/**
 * Compares ledger and gate of every open offer: available + held + sold + pending + withdrawn = supply. Nobody waits for it: the offer is read
 * before and after its gate, and counts if it stood still.
 *
 * Too much at the gate is repaired at once, by loading it anew. Too little is usually a release on its way: it is repaired
 * when the next look finds the same, or when it is too little at several looks in a row, however much. A gate that is stopped at two
 * looks was left so: ending an offer takes a second, and whoever began it has died, or found that the offer may not end.
 */
export function createAuditor(needs: Needs) {
  const { gate, source, offers, loading, sellOuts, report, onRepair, onKept, onFailure } = needs;
  let lastLooks = new Map<string, Look>();

  return {
    async audit(): Promise<void> {
      const looks: typeof lastLooks = new Map();
      for await (const some of offers.open())
        for (const step of groupsOf(some, offersPerStep))
          await lookAt(step, looks).catch((error: unknown) => {
            onFailure(error, 'audit');
            keepLooks(step, looks);
          });
      lastLooks = looks;
    },
  };

  async function lookAt(some: readonly OfferRef[], looks: Map<string, Look>): Promise<void> {
    let left = some;
    for (let tries = 0; tries < triesMax && left.length > 0; tries++) {
      const { findings, moved, unseen } = await compare(left);
      for (const finding of findings) await judge(finding, looks);
      keepLooks(unseen, looks);
      left = moved;
    }
    keepLooks(left, looks);
  }

  /** Not seen, or not standing still: what was found at the last look still counts. */
  function keepLooks(some: readonly OfferRef[], looks: Map<string, Look>): void {
    for (const { offerId } of some) {
      const before = lastLooks.get(offerId);
      if (before && !looks.has(offerId)) looks.set(offerId, before);
    }
  }

  async function judge(finding: Finding, looks: Map<string, Look>): Promise<void> {
    report(finding);
    const { offerId } = finding.offer;
    const before = lastLooks.get(offerId);
    const now = lookOf(finding, before);
    const isRepaired = isWrong(now, before) && (await repair(finding));
    if (!isRepaired && (now.driftUnits < 0 || now.isStopped)) looks.set(offerId, now);
  }

  /** `unseen`: their gates could not be looked at. */
  async function compare(
    some: readonly OfferRef[],
  ): Promise<{ findings: Finding[]; moved: OfferRef[]; unseen: OfferRef[] }> {
    const before = await source.counters(some.map(({ offerId }) => offerId));
    const { gates, unseen } = await inspectAll(some.filter(({ offerId }) => before.has(offerId)));
    const open = some.filter(({ offerId }) => gates.has(offerId));
    const written = await source.known(
      [...gates.values()].flatMap(({ pending }) => pending.map(({ orderId }) => orderId)),
    );
    open.filter(({ offerId }) => gates.get(offerId)!.kept > 0).forEach(onKept);
    const forSale = open.filter(({ offerId }) => gates.get(offerId)!.left > 0);
    await sellOuts.forSale(forSale.map(({ offerId }) => offerId));
    const after = await source.counters(open.map(({ offerId }) => offerId));
    const stoodStill = ({ offerId }: OfferRef): boolean => after.get(offerId)?.version === before.get(offerId)!.version;
    const findings = open.filter(stoodStill).flatMap((offer) => {
      const finding = findingOf(offer, before.get(offer.offerId)!, gates.get(offer.offerId)!, written);
      // It was lost, or its loader died before the epoch was committed. Somebody who is loading it now keeps others from it.
      if (!finding) loading.request(offer);
      return finding ?? [];
    });
    return { findings, moved: open.filter((offer) => after.has(offer.offerId) && !stoodStill(offer)), unseen };
  }

  /** One gate that can't be looked at keeps no other from it. While Redis is away none can: that is said once. */
  async function inspectAll(
    open: readonly OfferRef[],
  ): Promise<{ gates: Map<string, GateInspection>; unseen: OfferRef[] }> {
    const gates = new Map<string, GateInspection>();
    const errors: unknown[] = [];
    await eachOf(open, gatesAtOnce, async (offer) => {
      const seen = await gate.inspect(offer).catch((error: unknown) => void errors.push(error));
      if (seen) gates.set(offer.offerId, seen);
    });
    if (errors.length > 0) onFailure(errors[0], 'inspect gates');
    return { gates, unseen: open.filter(({ offerId }) => !gates.has(offerId)) };
  }

  /** False when it could not be done: the next look finds the same. */
  async function repair(finding: Finding): Promise<boolean> {
    onRepair(finding);
    return loading.load(finding.offer, finding.isStopped ? 'stopped' : 'drift').catch((error: unknown) => {
      onFailure(error, 'repair gate');
      return false;
    });
  }
}

/** Null when the gate is not the one of this epoch. */
function findingOf(
  offer: OfferRef,
  { epoch, supplyUnits, heldUnits, soldUnits, withdrawnUnits }: OfferCounters,
  seen: GateInspection,
  written: ReadonlySet<string>,
): Finding | null {
  if (seen.epoch !== epoch) return null;
  const onTheirWay = seen.pending.filter(({ orderId }) => !written.has(orderId));
  const pendingUnits = onTheirWay.reduce((sum, { units }) => sum + units, 0);
  const driftUnits = seen.left + seen.kept + pendingUnits + heldUnits + soldUnits + withdrawnUnits - supplyUnits;
  return { offer, driftUnits, isStopped: seen.isStopped };
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
