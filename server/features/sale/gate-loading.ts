import { crashAt } from './crash-point.ts';
import type { Gate, OfferRef } from './gate.ts';
import type { GateSource, LockedLedger } from './gate-source.ts';

type Needs = {
  gate: Gate;
  source: GateSource;
  /** Tells all gateways that an offer has another epoch, after it is committed. */
  announceEpoch: (offerId: string, epoch: number) => Promise<void>;
  onLoaded: (offer: OfferRef, why: string, epoch: number) => void;
  onFailure: (error: unknown, work: string) => void;
};

export type GateLoading = ReturnType<typeof createGateLoading>;

/**
 * Loads gates from the ledger under a new epoch: after an opening or an edit, when Redis lost one, and when the auditor found it
 * wrong. The row of the offer stays locked until the gate is open, so nothing moves in between; of several processes one loads.
 */
export function createGateLoading({ gate, source, announceEpoch, onLoaded, onFailure }: Needs) {
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
