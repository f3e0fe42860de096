/** How often a refund that failed is asked for again by itself, and how long after each failure, ms. Then the merchant decides. */
const refundWaitsMs = [60_000, 600_000, 3_600_000, 21_600_000] as const;

/** When a refund is tried again after its `attempts`-th attempt has failed, ms from now; null: not by itself. */
export const refundRetryMs = (attempts: number): number | null => refundWaitsMs[attempts - 1] ?? null;

/** Longest time between two questions to a provider, ms, and how often it is asked: for about three days. */
const askEveryMsMax = 3_600_000;
const asksMax = 80;

/** When a provider that knew nothing new is asked again, ms from now: twice as long each time; null: never. */
export const askAgainMs = (asks: number, firstMs: number): number | null =>
  asks >= asksMax ? null : Math.min(firstMs * 2 ** asks, askEveryMsMax);
