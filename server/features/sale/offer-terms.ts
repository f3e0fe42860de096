import type { Audience } from '../../../shared/protocol/offer.ts';
import type { GateTerms } from './gate.ts';

/** What is agreed about an offer under one epoch: it never changes without the epoch rising. */
export type OfferTerms = GateTerms & {
  hostId: string;
  merchantId: string;
  skuId: string;
  state: 'draft' | 'open' | 'closed' | 'discarded';
  currency: string;
  priceMinor: number;
  audience: Audience;
};

export type OpenOffer = { offerId: string; roomId: string; epoch: number; closesAtMs: number | null };

export type OfferTermsStore = {
  /** Of the offers that exist; in no particular order. */
  find(offerIds: readonly string[]): Promise<OfferTerms[]>;
  /** Offers that are selling, or are about to, in order of their ids; page by page, however many there are. */
  open(): AsyncIterable<OpenOffer[]>;
};
