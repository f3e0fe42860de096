/** The right to buy one offer, won in a raffle drop: for one person, for one order of so many units at most, until it expires. */
export type RightToBuy = { rightId: string; personId: string; offerId: string; units: number; expiresAtMs: number };

/** Asked by the sale path before it takes units. One use is enforced where the order is written: unique by rightId. */
export type RightsToBuy = {
  /** The unexpired rights of this person to this offer, used or not, the one that ends first before the others. */
  ofPerson(personId: string, offerId: string): Promise<RightToBuy[]>;
  /** Whether the person has an unexpired right to an offer of this room. */
  areIn(roomId: string, personId: string): Promise<boolean>;
};
