import { AppError } from '../../shared/errors.ts';
import { mediaLimits } from '../../shared/protocol/media.ts';
import { mediaProcessLimits } from '../limits.ts';
import { isWatching, type Session, type SessionRequest } from './session.ts';

/** Who finds no place asks again after so long. */
const fullForMs = 10_000;
/** One person with many players who all watch. */
const refusedForMs = 5_000;

/** In a room, or for one more room. */
export const noPlace = (detail: string): AppError =>
  new AppError('RATE_LIMITED', detail, { reason: 'media-full', retryAfterMs: fullForMs });

/** Who has a session in a room, and who else may have one. */
export function createCrowd(nowMs: () => number) {
  const sessions = new Map<string, Session>();
  /** Those of them that publish, apart: they are looked for at every join, among thousands who watch. */
  const publishing = new Set<Session>();
  /** Of each person: since when they are there. In the order they came. */
  const byOwner = new Map<string, Map<Session, number>>();
  /** Sessions on their way: they count as if they were there, or many at once would pass a limit together. */
  const opening = new Set<SessionRequest>();

  return {
    sessions: sessions as ReadonlyMap<string, Session>,
    publishing: publishing as ReadonlySet<Session>,
    of,
    hasPublishers: (): boolean => publishing.size > 0 || [...opening].some(({ direction }) => direction === 'publish'),
    /** Viewers are there, and nobody is or comes whom they could watch. */
    isAudience: (): boolean => sessions.size > 0 && opening.size === 0 && publishing.size === 0,
    isEmpty: (): boolean => sessions.size === 0 && opening.size === 0,
    /** Counts this session from now on; call what it returns once it is there, or has failed. @throws AppError when it is one too many. */
    expect(request: SessionRequest): () => void {
      if (request.direction === 'publish') refuseManyPublishers(request);
      else {
        refuseManyViewers();
        makePlaceAmongOwn(request);
      }
      opening.add(request);
      return () => opening.delete(request);
    },
    add(session: Session): void {
      sessions.set(session.sessionId, session);
      byOwner.set(session.ownerId, (byOwner.get(session.ownerId) ?? new Map<Session, number>()).set(session, nowMs()));
      if (session.direction === 'publish') publishing.add(session);
    },
    remove(session: Session): void {
      sessions.delete(session.sessionId);
      publishing.delete(session);
      const own = byOwner.get(session.ownerId);
      own?.delete(session);
      if (own?.size === 0) byOwner.delete(session.ownerId);
    },
  };

  /** All sessions of one person, the oldest first. */
  function of(ownerId: string): Session[] {
    return [...(byOwner.get(ownerId)?.keys() ?? [])];
  }

  /** Of viewers alone: a crowd, whether it watches or only waits, must not keep out whom it came for. */
  function refuseManyViewers(): void {
    const coming = [...opening].filter(isWatching).length;
    if (sessions.size - publishing.size + coming >= mediaProcessLimits.viewersPerRoomMax)
      throw noPlace('The room is full.');
  }

  function refuseManyPublishers({ ownerId }: SessionRequest): void {
    const coming = [...opening].filter(({ direction }) => direction === 'publish');
    const owners = new Set([...publishing, ...coming].map((session) => session.ownerId)).add(ownerId);
    if (owners.size > mediaLimits.publishersMax)
      throw new AppError('CONFLICT', 'As many people as possible publish already.', { reason: 'too-many' });
  }

  /**
   * What nobody may be behind makes place, the oldest first, but not before it had time to connect: else of many that begin at once
   * each would push out another, and none would ever get through. Who really watches so often is refused.
   */
  function makePlaceAmongOwn({ ownerId }: SessionRequest): void {
    const own = of(ownerId).filter(isWatching);
    const coming = [...opening].filter((request) => request.ownerId === ownerId && isWatching(request));
    if (own.length + coming.length < mediaProcessLimits.watchSessionsPerOwnerMax) return;
    const unused = own.find(({ connected }) => !connected);
    const leftMs = unused
      ? byOwner.get(ownerId)!.get(unused)! + mediaProcessLimits.leftAloneMs - nowMs()
      : refusedForMs;
    if (unused && leftMs <= 0) return unused.close('crowded-out');
    throw new AppError('RATE_LIMITED', 'One person watches a room no more often than that.', {
      reason: 'too-many',
      retryAfterMs: Math.ceil(leftMs),
    });
  }
}
