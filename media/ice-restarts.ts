import { AppError } from '../shared/errors.ts';
import type { Session } from './room/session.ts';

/** ICE user names of one client that are remembered, the newest ones. Beyond: a candidate that is so late counts as a restart. */
const namesMax = 10;
/** Restarts of one session in a minute. Beyond: refused until it is over; who changes networks so often had better begin anew. */
const perMinuteMax = 20;

type Restarts = { names: Set<string>; sinceMs: number; count: number };

/** Tells candidates from ICE restarts in what WHIP and WHEP clients send: a restart comes under a new user name. */
export function createIceRestarts(nowMs: () => number) {
  const bySession = new WeakMap<Session, Restarts>();

  return {
    /** True for a user name under which this client has not spoken before. @throws AppError RATE_LIMITED */
    isRestart(session: Session, ufrag: string): boolean {
      const { names } = restartsOf(session);
      if (names.has(ufrag)) return false;
      countOne(session);
      remember(session, ufrag);
      return true;
    },
    /** A user name that restarts nothing: that of the offer. */
    remember,
  };

  function remember(session: Session, ufrag: string): void {
    const { names } = restartsOf(session);
    names.add(Buffer.from(ufrag).toString()); // A copy: as a part of what was sent it would keep all of that in memory.
    if (names.size > namesMax) names.delete(names.values().next().value!);
  }

  function countOne(session: Session): void {
    const restarts = restartsOf(session);
    const passedMs = nowMs() - restarts.sinceMs;
    if (passedMs >= 60_000) Object.assign(restarts, { sinceMs: nowMs(), count: 0 });
    else if (restarts.count >= perMinuteMax)
      throw new AppError('RATE_LIMITED', 'Too many ICE restarts.', { retryAfterMs: 60_000 - passedMs });
    restarts.count += 1;
  }

  function restartsOf(session: Session): Restarts {
    const restarts = bySession.get(session) ?? { names: new Set(), sinceMs: nowMs(), count: 0 };
    bySession.set(session, restarts);
    return restarts;
  }
}
