import { AppError } from '../../../shared/errors.ts';
import { isOver } from '../../../shared/room-state.ts';
import type { RoomLog } from '../room-log/room-log.ts';
import type { Rooms } from '../room/rooms.ts';
import type { StreamWatch } from './media-events.ts';
import type { Sfu } from './sfu.ts';
import { tellPublishers } from './tell-publishers.ts';

type Needs = {
  sfu: Pick<Sfu, 'status' | 'sessions' | 'publishers'>;
  rooms: Rooms;
  watch: StreamWatch;
  roomLog: Pick<RoomLog, 'append' | 'setAggregate'>;
};

/** Longer than a publisher may be silent: whoever is missed twice in a row is gone, not on the way back. */
export const reconcileEveryMs = 5_000;

/**
 * Rooms follow what the media server tells once: that packets come, and that they no longer do. What is told while a database or
 * the link is away is lost, and a media server that died tells nothing. So what rooms believe is compared with what flows.
 *
 * The rooms are read first: a publisher that a room knows was seen before the media server is asked, so if it does not flow then,
 * it has stopped.
 */
export function createStreamReconciling({ sfu, rooms, watch, roomLog }: Needs) {
  let missed: ReadonlySet<string> = new Set();

  return async function look(): Promise<void> {
    const known = await watch.streaming();
    const flowing = await flowingPublishers();
    if (!flowing) return void (missed = new Set());
    const flowingIds = new Set(flowing.map(({ sessionId }) => sessionId));
    const gone = known.filter(({ publisherId }) => !flowingIds.has(publisherId));
    for (const { roomId, publisherId } of gone) {
      if (!missed.has(publisherId)) continue;
      // In this order: whoever is told to be lost is not looked at again.
      await tellWhoIsLeft(roomId, publisherId);
      await watch.streamLost(roomId, publisherId);
    }
    missed = new Set(gone.map(({ publisherId }) => publisherId));

    const knownIds = new Set(known.map(({ publisherId }) => publisherId));
    for (const { roomId, ownerId, sessionId } of flowing) {
      if (!knownIds.has(sessionId) && (await isShowOf(roomId, ownerId))) await watch.streamSeen(roomId, sessionId);
    }
  };

  /** Undefined while the media server can't be asked: nobody can tell then who streams. */
  async function flowingPublishers() {
    try {
      if ((await sfu.status({})).state !== 'ready') return undefined;
      return (await sfu.sessions({})).sessions.filter((session) => session.direction === 'publish' && session.flowing);
    } catch (error) {
      if (error instanceof AppError) return undefined;
      throw error;
    }
  }

  /** A media server that died did not tell who went with it. */
  async function tellWhoIsLeft(roomId: string, lostId: string): Promise<void> {
    const { publishers } = await sfu.publishers({ roomId });
    await tellPublishers({ rooms, roomLog }, { roomId, publishers, changeId: `without-${lostId}` });
    if (publishers.length === 0) roomLog.setAggregate(roomId, 'speakers', '');
  }

  async function isShowOf(roomId: string, ownerId: string): Promise<boolean> {
    const room = await rooms.get(roomId);
    return room.hostId === ownerId && !isOver(room);
  }
}
