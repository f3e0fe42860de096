import type { MediaEvent } from '../../../shared/media-link.ts';
import type { Log } from '../../platform/log.ts';
import type { RoomLog } from '../room-log/room-log.ts';
import type { Rooms } from '../room/rooms.ts';
import type { Sfu } from './sfu.ts';
import type { SocketSessions } from './socket-sessions.ts';
import type { StreamKeys } from './stream-keys.pg.ts';
import { tellPublishers } from './tell-publishers.ts';

/** What the life of a room makes of its stream. */
export type StreamWatch = {
  /** The host's stream began, or goes on over another session. */
  streamSeen(roomId: string, publisherId: string): Promise<void>;
  streamLost(roomId: string, publisherId: string): Promise<void>;
  /** Rooms whose show is on, and the session that they think sends. */
  streaming(): Promise<{ roomId: string; publisherId: string }[]>;
};

type Needs = {
  sfu: Pick<Sfu, 'sessions' | 'publishers'>;
  sockets: SocketSessions;
  streamKeys: Pick<StreamKeys, 'noteEnd'>;
  rooms: Rooms;
  watch: StreamWatch;
  roomLog: Pick<RoomLog, 'append' | 'setAggregate'>;
  log: Log;
};

/** Carries what the media server tells to sockets, to the room's life and to its log. Every gateway hears everything. */
export function createMediaEvents({ sfu, sockets, streamKeys, rooms, watch, roomLog, log }: Needs) {
  /** The change that told who publishes in a room, while anybody does: a media server that dies does not take it back. */
  const told = new Map<string, string>();

  return function hear(event: MediaEvent): void {
    sockets.hear(event);
    act(event).catch((error: unknown) =>
      log.warn({ err: error, event: event.type }, 'a media event was not carried on'),
    );
  };

  async function act(event: MediaEvent): Promise<void> {
    switch (event.type) {
      case 'flowing':
        if (await isHost(event)) await watch.streamSeen(event.roomId, event.sessionId);
        return;
      case 'silent':
        if (await isHost(event)) await watch.streamLost(event.roomId, event.sessionId);
        return;
      case 'publishers':
        if (event.publishers.length > 0) told.set(event.roomId, event.changeId);
        else told.delete(event.roomId);
        await tellPublishers({ rooms, roomLog }, event);
        return;
      case 'speakers':
        roomLog.setAggregate(event.roomId, 'speakers', event.speakers.map(({ ownerId }) => ownerId).join(' '));
        return;
      case 'reset': {
        const asked = sockets.open();
        const { sessions } = await sfu.sessions({});
        sockets.keepOnly(asked, new Set(sessions.map(({ sessionId }) => sessionId)));
        for (const [roomId, changeId] of [...told]) await takeBack(roomId, changeId);
        return;
      }
      case 'closed':
        if (event.keyId) await streamKeys.noteEnd(event.keyId, event.reason);
        return;
      case 'streams':
      case 'quality':
        return;
    }
  }

  /** Tells a room that nobody publishes in it any more, unless somebody does or has been told of since. */
  async function takeBack(roomId: string, changeId: string): Promise<void> {
    const { publishers } = await sfu.publishers({ roomId });
    if (publishers.length > 0 || told.get(roomId) !== changeId) return;
    told.delete(roomId);
    roomLog.setAggregate(roomId, 'speakers', '');
    await tellPublishers({ rooms, roomLog }, { roomId, publishers, changeId: `after-${changeId}` });
  }

  /** Co-hosts come and go; the show lives by its host's stream. */
  async function isHost({ roomId, ownerId }: { roomId: string; ownerId: string }): Promise<boolean> {
    return (await rooms.get(roomId)).hostId === ownerId;
  }
}
