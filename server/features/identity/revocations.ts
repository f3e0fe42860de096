import { Gauge } from 'prom-client';
import type { Metrics } from '../../platform/metrics.ts';

/** How often each gateway asks which sessions were ended; revocation takes effect within this plus a query. */
export const revocationPollMs = 2_000;

/** The longest life that settings allow: tokens of before a setting was lowered, or of another gateway, live as long. */
const longestTokenSeconds = 3_600;

/** Each look goes back behind the last one: an instant is that of its transaction's beginning, which is seen when it commits. */
const overlapSeconds = 30;

type Needs = {
  /** Sessions that were ended in the last so many seconds. */
  revokedWithin: (seconds: number) => Promise<string[]>;
  /** ms of a clock that nobody sets. */
  elapsedMs?: () => number;
  /** Sessions remembered. Past it the one ended first is forgotten, whose tokens have been running out for longest. */
  sessionsMax?: number;
  metrics: Metrics;
};

export type Revocations = ReturnType<typeof createRevocations>;

/**
 * Sessions ended recently, kept in memory by each gateway until the last access token of theirs has expired.
 *
 * Asked from PostgreSQL by polling rather than told by a message: a message can be lost, a row can't. The first look reads all
 * that count, later ones what is new.
 */
export function createRevocations(needs: Needs) {
  const { revokedWithin, elapsedMs = () => performance.now(), sessionsMax = 500_000, metrics } = needs;
  const keptSeconds = longestTokenSeconds + 60;
  /** When each may be forgotten, in the order of that. */
  const forgetAtMs = new Map<string, number>();
  let lookedAtMs = -Infinity;
  let looking: Promise<void> | undefined;
  let next: Promise<void> | undefined;
  let tell: (sessionIds: ReadonlySet<string>) => void = () => undefined;
  new Gauge({
    name: 'nightmarket_ended_sessions',
    help: 'Ended sessions whose access tokens this gateway refuses.',
    registers: [metrics],
    collect() {
      this.set(forgetAtMs.size);
    },
  });

  return {
    /** Calls `listener` with the sessions that were ended since the last look. One listener: the gateway. */
    onRevoked(listener: typeof tell): void {
      tell = listener;
    },
    has: (sessionId: string): boolean => forgetAtMs.has(sessionId),
    refresh,
  };

  /** Looks once at a time. A look that has begun may have missed what the caller knows of: all who come meanwhile share the next. */
  function refresh(): Promise<void> {
    if (!looking) return (looking = look().finally(() => (looking = undefined)));
    next ??= looking
      .catch(() => undefined)
      .then(() => {
        next = undefined;
        return refresh();
      });
    return next;
  }

  async function look(): Promise<void> {
    const nowMs = elapsedMs();
    const backSeconds = Math.min(keptSeconds, Math.ceil((nowMs - lookedAtMs) / 1_000) + overlapSeconds);
    const fresh = new Set((await revokedWithin(backSeconds)).filter((sessionId) => !forgetAtMs.has(sessionId)));
    lookedAtMs = nowMs;
    for (const sessionId of fresh) forgetAtMs.set(sessionId, nowMs + keptSeconds * 1_000);
    forgetOld(nowMs);
    if (fresh.size > 0) tell(fresh);
  }

  function forgetOld(nowMs: number): void {
    for (const [sessionId, atMs] of forgetAtMs) {
      if (atMs > nowMs && forgetAtMs.size <= sessionsMax) return;
      forgetAtMs.delete(sessionId);
    }
  }
}
