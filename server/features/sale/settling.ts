import { eachOf } from '../../platform/each-of.ts';
import type { Claim, Gate, OfferRef } from './gate.ts';
import type { OfferTermsStore } from './offer-terms.ts';
import type { OrderStore } from './order-store.ts';

type Needs = {
  gate: Gate;
  store: Pick<OrderStore, 'bury'>;
  offers: Pick<OfferTermsStore, 'open'>;
  onSettled: (offer: OfferRef, released: number, confirmed: number) => void;
  onFailure: (error: unknown, work: string) => void;
};

/** Age at which a pending mark counts as left behind, ms. A commit takes some 10 ms; being wrong costs a retry, nothing else. */
export const markAgeMsMax = 3_000;
/** Marks of one offer settled in one go. */
const marksPerRunMax = 500;
/** Most have nothing to settle, and are only asked about: one at a time, thousands of idle offers would hold up the others. */
const offersAtOnce = 32;

/**
 * Settles what a gateway left behind when it died or fell asleep between the gate and the ledger: every old mark becomes either
 * a real order or a tombstone, and no clock decides which.
 */
export function createSettling({ gate, store, offers, onSettled, onFailure }: Needs) {
  return {
    async settleAll(): Promise<void> {
      for await (const some of offers.open())
        await eachOf(some, offersAtOnce, (offer) =>
          settle(offer).catch((error: unknown) => onFailure(error, 'settle')),
        );
    },
  };

  async function settle(offer: OfferRef): Promise<void> {
    for (;;) {
      const claims = await gate.overdue(offer, markAgeMsMax, marksPerRunMax);
      if (claims.length > 0) await settleThose(offer, claims);
      if (claims.length < marksPerRunMax) return;
    }
  }

  async function settleThose(offer: OfferRef, claims: readonly Claim[]): Promise<void> {
    const empty = await store.bury(offer.offerId, claims);
    const [dead, real] = [
      claims.filter(({ orderId }) => empty.has(orderId)),
      claims.filter(({ orderId }) => !empty.has(orderId)),
    ];
    await gate.confirm(offer, real);
    // Also those that hold no units at this gate any more: then only their mark goes.
    await gate.release(offer, dead);
    await gate.confirm(offer, dead);
    onSettled(offer, dead.length, real.length);
  }
}
