/** One entry of a transfer. Debits are positive, credits negative; never 0. */
export type MoneyEntry = { account: string; amountMinor: number };

/** A movement of money. Its entries sum to zero; `cause` can be booked once. */
export type MoneyTransfer = { cause: string; orderId: string; currency: string; entries: MoneyEntry[] };

type Captured = { paymentId: string; orderId: string; provider: string; amountMinor: number; currency: string };

/** The provider has money of a buyer that is not decided about. */
export const captured = ({ paymentId, provider, ...payment }: Captured): MoneyTransfer =>
  move(`capture:${paymentId}`, payment, { from: `deposit:${payment.orderId}`, to: `provider:${provider}` });

/** It pays the order: now we owe it to the merchant. */
export const settledToOrder = ({ paymentId, merchantId, ...payment }: Captured & { merchantId: string }) =>
  move(`settle:${paymentId}`, payment, { from: `merchant:${merchantId}`, to: `deposit:${payment.orderId}` });

/** It does not pay the order: we owe it to the buyer. */
export const settledToRefund = ({ paymentId, provider, ...payment }: Captured): MoneyTransfer =>
  move(`settle:${paymentId}`, payment, { from: `refunds:${provider}`, to: `deposit:${payment.orderId}` });

type Refund = { refundId: string; orderId: string; amountMinor: number; currency: string };

/** The merchant gives money of a paid order back: we owe it to the buyer, no longer to the merchant. */
export const refundRequested = (refund: Refund & { provider: string; merchantId: string }): MoneyTransfer =>
  move(`refund:${refund.refundId}`, refund, {
    from: `refunds:${refund.provider}`,
    to: `merchant:${refund.merchantId}`,
  });

/** The provider has given it back. */
export const refundDone = (refund: Refund & { provider: string }): MoneyTransfer =>
  move(`paid-back:${refund.refundId}`, refund, {
    from: `provider:${refund.provider}`,
    to: `refunds:${refund.provider}`,
  });

/** Credits one account and debits the other by the same sum. */
function move(
  cause: string,
  { orderId, amountMinor, currency }: { orderId: string; amountMinor: number; currency: string },
  { from, to }: { from: string; to: string },
): MoneyTransfer {
  const entries = [
    { account: to, amountMinor },
    { account: from, amountMinor: -amountMinor },
  ];
  return { cause, orderId, currency, entries };
}
