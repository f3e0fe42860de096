import { AppError } from '../../../shared/errors.ts';
import type { Publisher } from '../../../shared/protocol/media.ts';
import { eachOf, eachTried } from '../../platform/each-of.ts';
import type { Access } from './access.ts';
import type { MediaWay } from './media-way.ts';
import type { MutedPublishers } from './muted-publishers.pg.ts';
import type { Sfu } from './sfu.ts';
import type { StreamKeys } from './stream-keys.pg.ts';

type Needs = {
  sfu: Pick<Sfu, 'rooms' | 'watching' | 'endAll' | 'mute'>;
  way: Pick<MediaWay, 'isThere'>;
  access: Pick<Access, 'open' | 'toPublish' | 'toWatch'>;
  streamKeys: Pick<StreamKeys, 'revokedAmong'>;
  mutedPublishers: Pick<MutedPublishers, 'in' | 'of'>;
};
type MediaRoom = Awaited<ReturnType<Sfu['rooms']>>['rooms'][number];
type Session = { roomId: string; sessionId: string; ownerId: string };
type Direction = 'publish' | 'watch';

/** How often rights are looked at again: twice within the 5 s in which a revocation takes effect. */
export const rightsWatchEveryMs = 2_000;
/** Viewers who are asked for again at a look; the next look goes on behind them. Publishers are few, and each look asks for all. */
const viewersPerLookMax = 2_000;
/** Of people and of rooms, at a time. */
const askedAtOnceMax = 20;

/**
 * Ends sessions whose right has ended since they began: the show is over, the stream key was revoked, the person was
 * banned or is no longer a co-host. And mutes who should be muted. All that is also told at once, as a rule (rights-news.ts, stream.ts);
 * this catches the rest.
 */
export function createRightsWatch({ sfu, way, access, streamKeys, mutedPublishers }: Needs) {
  const rights = { publish: access.toPublish, watch: access.toWatch };
  /** Number of the last viewer's session that was looked at. */
  let after = 0;
  /** Some of these viewers could not be asked for or ended, and are looked at once more: no oftener, lest one of them hide all behind them. */
  let isSecondLook = false;

  return async function look(): Promise<void> {
    const found = await inMedia();
    if (!found) return;
    const over = await roomsThatAreOver(found.rooms);
    const rooms = found.rooms.filter(({ roomId }) => !over.has(roomId));
    const publishing = rooms.flatMap((room) => room.publishing);
    const done = await Promise.allSettled([
      endUnlessAllowed(
        found.watching.filter(({ roomId }) => !over.has(roomId)),
        'watch',
      ),
      eachTried([...over], askedAtOnceMax, (roomId) => sfu.endAll({ roomId, reason: 'room-ended' })),
      endRevoked(publishing),
      // A stream key has rights of its own.
      endUnlessAllowed(
        publishing.filter(({ keyId }) => keyId === null),
        'publish',
      ),
      muteWhoShouldBe(rooms),
    ]);
    isSecondLook = done[0].status === 'rejected' && !isSecondLook;
    if (!isSecondLook) after = found.watching.length < viewersPerLookMax ? 0 : found.watching.at(-1)!.number;
    for (const step of done) if (step.status === 'rejected') throw step.reason as Error;
  };

  /** Undefined while the media server can't be asked. */
  async function inMedia() {
    if (!way.isThere()) return undefined;
    try {
      const [{ rooms }, { sessions }] = await Promise.all([
        sfu.rooms({}),
        sfu.watching({ after, max: viewersPerLookMax }),
      ]);
      return { rooms, watching: sessions };
    } catch (error) {
      if (error instanceof AppError) return undefined;
      throw error;
    }
  }

  async function roomsThatAreOver(rooms: readonly MediaRoom[]): Promise<Set<string>> {
    const over = new Set<string>();
    await eachOf(rooms, askedAtOnceMax, async ({ roomId }) => {
      if (!(await holds(() => access.open(roomId)))) over.add(roomId);
    });
    return over;
  }

  async function endRevoked(sessions: MediaRoom['publishing']): Promise<void> {
    const keys = new Map(sessions.flatMap(({ roomId, keyId }) => (keyId === null ? [] : [[keyId, roomId]])));
    const revoked = keys.size > 0 ? await streamKeys.revokedAmong([...keys.keys()]) : [];
    await eachTried(revoked, askedAtOnceMax, (keyId) =>
      sfu.endAll({ roomId: keys.get(keyId)!, keyId, reason: 'key-revoked' }),
    );
  }

  /** Somebody with several tabs open is asked for once. All that they have ends in one call, which stands behind no crowd (sfu.http.ts). */
  async function endUnlessAllowed(sessions: readonly Session[], direction: Direction): Promise<void> {
    const people = new Map(sessions.map(({ roomId, ownerId }) => [`${roomId} ${ownerId}`, { roomId, ownerId }]));
    await eachTried([...people.values()], askedAtOnceMax, async ({ roomId, ownerId }) => {
      if (await holds(() => rights[direction](roomId, ownerId))) return;
      await sfu.endAll({ roomId, ownerId, direction, reason: 'not-allowed' });
    });
  }

  /** Whoever wrote a mute down may have died before it was done. */
  async function muteWhoShouldBe(rooms: readonly MediaRoom[]): Promise<void> {
    const heard = rooms.flatMap(({ roomId, publishers }) => publishers.map((publisher) => ({ roomId, ...publisher })));
    const wanted = new Set(
      heard.length > 0 ? (await mutedPublishers.in(heard.map(({ roomId }) => roomId))).map(keyOf) : [],
    );
    const isWrong = ({ roomId, personId, kinds, muted }: Publisher & { roomId: string }): boolean =>
      kinds.some((kind) => wanted.has(keyOf({ roomId, personId, kind })) !== muted.includes(kind));
    for (const { roomId, personId } of heard.filter(isWrong))
      await sfu.mute({ roomId, ownerId: personId, muted: await mutedPublishers.of(roomId, personId) });
  }
}

const keyOf = ({ roomId, personId, kind }: { roomId: string; personId: string; kind: string }): string =>
  `${roomId} ${personId} ${kind}`;

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
