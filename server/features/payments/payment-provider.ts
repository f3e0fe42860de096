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
  /** `attempt`: which one this is about, counted from 1. */
  | { kind: 'refund.succeeded' | 'refund.failed'; refundId: string; attempt: number }
);

/** A message as it came in; the signature covers the bytes of the body. */
export type WebhookMessage = { headers: Record<string, string | string[] | undefined>; rawBody: Buffer };

/**
 * Somebody who takes money from buyers and gives it back. What it says is believed from signed webhooks, which may come late, more
 * than once, in any order or never, and from its answers when we ask.
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
   * Asks for money to go back; idempotent by `refundId` and `attempt`. The outcome comes as an event. A new attempt is made only
   * after the one before has failed, and the provider gives money back for one `refundId` once at the most.
   * @throws Error when the provider does not take it now; the caller tries again.
   */
  refund(refund: {
    refundId: string;
    attempt: number;
    paymentId: string;
    amountMinor: number;
    currency: string;
  }): Promise<void>;
  /**
   * What became of a payment or of the newest attempt of a refund, as the event that should have told it; null when nothing did yet.
   * @throws Error when the provider does not answer.
   */
  ask(about: { paymentId: string } | { refundId: string }): Promise<PaymentEvent | null>;
  /** Verifies and reads a webhook. @throws AppError UNAUTHENTICATED when it is not the provider's, or too old; BAD_INPUT. */
  readEvent(message: WebhookMessage): PaymentEvent;
};
