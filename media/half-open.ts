import { AppError } from '../shared/errors.ts';
import { mediaProcessLimits } from './limits.ts';
import { noPlace } from './room/crowd.ts';
import type { Session, SessionRequest } from './room/session.ts';

export type HalfOpen = ReturnType<typeof createHalfOpen>;

/**
 * What clients have begun and not finished. A publisher owes its handshake from the moment it has a session; a viewer as soon as
 * they have asked for a stream, for a client connects no earlier. An audience that waits for its host owes nothing, but its sessions
 * don't stay for ever: whose gateway was killed, nobody else ends.
 *
 * @param hasRoom  whether one viewer more may come, beside so many who are just coming
 * @param isShown  whether there is something to watch in that room
 */
export function createHalfOpen(
  nowMs: () => number,
  hasRoom: (coming: number) => boolean,
  isShown: (roomId: string) => boolean,
) {
  /** Until when each has to have finished. */
  const owing = { watch: new Map<Session, number>(), publish: new Map<Session, number>() };
  /** Until when each viewer has to have asked for something. Not counted as half open: a waiting audience has nothing to finish. */
  const waiting = new Map<Session, number>();
  const opening = { watch: 0, publish: 0 };

  return {
    count: (): number => owing.watch.size + owing.publish.size,
    /**
     * Reserves a place while a session is being opened; call what it returns once it is open, or has failed.
     * @param own  sessions that the same person has in the room, the oldest first
     * @throws AppError RATE_LIMITED when too many clients don't finish, and for a viewer when there is no room for more.
     */
    reserve(request: SessionRequest, own: readonly Session[]): () => void {
      const { direction } = request;
      if (direction === 'watch') makePlaceAmongWaiting(request);
      makePlace(request, own);
      opening[direction] += 1;
      return () => (opening[direction] -= 1);
    },
    /** From now on the client has to finish its handshake in time. */
    owes(session: Session): void {
      const sessions = owing[session.direction];
      if (session.connected || session.closed || sessions.has(session)) return;
      waiting.delete(session);
      sessions.set(session, nowMs() + mediaProcessLimits.connectWithinMs);
    },
    /** A viewer has to ask for a stream in time. @param isShown there are some, at the latest from now on */
    waits(session: Session, isShown: boolean): void {
      if (session.connected || session.closed || owing.watch.has(session)) return;
      const dueMs = nowMs() + (isShown ? mediaProcessLimits.askWithinMs : mediaProcessLimits.waitWithinMs);
      waiting.set(session, Math.min(dueMs, waiting.get(session) ?? dueMs));
    },
    /** A viewer has asked, and can show nothing of what there is: they wait for something else. */
    waitsOn(session: Session): void {
      if (waiting.has(session)) waiting.set(session, nowMs() + mediaProcessLimits.waitWithinMs);
    },
    settled(session: Session): void {
      waiting.delete(session);
      owing[session.direction].delete(session);
    },
    /** Closes whoever let too much time pass. */
    sweep(): void {
      for (const [session, dueMs] of [...owing.watch, ...owing.publish])
        if (nowMs() > dueMs) session.close('half-open');
      // Not `half-open`: a page takes that for a network that lets nothing through.
      for (const [session, dueMs] of waiting) if (nowMs() > dueMs) session.close('lost');
    },
  };

  /** Nobody who watches already is ended for whoever comes: only who waits for something else. */
  function makePlaceAmongWaiting({ network, roomId }: SessionRequest): void {
    const isFull = !hasRoom(opening.watch);
    if (!isFull && waiting.size + opening.watch < mediaProcessLimits.waitingMax) return;
    // Room is kept for all who wait, and where nothing is shown it serves nobody yet.
    const idle = isFull && isShown(roomId) ? oldestWithNothingToWatch() : undefined;
    const leaves = idle ?? fullestBeside('network', network, [...waiting.keys()])?.[0];
    if (!leaves) throw noPlace('The media server has no room for one viewer more.');
    leaves.close('crowded-out');
  }

  function oldestWithNothingToWatch(): Session | undefined {
    return [...waiting.keys()].find((session) => !isShown(session.roomId));
  }

  function makePlace({ direction, roomId, network }: SessionRequest, own: readonly Session[]): void {
    const sessions = owing[direction];
    const unfinished = direction === 'publish' ? own.filter((session) => sessions.has(session)) : [];
    if (unfinished.length >= mediaProcessLimits.halfOpenPerPublisherMax) return unfinished[0]!.close('crowded-out');
    if (sessions.size + opening[direction] < mediaProcessLimits.halfOpenMax[direction]) return;
    const all = [...sessions.keys()];
    const here = all.filter((session) => session.roomId === roomId);
    const crowd = fullestBeside('roomId', roomId, all) ?? fullestBeside('network', network, here);
    if (crowd) return crowd[0]!.close('crowded-out');
    throw new AppError('RATE_LIMITED', 'Too many connections are being set up.', { retryAfterMs: 2_000 });
  }
}

/** Those who share the room or the network of which there are most, the oldest first; undefined when there are as many of one's own. */
function fullestBeside(
  by: 'roomId' | 'network',
  own: string | undefined,
  all: readonly Session[],
): Session[] | undefined {
  const groups = Map.groupBy(all, (session) => session[by]);
  const fullest = [...groups.values()].reduce((most, group) => (group.length > most.length ? group : most), []);
  return fullest.length > (groups.get(own)?.length ?? 0) + 1 ? fullest : undefined;
}
