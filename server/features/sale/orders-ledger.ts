/** One line of a purchase: units of one offer, and the price the buyer saw. */
export type PurchaseLine = {
  offerId: string;
  units: number;
  /** Price of one unit as shown to the buyer; another one is answered `price_changed`. Undefined: whatever it is. */
  priceMinor?: number | undefined;
};

export type Purchase = {
  buyerId: string;
  /** For "bought" in the room; null when the buyer does not want to be named. */
  buyerName: string | null;
  roomId: string;
  /** 1 to 20 lines, each of another offer, all of one merchant. */
  lines: readonly PurchaseLine[];
  /** Idempotency key, scoped to the buyer. */
  requestKey: string;
};

/** Order states this port moves between; `shipped`, `delivered` and `refunded` are the shop's. */
export type OrderState = 'held' | 'paid' | 'shipped' | 'delivered' | 'refunded' | 'expired' | 'cancelled' | 'abandoned';

export type OrderLine = { lineNumber: number; offerId: string; units: number; priceMinor: number };

/** An order as the ledger has it. */
export type LedgerOrder = {
  orderId: string;
  roomId: string;
  merchantId: string;
  buyerId: string;
  state: OrderState;
  currency: string;
  /** Sum of the lines, without shipping. */
  totalMinor: number;
  /** Deadline of payment while `held`. Unix ms. */
  payByMs: number;
  lines: readonly OrderLine[];
};

/** Why nothing was taken. `offerId` names the first line that stood in the way. */
export type Refusal =
  /** `unitsLeft`: of that offer, when it is fewer than were asked for, but not none. */
  | { outcome: 'sold_out'; offerId: string; unitsLeft?: number }
  | { outcome: 'limit' | 'not_open' | 'ended' | 'not_for_you' | 'price_changed'; offerId: string }
  | { outcome: 'one_merchant' };

export type PurchaseResult = { outcome: 'held'; order: LedgerOrder } | Refusal;

/** Who did something to an order, and why; goes into its event list. `personId` null: the system. */
export type Cause = { personId: string | null; reason: string };

/**
 * The ledger of taken units: the one place that inserts orders and moves the counters of offers.
 *
 * Every verb is idempotent: calling it again answers the same and changes nothing.
 */
export type OrdersLedger = {
  /**
   * Takes all lines or none. Resolves with `held` only when the order is durable.
   *
   * @throws AppError RETRY when it could not be decided now, or within 2 s (the same key may be sent again), KEY_REUSED when the key was
   * used with other lines, NOT_FOUND when an offer does not exist in this room.
   */
  purchase(purchase: Purchase): Promise<PurchaseResult>;
  /**
   * Ends a held order before it is paid; its units are for sale again.
   * @returns `cancelled`, also when it was before; `not_held` when it is paid, expired or unknown.
   */
  cancelHeld(orderId: string, cause: Cause): Promise<'cancelled' | 'not_held'>;
  /**
   * Ends held orders whose deadline has passed by the database's clock, but for those whose payment is in progress: they are extended
   * once. What can't be ended now is left for the next call. @returns how many were ended.
   */
  expireDue(): Promise<number>;
  /** Gives back at the gates what is owed to them: units of orders that ended in a process which died, or could not reach a gate. */
  releaseOwed(): Promise<void>;
  /**
   * Marks an order paid by `paymentId`.
   *
   * @returns `paid` when it was held, or is paid by this payment already; `retaken` when its hold had run out and its units
   * were taken again; `refund_needed` when they are gone, it was cancelled, or another payment paid it: the money must go back.
   * @throws AppError NOT_FOUND when there is no such order.
   */
  pay(orderId: string, paymentId: string): Promise<'paid' | 'retaken' | 'refund_needed'>;
  /**
   * Gives a held order more time that ends sooner than that: once because a payment has begun, and once because one is in progress, for opening
   * a page must not use up what a real payment needs.
   * @returns the deadline that now holds, Unix ms; null when the order is not held any more.
   */
  extendHold(orderId: string, extraMs: number, payment: 'begun' | 'in_progress'): Promise<number | null>;
  /**
   * Takes units of a paid order back into the SKU's stock (not into the offer), for a refund. The caller decides whether
   * that should happen, and changes the order's state itself. Of each line at most what it still has is returned.
   *
   * @param returnId  idempotency key, a UUID: the id of the refund.
   */
  returnUnits(
    returnId: string,
    orderId: string,
    lines: readonly { lineNumber: number; units: number }[],
    cause: Cause,
  ): Promise<void>;
  /** @throws AppError NOT_FOUND. */
  find(orderId: string): Promise<LedgerOrder>;
};
