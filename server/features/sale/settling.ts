import type { Gate, OfferRef } from './gate.ts';
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

/**
 * Settles what a gateway left behind when it died or fell asleep between the gate and the ledger: every old mark becomes either
 * a real order or a tombstone, and no clock decides which.
 */
export function createSettling({ gate, store, offers, onSettled, onFailure }: Needs) {
  return {
    async settleAll(): Promise<void> {
      for await (const offer of offers.open()) {
        await settle(offer).catch((error: unknown) => onFailure(error, 'settle'));
      }
    },
  };

  async function settle(offer: OfferRef): Promise<void> {
    const claims = await gate.overdue(offer, markAgeMsMax, marksPerRunMax);
    if (claims.length === 0) return;
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
