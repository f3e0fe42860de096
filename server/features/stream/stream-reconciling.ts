import { newId } from '../../../shared/ids.ts';
import type { Publisher } from '../../../shared/protocol/media.ts';
import { isOver } from '../../../shared/room-state.ts';
import type { Rooms } from '../room/rooms.ts';
import type { StreamWatch } from './media-events.ts';
import type { MediaWay } from './media-way.ts';
import type { PublishersTold } from './publishers-told.pg.ts';
import type { Sfu } from './sfu.ts';
import type { TellPublishers } from './tell-publishers.ts';

type Needs = {
  sfu: Pick<Sfu, 'status' | 'rooms'>;
  rooms: Rooms;
  watch: StreamWatch;
  told: Pick<PublishersTold, 'all'>;
  way: Pick<MediaWay, 'isThere' | 'isGone' | 'answerOf'>;
  tellPublishers: TellPublishers;
};
type MediaRoom = Awaited<ReturnType<Sfu['rooms']>>['rooms'][number];

/** Longer than a publisher may be silent: whoever is missed twice in a row is gone, not on the way back. */
export const reconcileEveryMs = 3_500;

/**
 * Rooms follow what the media server tells once: that packets come, that they no longer do, and who publishes. What is told while a
 * database or the link is away is lost, a media server that died tells nothing, and a gateway that died tells nobody. So what rooms
 * believe is compared with what is.
 *
 * What rooms believe is read first: it was so before the media server is asked, so what is different then has changed. Twice in a
 * row it was not on its way.
 */
export function createStreamReconciling({ sfu, rooms, watch, told, way, tellPublishers }: Needs) {
  let missed: ReadonlySet<string> = new Set();
  let mistold: ReadonlySet<string> = new Set();

  return async function look(): Promise<void> {
    const [streaming, believed] = await Promise.all([watch.streaming(), told.all()]);
    const inMedia = (await roomsInMedia()) ?? (await nothingIfGone());
    if (!inMedia) return void (missed = mistold = new Set());
    await correctPublishers(new Map(believed.map(({ roomId, publishers }) => [roomId, publishers])), inMedia);
    await correctStreams(streaming, inMedia);
  };

  async function correctPublishers(believed: ReadonlyMap<string, Publisher[]>, inMedia: MediaRoom[]): Promise<void> {
    const actual = new Map(inMedia.map(({ roomId, publishers }) => [roomId, publishers]));
    const wrong = [...new Set([...believed.keys(), ...actual.keys()])].filter(
      (roomId) => textOf(believed.get(roomId)) !== textOf(actual.get(roomId)),
    );
    const twice = wrong.filter((roomId) => mistold.has(roomId));
    mistold = new Set(wrong);
    for (const roomId of twice)
      await tellPublishers({ roomId, publishers: actual.get(roomId) ?? [], changeId: `corrected-${newId()}` });
  }

  async function correctStreams(known: { roomId: string; publisherId: string }[], inMedia: MediaRoom[]): Promise<void> {
    const flowing = inMedia.flatMap(({ publishing }) => publishing.filter((session) => session.flowing));
    const flowingIds = new Set(flowing.map(({ sessionId }) => sessionId));
    const gone = known.filter(({ publisherId }) => !flowingIds.has(publisherId));
    for (const { roomId, publisherId } of gone) {
      if (missed.has(publisherId)) await watch.streamLost(roomId, publisherId);
    }
    missed = new Set(gone.map(({ publisherId }) => publisherId));

    const knownIds = new Set(known.map(({ publisherId }) => publisherId));
    for (const { roomId, ownerId, sessionId, tookOver } of flowing) {
      if (!knownIds.has(sessionId) && (await isShowOf(roomId, ownerId)))
        await watch.streamSeen(roomId, sessionId, tookOver);
    }
  }

  /** Undefined while the media server can't be asked. */
  async function roomsInMedia(): Promise<MediaRoom[] | undefined> {
    if (!way.isThere()) return undefined;
    if ((await way.answerOf(sfu.status({})))?.state !== 'ready') return undefined;
    return (await way.answerOf(sfu.rooms({})))?.rooms;
  }

  /** Nobody can tell at first who streams. But a media server that stays away must not leave shows live for ever. */
  async function nothingIfGone(): Promise<MediaRoom[] | undefined> {
    return (await way.isGone()) ? [] : undefined;
  }

  async function isShowOf(roomId: string, ownerId: string): Promise<boolean> {
    const room = await rooms.get(roomId);
    return room.hostId === ownerId && !isOver(room);
  }
}

/** To be compared: rooms are told of the host first, the media server of whoever came first. */
const textOf = (publishers: readonly Publisher[] = []): string =>
  publishers
    .map(({ personId, kinds, muted }) => [personId, kinds.toSorted().join(), muted.toSorted().join()].join(' '))
    .sort()
    .join('\n');
