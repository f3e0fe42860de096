import type { OfferRef } from './gate.ts';
import type { EndedOrder, ExtendedOrder } from './order-store.ts';
import type { LedgerOrder, Purchase } from './orders-ledger.ts';

/** What the sale tells the room. Called often: the other side thins, and never throws. */
export type SaleNews = {
  /** The units left are others now: the room shows what the gate has. */
  left(offer: OfferRef): void;
  /** The gate has nothing left; the room is told when the ledger has it so. `releases` numbers the releases of an epoch: one sell-out has one number. */
  soldOut(offer: OfferRef, epoch: number, releases: number): void;
  available(offer: OfferRef, unitsLeft: number): void;
  bought(purchase: Purchase, order: LedgerOrder): void;
  /** To the person alone. */
  served(personId: string, offer: OfferRef, order: LedgerOrder): void;
  /** To the person alone, whose turn it was, and who may not buy. */
  passed(personId: string, offer: OfferRef): void;
  /** To the buyer, who may be looking at a hold that is over. */
  expired(order: EndedOrder): void;
  extended(order: ExtendedOrder): void;
};
