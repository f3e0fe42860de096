import type { Queryable } from '../../platform/postgres.ts';

/** What a raffle drop has to know of the offer its winners may buy. */
export type DropOffer = {
  roomId: string;
  /** For winners alone. */
  isForRights: boolean;
  isOpen: boolean;
  /** It has a time at which it ends, whether or not everybody has bought. */
  endsByItself: boolean;
  priceMinor: number;
  currency: string;
  limitUnits: number;
  /** Not paid for. Those of orders that are held are among them. */
  unsoldUnits: number;
};

export type DropOffers = {
  /** Its terms stay as they are until the caller's transaction ends. Null when there is no such offer. */
  lock(client: Queryable, offerId: string): Promise<DropOffer | null>;
};
