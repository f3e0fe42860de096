import { inTime } from '../../platform/in-time.ts';
import { crashAt } from './crash-point.ts';
import type { Gate, OfferRef } from './gate.ts';
import { noLimitUnits, type GateSource, type LockedLedger } from './gate-source.ts';
import type { OfferTerms } from './offer-terms.ts';

type EditedTerms = Pick<
  OfferTerms,
  'offerId' | 'roomId' | 'epoch' | 'limitUnits' | 'opensAtMs' | 'closesAtMs' | 'audience'
>;

/** How long an edit has the offer's row locked for the gate's sake, ms; short of what a sleeper loses it after. */
const retuneMsMax = 1_000;

type Needs = {
  gate: Gate;
  source: GateSource;
  /** Tells all gateways that an offer has another epoch, after it is committed. */
  announceEpoch: (offerId: string, epoch: number) => Promise<void>;
  onLoaded: (offer: OfferRef, why: string, epoch: number) => void;
  onRetuned: (offer: OfferRef) => void;
  onFailure: (error: unknown, work: string) => void;
};

export type GateLoading = ReturnType<typeof createGateLoading>;

/**
 * Loads gates from the ledger under a new epoch: after an opening, when Redis lost one, when the auditor found it wrong, and after an
 * edit that met a gate it could not give its new terms. The row of the offer stays locked until the gate is open, so nothing moves in
 * between; of several processes one loads.
 */
export function createGateLoading({ gate, source, announceEpoch, onLoaded, onRetuned, onFailure }: Needs) {
  const underWay = new Map<string, Promise<boolean>>();

  return {
    /**
     * Loads the gate whatever is there. One that began before this call may not have what the caller changed, so it is waited for; an
     * auditor that is looking, too. False when the offer is not open.
     */
    async load(offer: OfferRef, why: string): Promise<boolean> {
      await underWay.get(offer.offerId)?.catch(() => undefined);
      return once(offer, () => run(offer, why, false));
    },
    /**
     * Gives the gate the terms of an edit. Call it with the row of the offer locked and the new terms written, before they are committed:
     * then nobody meets a gate that is behind the ledger, and whoever finds it ahead of it waits for the row. Orders on their way under the
     * old terms write nothing and give their units back, as after any edit. False when the gate must be loaded after the commit.
     */
    async retune(from: number, { audience, ...terms }: EditedTerms, moreUnits: number): Promise<boolean> {
      const limitUnits = audience.who === 'right' ? noLimitUnits : terms.limitUnits;
      const done = gate.retune({ ...terms, limitUnits }, from, moreUnits).catch((error: unknown) => {
        onFailure(error, 'retune gate');
        return false;
      });
      const isDone = await inTime(done, retuneMsMax, false);
      crashAt('gate-has-new-terms');
      return isDone;
    },
    /** After the commit of what `retune` has done. */
    async retuned(offer: OfferRef, epoch: number): Promise<void> {
      await announceEpoch(offer.offerId, epoch);
      onRetuned(offer);
    },
    /** Loads the gate if it can't be trusted. Returns at once. */
    request(offer: OfferRef): void {
      void once(offer, () => run(offer, 'lost', true)).catch((error: unknown) => onFailure(error, 'load gate'));
    },
  };

  function once(offer: OfferRef, load: () => Promise<boolean>): Promise<boolean> {
    let loading = underWay.get(offer.offerId);
    if (!loading) {
      loading = load().finally(() => underWay.delete(offer.offerId));
      underWay.set(offer.offerId, loading);
    }
    return loading;
  }

  async function run(offer: OfferRef, why: string, onlyIfLost: boolean): Promise<boolean> {
    const epoch = await source.whileLocked(
      offer,
      async (counters, ledger) => {
        // Somebody may have loaded it since it was found missing: raising the epoch again would only turn orders away.
        if (onlyIfLost && (await gate.inspect(offer)).epoch === counters.epoch) return null;
        return fill(offer, ledger, why !== 'opened');
      },
      { wait: !onlyIfLost },
    );
    if (epoch === null) return false;
    await announceEpoch(offer.offerId, epoch);
    onLoaded(offer, why, epoch);
    return true;
  }

  async function fill(offer: OfferRef, ledger: LockedLedger, again: boolean): Promise<number> {
    const terms = await ledger.raiseEpoch();
    const { epoch } = terms;
    must(await gate.beginLoad(terms));
    crashAt('loading-a-gate');
    for await (const orders of ledger.orders()) must(await gate.addOrders(offer, epoch, orders));
    for await (const waiters of ledger.waiters()) must(await gate.addWaiters(offer, epoch, waiters));
    must(await gate.finishLoad(offer, epoch, terms.freeUnits, again));
    return epoch;
  }
}

/** Undoes the transaction, and with it the epoch, when another loader was faster or Redis was lost meanwhile. */
function must(stillOurs: boolean): void {
  if (!stillOurs) throw new Error('the gate is being loaded under another epoch');
}
