import type { OfferRef } from '../sale/gate.ts';

/** One of the times an offer sells out: an epoch has many when units come back. */
export type SellOut = { epoch: number; releases: number };

type Needs = {
  /** Whether every unit is held or sold in the ledger. */
  isSoldOut: (offerId: string) => Promise<boolean>;
  /** Once for each time an offer sells out. Must not throw. */
  say: (offer: OfferRef, sellOut: SellOut) => void;
  wait: (ms: number) => Promise<unknown>;
  onError: (error: unknown) => void;
};

/** How soon the ledger is looked at, and how often: mostly the last order is in it by then, or its units have been given back, ms. */
const firstLookMs = 20;
const lookEveryMs = 150;
/** Of so many looks. Behind them the ledger may be away: it is looked at less often, for some minutes. */
const quickLooks = 40;
const lookLaterMs = 1_000;
const looksMax = 300;
/** Offers whose last sell-out is remembered. Past it the one known longest is forgotten; the room log says nothing twice. */
const offersMax = 10_000;

/**
 * Says that an offer is sold out when the ledger has it so. What the gate has given out may come back yet: of an order whose key turns out to
 * be used, or that can't be written. Who was told "sold out" before that would not look again.
 */
export function createSellingOut({ isSoldOut, say, wait, onError }: Needs) {
  const sellOuts = new Map<string, SellOut>();

  /** The gate has nothing left. Called again for each reply that says so. */
  return function note(offer: OfferRef, sellOut: SellOut): void {
    const last = sellOuts.get(offer.offerId);
    if (last?.epoch === sellOut.epoch && last.releases === sellOut.releases) return;
    sellOuts.delete(offer.offerId);
    if (sellOuts.size >= offersMax) sellOuts.delete(sellOuts.keys().next().value!);
    sellOuts.set(offer.offerId, sellOut);
    void sayWhenTrue(offer, sellOut);
  };

  async function sayWhenTrue(offer: OfferRef, sellOut: SellOut): Promise<void> {
    await wait(firstLookMs);
    for (let looks = 0; looks < looksMax && sellOuts.get(offer.offerId) === sellOut; looks++) {
      if (await isSoldOut(offer.offerId).catch(notKnown)) return say(offer, sellOut);
      await wait(looks < quickLooks ? lookEveryMs : lookLaterMs);
    }
  }

  /** Nobody says it in our place: with nothing left, nobody asks the gate again. */
  function notKnown(error: unknown): false {
    onError(error);
    return false;
  }
}
