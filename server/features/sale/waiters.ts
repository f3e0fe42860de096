import type { OfferRef, Waiter } from './gate.ts';

export type Ticket = { ticket: number; units: number };
export type WaiterRow = { ticket: number; personId: string; name: string; units: number };
/** Of the key of an order for a place in line, before its ticket. No key of a client begins with a tab: nobody can use it up, and lose their place by it. */
export const placeKeyPrefix = '\twaiting:';
/** `orderId`: what was held for them. */
export type EndOfWaiting = { ticket: number; state: 'served' | 'left' | 'refused'; orderId?: string };

/** An order that holds units for a place which was given up. */
export type LeftOrder = { orderId: string; personId: string };

/** Who waits for an offer, in the order they came; outlives Redis. */
export type WaiterStore = {
  /** Joins in this order, or finds the ticket of before. Each person once. */
  join(offerId: string, people: readonly Waiter[]): Promise<ReadonlyMap<string, Ticket>>;
  /** A ticket that came to no place in line. */
  forget(ticket: number): Promise<void>;
  /** Ends the waiting of somebody who is no person any more: a guest who was forgotten. */
  endGone(offerId: string, personId: string): Promise<void>;
  find(offerId: string, personId: string): Promise<WaiterRow | null>;
  /** Those of these people who wait, by person. */
  findAll(offerId: string, personIds: readonly string[]): Promise<ReadonlyMap<string, WaiterRow>>;
  /** Of the first so many in line those who have an order for their place. */
  haveOrders(offerId: string, peopleMax: number): Promise<WaiterRow[]>;
  /** Ends the waiting of who has this place. False when it has ended before: they may wait with another ticket. */
  end(ticket: number, state: EndOfWaiting['state']): Promise<boolean>;
  /** The same of many, all of them or none. Answers the places whose waiting this call has ended. */
  endAll(ends: readonly EndOfWaiting[]): Promise<ReadonlySet<number>>;
  /** Open offers for which somebody waits, and those that ended before somebody's order was noted. */
  offers(): Promise<OfferRef[]>;
  /** Orders of places that were given up. Read in steps. */
  heldForLeft(): AsyncIterable<LeftOrder[]>;
  /** Whether who had this place has given it up. */
  hasLeft(ticket: number): Promise<boolean>;
};
