import { AppError } from '../../../shared/errors.ts';
import type { MediaEvent } from '../../../shared/media-link.ts';
import { createBatches } from '../../platform/batches.ts';
import type { Log } from '../../platform/log.ts';
import type { RoomLog } from '../room-log/room-log.ts';
import type { Rooms } from '../room/rooms.ts';
import type { Sfu } from './sfu.ts';
import type { SocketSessions } from './socket-sessions.ts';
import type { StreamKeys } from './stream-keys.pg.ts';
import type { TellPublishers } from './tell-publishers.ts';

/** What the life of a room makes of its stream. */
export type StreamWatch = {
  /** The host's stream began, or goes on over another session; `tookOver`: which replaced one that was still there. */
  streamSeen(roomId: string, publisherId: string, tookOver: boolean): Promise<void>;
  streamLost(roomId: string, publisherId: string): Promise<void>;
  /** Rooms whose show is on, and the session that they think sends. */
  streaming(): Promise<{ roomId: string; publisherId: string }[]>;
};

type Needs = {
  sfu: Pick<Sfu, 'rooms'>;
  sockets: Pick<SocketSessions, 'hear' | 'catchUp'>;
  streamKeys: Pick<StreamKeys, 'noteEnd' | 'forgetEnd'>;
  rooms: Rooms;
  watch: StreamWatch;
  tellPublishers: TellPublishers;
  roomLog: Pick<RoomLog, 'setAggregate'>;
  log: Log;
};

type RoomMediaEvent = Exclude<MediaEvent, { type: 'streams' | 'quality' | 'lost' | 'reset' }>;

/** How often a gateway that has missed events, and could not ask for them, asks again. */
export const catchUpEveryMs = 1_000;

/** Events of all rooms that wait for a database. What is beyond is lost, until the next look at the room. */
const waitingMax = 10_000;

/**
 * Carries what the media server tells to sockets, to the room's life and to its log. Every gateway hears everything. What is lost on
 * the way of a room, the next look at it finds (stream-reconciling.ts); what is lost on the way of a socket, and whose line loses, is
 * asked for here.
 */
export function createMediaEvents({ sfu, sockets, streamKeys, rooms, watch, tellPublishers, roomLog, log }: Needs) {
  let isBehind = false;
  /** What was heard and is not done. Bounded by what may wait: what is refused is done. */
  const underWay = new Set<Promise<void>>();
  /** What happens in one room, one after the other. */
  const turns = createBatches<RoomMediaEvent, unknown>({
    itemsMax: 1,
    waitingMax,
    run: async (_roomId, [event]) => [await act(event!)],
  });

  return {
    hear(event: MediaEvent): void {
      sockets.hear(event);
      const done: Promise<void> = carryOn(event)
        .catch((error: unknown) => log.warn({ err: error, event: event.type }, 'a media event was not carried on'))
        .finally(() => underWay.delete(done));
      underWay.add(done);
    },
    /** Waits for what was heard until now: at a stop it is noted before the stores close. */
    async settled(): Promise<void> {
      await Promise.all(underWay);
    },
    /** After a cut, until it has worked. */
    catchUp,
  };

  async function carryOn(event: MediaEvent): Promise<void> {
    switch (event.type) {
      case 'streams':
      case 'quality':
      case 'lost':
        return; // For sockets alone.
      case 'reset':
        isBehind = true;
        return catchUp();
      case 'closed':
        if (event.endedKeyId) await turns.add(event.roomId, event);
        return;
      default:
        await turns.add(event.roomId, event);
    }
  }

  async function act(event: RoomMediaEvent): Promise<void> {
    switch (event.type) {
      case 'flowing':
        if (await isHost(event)) await watch.streamSeen(event.roomId, event.sessionId, event.tookOver);
        if (event.keyId) await streamKeys.forgetEnd(event.keyId);
        return;
      case 'silent':
        if (await isHost(event)) await watch.streamLost(event.roomId, event.sessionId);
        return;
      case 'publishers':
        return tellPublishers(event);
      case 'speakers':
        roomLog.setAggregate(event.roomId, 'speakers', event.speakers.map(({ ownerId }) => ownerId).join(' '));
        return;
      case 'losing':
        return setLosing(event);
      case 'closed':
        return streamKeys.noteEnd(event.endedKeyId!, event.reason);
    }
  }

  async function catchUp(): Promise<void> {
    if (!isBehind) return;
    isBehind = false;
    await Promise.all([sockets.catchUp(), catchUpLosing()]).catch((error: unknown) => {
      isBehind = true;
      throw error;
    });
  }

  /** That a line loses no more is told once. Where media can't be had nothing is sent, and once it can be there is another word to catch up. */
  async function catchUpLosing(): Promise<void> {
    const { rooms: inMedia } = await sfu.rooms({}).catch((error: unknown) => {
      if (error instanceof AppError) return { rooms: [] };
      throw error;
    });
    for (const { roomId, losing = [] } of inMedia) setLosing({ roomId, ownerIds: losing });
  }

  function setLosing({ roomId, ownerIds }: { roomId: string; ownerIds: readonly string[] }): void {
    roomLog.setAggregate(roomId, 'losing', ownerIds.join(' '));
  }

  /** Co-hosts come and go; the show lives by its host's stream. */
  async function isHost({ roomId, ownerId }: { roomId: string; ownerId: string }): Promise<boolean> {
    return (await rooms.get(roomId)).hostId === ownerId;
  }
}
