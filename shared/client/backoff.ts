/** Waits between tries: doubled each time, then spread at random over the second half, so that clients do not come in step. */
export type Backoff = { firstMs: number; maxMs: number };

/** @param tries how many have failed, from 1. @param random 0 to 1. */
export function backoffMs(tries: number, { firstMs, maxMs }: Backoff, random: () => number): number {
  const fullMs = Math.min(maxMs, firstMs * 2 ** (tries - 1));
  return Math.round(fullMs / 2 + (fullMs / 2) * random());
}
