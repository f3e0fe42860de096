import type { Queryable } from '../../platform/postgres.ts';

export type RefundLine = { lineNumber: number; units: number; amountMinor: number; restocked: boolean };

/**
 * Key of a refund that no client asked for. No key of a client has an end of line in it, so nobody can use it up before: a merchant could
 * keep money from going back.
 */
export const ownKey = (what: string): string => `\n${what}`;

/** Money of a paid order that goes back to its buyer. */
export type RefundRequest = {
  refundId: string;
  orderId: string;
  /** Sum of the lines and the shipping; 0 for things that cost nothing. */
  amountMinor: number;
  shippingMinor: number;
  lines: readonly RefundLine[];
  reason: string;
  /** Null: the system. */
  personId: string | null;
  /** Idempotency key within the order, and a fingerprint of what was asked. */
  requestKey: string;
  requestHash: Buffer;
};

/** What the orders feature needs of payments. All run in the caller's transaction, which has locked the order's row. */
export type OrderPayments = {
  /** True while the buyer may be paying, or what they paid is not settled: sum and delivery must stay as they are. */
  hasOpen(client: Queryable, orderId: string): Promise<boolean>;
  /** How long ago the money that paid the order arrived, ms by the clock of the database; null when none has. */
  capturedAgoMs(client: Queryable, orderId: string): Promise<number | null>;
  /**
   * Writes the refund, its booking and the job that asks the provider. The caller has checked that no more goes back
   * than was paid.
   *
   * @throws AppError RETRY when the payment of the order is still being settled.
   */
  requestRefund(client: Queryable, refund: RefundRequest): Promise<void>;
  /** Asks the provider once more for a refund that failed. False when it did not. @throws AppError NOT_FOUND. */
  retryRefund(client: Queryable, orderId: string, refundId: string): Promise<boolean>;
  /** Fingerprint of the refund that an earlier call with this key asked for; null without one. */
  findRefund(client: Queryable, orderId: string, requestKey: string): Promise<Buffer | null>;
};
