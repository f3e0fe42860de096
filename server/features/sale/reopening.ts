import type { OfferRef } from './gate.ts';

type Needs = {
  /** Units that the gate of an offer has for everybody by now. */
  leftOf(offer: OfferRef): Promise<number>;
  say(offer: OfferRef, unitsLeft: number): void;
  after(ms: number, run: () => void): void;
  onFailure(error: unknown): void;
};

/** How often it is said of one offer, at most. */
const everyMs = 500;
/** Offers of which it was said just now; past it others are not spaced. */
const offersMax = 10_000;

/**
 * Says that an offer which had nothing left has something again: at once, and then no more often than every half second, however often somebody buys
 * the last unit and cancels. What came meanwhile is said by what is left at that moment, or not at all when that is nothing.
 */
export function createReopening({ leftOf, say, after, onFailure }: Needs) {
  /** Offer id -> whether something came meanwhile. */
  const resting = new Map<string, boolean>();

  /** `units` came back; with them, so many are left for everybody. */
  function freed(offer: OfferRef, { units, left }: { units: number; left: number }): void {
    // Where something was left before, a room has nothing to learn but the number, which it is told by itself.
    if (left === 0 || left !== units) return;
    if (resting.has(offer.offerId)) return void resting.set(offer.offerId, true);
    say(offer, left);
    if (resting.size < offersMax) rest(offer);
  }

  function rest(offer: OfferRef): void {
    resting.set(offer.offerId, false);
    after(everyMs, () => {
      const hasNews = resting.get(offer.offerId);
      resting.delete(offer.offerId);
      if (!hasNews) return;
      rest(offer);
      leftOf(offer).then((left) => {
        if (left > 0) say(offer, left);
      }, onFailure);
    });
  }

  return freed;
}
