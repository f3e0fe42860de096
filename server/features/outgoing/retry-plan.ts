/** How long to wait after each failed try, s. After the last one the message has failed; the merchant may send it again. */
const waitsSeconds = [5, 30, 120, 600, 1_800, 3_600, 10_800, 21_600, 43_200, 86_400] as const;

/** Up to this share is added, so that messages that failed together do not come back together. */
const jitterShareMax = 0.2;

/** When to try again after `tries` failed ones, s from now; null: never. @param chance  0 to 1. */
export function retryAfterSeconds(tries: number, chance: number): number | null {
  const wait = waitsSeconds[tries - 1];
  return wait === undefined ? null : wait * (1 + jitterShareMax * chance);
}
