import { AppError } from '../shared/errors.ts';
import { mediaProcessLimits } from './limits.ts';
import type { Session, SessionRequest } from './room/session.ts';

type Direction = Session['direction'];
export type HalfOpen = ReturnType<typeof createHalfOpen>;

/**
 * What clients have begun and not finished. A publisher owes its handshake from the moment it has a session; a viewer as soon as
 * there is something to see, for a client connects no earlier: an audience that waits for its host owes nothing.
 */
export function createHalfOpen(nowMs: () => number) {
  const owing = { watch: new Map<Session, number>(), publish: new Map<Session, number>() };
  const opening = { watch: 0, publish: 0 };

  return {
    count: (): number => owing.watch.size + owing.publish.size,
    /**
     * Reserves a place while a session is being opened; call what it returns once it is open, or has failed.
     * @throws AppError RATE_LIMITED when too many clients don't finish.
     */
    reserve({ direction, roomId, ownerId }: Pick<SessionRequest, 'direction' | 'roomId' | 'ownerId'>): () => void {
      makePlace(direction, roomId, ownerId);
      opening[direction] += 1;
      return () => (opening[direction] -= 1);
    },
    /** From now on the client has to finish its handshake in time. */
    owes(session: Session): void {
      const sessions = owing[session.direction];
      if (!session.connected && !session.closed && !sessions.has(session)) sessions.set(session, nowMs());
    },
    settled: (session: Session): boolean => owing[session.direction].delete(session),
    /** Closes whoever let too much time pass. */
    sweep(): void {
      for (const [session, sinceMs] of [...owing.watch, ...owing.publish]) {
        if (nowMs() - sinceMs > mediaProcessLimits.connectWithinMs) session.close('half-open');
      }
    },
  };

  function makePlace(direction: Direction, roomId: string, ownerId: string): void {
    const sessions = owing[direction];
    const own = [...sessions.keys()].filter((session) => session.ownerId === ownerId && session.roomId === roomId);
    if (own.length >= mediaProcessLimits.halfOpenPerOwnerMax) return own[0]!.close('half-open');
    if (sessions.size + opening[direction] < mediaProcessLimits.halfOpenMax[direction]) return;
    throw new AppError('RATE_LIMITED', 'Too many connections are being set up.', { retryAfterMs: 2_000 });
  }
}
