import { AppError } from '../../shared/errors.ts';

export type FloodLimit = ReturnType<typeof createFloodLimit>;
type Bucket = { tokens: number; filledAtMs: number };

/** Callers remembered at the most. Past it the longest unseen is forgotten, which only gives it a full bucket. */
const callersMax = 100_000;

/**
 * Keeps one caller from filling a gateway with commands: a token bucket per person, or per address without a session.
 *
 * In memory and synchronous on purpose: it stands before every command, and a limit per gateway is enough to protect the
 * gateway. Limits that protect something else (sign-in, slow mode) are kept by their features, in Redis.
 */
export function createFloodLimit({
  perSecond,
  burst,
  nowMs,
}: {
  perSecond: number;
  burst: number;
  nowMs: () => number;
}) {
  const buckets = new Map<string, Bucket>();

  return {
    /** @throws AppError RATE_LIMITED with `retryAfterMs` when the caller has no token left. */
    take(caller: string): void {
      const now = nowMs();
      const bucket = buckets.get(caller) ?? remember(caller, now);
      bucket.tokens = Math.min(burst, bucket.tokens + ((now - bucket.filledAtMs) / 1_000) * perSecond);
      bucket.filledAtMs = now;
      if (bucket.tokens < 1) {
        throw new AppError('RATE_LIMITED', undefined, {
          retryAfterMs: Math.ceil(((1 - bucket.tokens) / perSecond) * 1_000),
        });
      }
      bucket.tokens -= 1;
    },
  };

  function remember(caller: string, now: number): Bucket {
    if (buckets.size >= callersMax) buckets.delete(buckets.keys().next().value!);
    const bucket = { tokens: burst, filledAtMs: now };
    buckets.set(caller, bucket);
    return bucket;
  }
}
