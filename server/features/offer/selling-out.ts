import { setNewest } from '../../../shared/newest.ts';
import type { OfferRef } from '../sale/gate.ts';

/** One of the times the gate of an offer had nothing left: an epoch has many when units come back. */
export type EmptyGate = { epoch: number; releases: number };

type Needs = {
  /** Tells the room, if the ledger has it so. False when it does not, or when the room could not be told. */
  tell: (offer: OfferRef) => Promise<boolean>;
  wait: (ms: number) => Promise<unknown>;
  onError: (error: unknown) => void;
};

/** How soon the ledger is looked at, and how often: mostly the last order is in it by then, or its units have been given back, ms. */
const firstLookMs = 20;
const lookEveryMs = 150;
/** Behind them it is left to a worker, which looks every few seconds: also for gateways that died. */
const looksMax = 10;
/** Offers whose last empty gate is remembered. Past it the one known longest is forgotten; nothing is told twice. */
const offersMax = 10_000;

/**
 * Says that an offer is sold out when the ledger has it so. What the gate has given out may come back yet: of an order whose key turns out to
 * be used, or that can't be written. Who was told "sold out" before that would not look again.
 */
export function createSellingOut({ tell, wait, onError }: Needs) {
  const known = new Map<string, EmptyGate>();

  /** Called again for each reply that says so. */
  return function note(offer: OfferRef, empty: EmptyGate): void {
    const last = known.get(offer.offerId);
    if (last?.epoch === empty.epoch && last.releases === empty.releases) return;
    setNewest(known, offer.offerId, empty, offersMax);
    void tellWhenTrue(offer, empty);
  };

  async function tellWhenTrue(offer: OfferRef, empty: EmptyGate): Promise<void> {
    await wait(firstLookMs);
    for (let looks = 0; looks < looksMax && known.get(offer.offerId) === empty; looks++) {
      if (await tell(offer).catch(notKnown)) return;
      await wait(lookEveryMs);
    }
  }

  function notKnown(error: unknown): false {
    onError(error);
    return false;
  }
}
