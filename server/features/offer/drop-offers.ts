/** What a raffle drop has to know of the offer its winners may buy. */
export type DropOffer = {
  roomId: string;
  /** For winners alone. */
  isForRights: boolean;
  hasEnded: boolean;
  allotmentUnits: number;
  limitUnits: number;
};

export type DropOffers = {
  /** Null when there is no such offer. */
  find(offerId: string): Promise<DropOffer | null>;
};
