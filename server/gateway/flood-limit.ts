import { AppError } from '../../shared/errors.ts';
import { setNewest } from '../../shared/newest.ts';

export type FloodLimit = ReturnType<typeof createFloodLimit>;
type Bucket = { tokens: number; filledAtMs: number };

export type FloodLimitOptions = {
  perSecond: number;
  burst: number;
  nowMs: () => number;
  /** Callers remembered. Past it the longest unseen is forgotten, which only gives it a full bucket. */
  callersMax?: number;
};

/**
 * Keeps one caller from filling a gateway with commands: a token bucket per person, or per address without a session.
 *
 * In memory and synchronous on purpose: it stands before every command, and a limit per gateway is enough to protect the
 * gateway. Limits that protect something else (sign-in, slow mode) are kept by their features, in Redis.
 */
export function createFloodLimit({ perSecond, burst, nowMs, callersMax = 100_000 }: FloodLimitOptions) {
  const buckets = new Map<string, Bucket>();

  return {
    /** @throws AppError RATE_LIMITED with `retryAfterMs` when the caller has no token left. */
    take(caller: string): void {
      const waitMs = takeOrWaitMs(caller);
      if (waitMs > 0) throw new AppError('RATE_LIMITED', undefined, { retryAfterMs: waitMs });
    },
    /** False when the caller has no token left, or fewer than what they ask for costs. */
    tryTake: (caller: string, tokens = 1): boolean => takeOrWaitMs(caller, tokens) === 0,
  };

  /** Takes tokens, or says in how many ms there are enough. */
  function takeOrWaitMs(caller: string, tokens = 1): number {
    const now = nowMs();
    const bucket = recall(caller) ?? remember(caller, now);
    bucket.tokens = Math.min(burst, bucket.tokens + (Math.max(0, now - bucket.filledAtMs) / 1_000) * perSecond);
    bucket.filledAtMs = now;
    if (bucket.tokens < tokens) return Math.ceil(((tokens - bucket.tokens) / perSecond) * 1_000);
    bucket.tokens -= tokens;
    return 0;
  }

  /** Moves the caller to the end of the line, so that the first one is who was not seen for longest. */
  function recall(caller: string): Bucket | undefined {
    const bucket = buckets.get(caller);
    if (!bucket) return undefined;
    buckets.delete(caller);
    buckets.set(caller, bucket);
    return bucket;
  }

  function remember(caller: string, now: number): Bucket {
    const bucket = { tokens: burst, filledAtMs: now };
    setNewest(buckets, caller, bucket, callersMax);
    return bucket;
  }
}
