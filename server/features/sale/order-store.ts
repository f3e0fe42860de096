import type { Claim } from './gate.ts';
import type { Cause, LedgerOrder, OrdersLedger } from './orders-ledger.ts';

/** An order the gate has taken units for, on its way into the ledger. */
export type NewOrder = Claim & {
  roomId: string;
  /** The won right to buy that it uses up. */
  rightId: string | null;
  /** Epoch: of the gate that took the units. The order is written only while the offer still has it. */
  lines: readonly { lineNumber: number; offerId: string; epoch: number; units: number }[];
};

/** Nearly all are: one line, and no right that it uses up. */
export const isPlain = ({ lines, rightId }: Pick<NewOrder, 'lines' | 'rightId'>): boolean =>
  lines.length === 1 && rightId === null;

/** An order whose units went back, and of which offers. `open`: the offer has a gate that must hear of it. */
export type EndedOrder = Claim & { roomId: string; openOfferIds: string[] };

/** `payBy`: as the database writes it. */
export type DueOrder = { orderId: string; roomId: string; payBy: string };

export type ExtendedOrder = Pick<Claim, 'buyerId'> & { orderId: string; roomId: string };

export type StoredOrder = LedgerOrder & Claim;

/** Names a purchase of a buyer. */
export type KeyOfBuyer = Pick<Claim, 'buyerId' | 'requestKey'>;

export type SoldOutQuestion = { offerId: string; buyerId: string; requestKey: string };

/** The tables orders, order_lines and order_events, and the counters of offers, which move with them. */
export type OrderStore = {
  /**
   * Writes the orders of one room together, and only those whose every line has the epoch of its offer, whose id was
   * not buried, and whose request key and right are not used. Order ids of those written, and their common deadline.
   *
   * @throws what the driver throws. Unless `isDefinite(error)`, the orders may have been written, or may be later.
   */
  insert(orders: readonly NewOrder[], holdMs: number): Promise<{ written: ReadonlySet<string>; payByMs: number }>;
  /** The live order of each request key, if there is one. In no particular order. */
  findByKeys(keys: readonly KeyOfBuyer[]): Promise<StoredOrder[]>;
  find(orderId: string): Promise<StoredOrder | null>;
  /** Whether every unit of the open offer is held or sold and the key has no order. One answer each, as of one instant. */
  areSoldOut(asked: readonly SoldOutQuestion[]): Promise<boolean[]>;
  /** Whether a right to buy is used up by an order. */
  rightIsUsed(rightId: string): Promise<boolean>;
  /**
   * Buries claims: what is not in the ledger under them can never get into it afterwards. Resolves with the order ids that
   * hold no units (now buried, or ended before); the others are real orders.
   */
  bury(offerId: string, claims: readonly Claim[]): Promise<ReadonlySet<string>>;
  /** Those of these order ids under which nothing can get into the ledger any more. */
  buriedOf(orderIds: readonly string[]): Promise<ReadonlySet<string>>;
  /** Ends a held order. Null when it is not held. */
  cancel(orderId: string, cause: Cause): Promise<EndedOrder | null>;
  /** Held orders past their deadline, by the clock of the database; read in steps of so many, the longest overdue first. */
  due(ordersPerStep: number): AsyncIterable<DueOrder[]>;
  /**
   * Ends those of them that are still due. One whose payment is in progress is given `extraMs` more, once.
   * @throws what the driver throws; nothing of it happened then. It does not wait long for rows that others hold.
   */
  expire(orderIds: readonly string[], extraMs: number): Promise<{ ended: EndedOrder[]; extended: ExtendedOrder[] }>;
  /** Ended orders whose units were not given back at the gates yet, read in steps of so many. */
  owingRelease(ordersPerStep: number): AsyncIterable<EndedOrder[]>;
  /** Their units are back at the gates. */
  released(orderIds: readonly string[]): Promise<void>;
  /** `retake` when the hold ran out: take the units again first. A cancelled order is not: `refund_needed`. */
  pay(orderId: string, paymentId: string): Promise<'paid' | 'refund_needed' | 'retake' | null>;
  /** Begins a late payment: only the newest token may finish. False when the order has not expired. */
  beginRetake(orderId: string, token: string): Promise<boolean>;
  /** Whether nobody, an import for example, has the stock of one of these offers. It may be otherwise a moment later. */
  stockIsAtRest(offerIds: readonly string[]): Promise<boolean>;
  /**
   * Marks an expired order paid and takes its units again: from offers under these epochs, where the gate has them already, and
   * out of the stock for offers that are closed.
   *
   * @returns `short` when a closed offer's SKU has no stock, or its right to buy is used up by another order or was passed on; `stale` when the token or an epoch is not the one any more.
   */
  finishRetake(
    orderId: string,
    token: string,
    paymentId: string,
    epochs: ReadonlyMap<string, number>,
  ): Promise<'retaken' | 'short' | 'stale'>;
  /** The deadline that now holds; null when the order is not held. */
  extend: OrdersLedger['extendHold'];
  returnUnits: OrdersLedger['returnUnits'];
  /** Everybody with an order of a closed offer; null when they are more than `buyersMax`. */
  buyersOf(offerId: string, buyersMax: number): Promise<Set<string> | null>;
};
