import { AppError } from '../shared/errors.ts';
import type { Session } from './room/session.ts';

/** ICE user names of one client that are remembered, the newest ones. Beyond: a candidate that is so late counts as a restart. */
const namesMax = 10;
/** Restarts of one session in a minute. Beyond: refused until it is over; who changes networks so often had better begin anew. */
const perMinuteMax = 20;

/** A restart under a user name. `etagBefore`: of the ICE session it ended. `done`: when our new credentials stand. */
type Restart = { ufrag: string; etagBefore: string; done: Promise<unknown> };
type Restarts = { names: Set<string>; sinceMs: number; count: number; latest?: Restart };

/** Tells candidates from ICE restarts in what WHIP and WHEP clients send: a restart comes under a new user name. */
export function createIceRestarts(nowMs: () => number) {
  const bySession = new WeakMap<Session, Restarts>();

  return {
    /** Whether this client has spoken under this user name before. */
    knows: (session: Session, ufrag: string): boolean => restartsOf(session).names.has(ufrag),
    /** The latest restart, if it was asked for under this user name: its answer may have been lost. */
    latestUnder(session: Session, ufrag: string): Restart | undefined {
      const { latest } = restartsOf(session);
      return latest?.ufrag === ufrag ? latest : undefined;
    },
    /** Restarts ICE. One that failed can be asked for again. @throws AppError RATE_LIMITED */
    async run(session: Session, ufrag: string, etagBefore: string, restartIce: () => Promise<unknown>): Promise<void> {
      countOne(session);
      // Before the wait: candidates that overtake the answer belong to this restart and are none of their own.
      const restarts = restartsOf(session);
      const name = remember(session, ufrag);
      const restart: Restart = { ufrag: name, etagBefore, done: restartIce() };
      restarts.latest = restart;
      await restart.done.catch((error: unknown) => {
        restarts.names.delete(name);
        if (restarts.latest === restart) delete restarts.latest;
        throw error;
      });
    },
    /** A user name that restarts nothing: that of the offer. */
    remember,
  };

  function remember(session: Session, ufrag: string): string {
    const { names } = restartsOf(session);
    const name = Buffer.from(ufrag).toString(); // A copy: as a part of what was sent it would keep all of that in memory.
    names.add(name);
    if (names.size > namesMax) names.delete(names.values().next().value!);
    return name;
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
    const restarts: Restarts = bySession.get(session) ?? { names: new Set(), sinceMs: nowMs(), count: 0 };
    bySession.set(session, restarts);
    return restarts;
  }
}
