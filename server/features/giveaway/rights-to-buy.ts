/** The right to buy one offer, won in a raffle drop: for one person, for one order, until it expires. */
export type RightToBuy = { rightId: string; personId: string; offerId: string; expiresAtMs: number };

/** Asked by the sale path before it takes units. One use is enforced where the order is written: unique by rightId. */
export type RightsToBuy = {
  /** The unexpired right of this person to this offer, used or not; null without one. */
  find(personId: string, offerId: string): Promise<RightToBuy | null>;
};
