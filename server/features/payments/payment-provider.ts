/** What the provider is asked to collect. */
export type PagePayment = {
  /** Also the provider's idempotency key: the same payment has one page. */
  paymentId: string;
  amountMinor: number;
  currency: string;
  /** What the buyer reads on the page. */
  description: string;
  language: 'en' | 'zh';
  /** Path of our own site the buyer is led back to. */
  returnPath: string;
};

/** What a provider tells about a payment or a refund, in our words. */
export type PaymentEvent = { eventId: string } & (
  | { kind: 'payment.in_progress' | 'payment.failed'; paymentId: string }
  | { kind: 'payment.succeeded'; paymentId: string; amountMinor: number; currency: string }
  | { kind: 'refund.succeeded' | 'refund.failed'; refundId: string }
);

/** A message as it came in; the signature covers the bytes of the body. */
export type WebhookMessage = { headers: Record<string, string | string[] | undefined>; rawBody: Buffer };

/**
 * Somebody who takes money from buyers and gives it back. Nothing is believed that it says outside signed webhooks, and
 * those may come late, more than once and in any order.
 */
export type PaymentProvider = {
  /** Lower-case letters; part of the webhook's address and of account names. */
  readonly name: string;
  /**
   * Opens the page on which the buyer pays; idempotent by `paymentId`.
   * @returns its address, possibly without host when it is on this server.
   * @throws AppError UNAVAILABLE when the provider does not answer.
   */
  openPage(payment: PagePayment): Promise<string>;
  /**
   * Asks for money to go back; idempotent by `refundId`. The outcome comes as an event.
   * @throws Error when the provider does not take it now; the caller tries again.
   */
  refund(refund: { refundId: string; paymentId: string; amountMinor: number; currency: string }): Promise<void>;
  /** Verifies and reads a webhook. @throws AppError UNAUTHENTICATED when it is not the provider's, or too old; BAD_INPUT. */
  readEvent(message: WebhookMessage): PaymentEvent;
};
