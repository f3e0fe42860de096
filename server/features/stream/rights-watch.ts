import { AppError } from '../../../shared/errors.ts';
import { eachOf } from '../../platform/each-of.ts';
import type { Access } from './access.ts';
import type { Sfu } from './sfu.ts';
import type { StreamKeys } from './stream-keys.pg.ts';

type Needs = { sfu: Sfu; access: Access; streamKeys: Pick<StreamKeys, 'revokedAmong'> };
type Session = Awaited<ReturnType<Sfu['sessions']>>['sessions'][number];

/** How often rights are looked at again: twice within the 5 s in which a revocation takes effect. */
export const rightsWatchEveryMs = 2_000;
/** People who are asked for again at a look; the next look goes on behind them. */
const peoplePerLookMax = 2_000;
/** Of them, at a time. */
const askedAtOnceMax = 20;

/**
 * Ends sessions whose right has ended since they began: the show is over, the stream key was revoked, the person was
 * banned or is no longer a co-host. What ends a right is also told at once, as a rule (rights-news.ts); this catches the rest.
 */
export function createRightsWatch({ sfu, access, streamKeys }: Needs) {
  let from = 0;

  return async function look(): Promise<void> {
    const { sessions } = await sfu.sessions({}).catch(() => ({ sessions: [] as Session[] }));
    const closedRooms = await roomsThatAreOver(sessions);
    for (const roomId of closedRooms) await sfu.endAll({ roomId, reason: 'room-ended' });

    const open = sessions.filter(({ roomId }) => !closedRooms.has(roomId));
    const keyIds = [...new Set(open.flatMap(({ keyId }) => keyId ?? []))];
    const revoked = new Set(keyIds.length > 0 ? await streamKeys.revokedAmong(keyIds) : []);
    for (const session of open) if (session.keyId && revoked.has(session.keyId)) await end(session, 'key-revoked');

    const people = peopleOf(open);
    from = from >= people.length ? 0 : from;
    const next = people.slice(from, from + peoplePerLookMax);
    from += peoplePerLookMax;
    await eachOf(next, askedAtOnceMax, endUnlessAllowed);
  };

  async function endUnlessAllowed(sessions: Session[]): Promise<void> {
    if (await isAllowed(sessions[0]!)) return;
    for (const session of sessions) await end(session, 'not-allowed');
  }

  async function roomsThatAreOver(sessions: Session[]): Promise<Set<string>> {
    const over = new Set<string>();
    for (const roomId of new Set(sessions.map((session) => session.roomId))) {
      if (!(await holds(() => access.open(roomId)))) over.add(roomId);
    }
    return over;
  }

  function isAllowed({ direction, roomId, ownerId }: Session): Promise<boolean> {
    return holds(() => (direction === 'publish' ? access.toPublish(roomId, ownerId) : access.toWatch(roomId, ownerId)));
  }

  async function end({ roomId, sessionId }: Session, reason: 'key-revoked' | 'not-allowed'): Promise<void> {
    await sfu.end({ roomId, sessionId, reason });
  }
}

/** Sessions by person: somebody with several tabs open is asked for once. A stream key has rights of its own. */
const peopleOf = (sessions: Session[]): Session[][] => [
  ...Map.groupBy(
    sessions.filter(({ keyId }) => keyId === null),
    personOf,
  ).values(),
];

const personOf = ({ direction, roomId, ownerId }: Session): string => `${direction} ${roomId} ${ownerId}`;

/** Only a clear no ends a session; a database that is away does not. */
async function holds(check: () => Promise<unknown>): Promise<boolean> {
  try {
    await check();
    return true;
  } catch (error) {
    if (error instanceof AppError && ['CONFLICT', 'FORBIDDEN', 'NOT_FOUND'].includes(error.code)) return false;
    throw error;
  }
}
