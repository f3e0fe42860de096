import type { RoomLog } from '../room-log/room-log.ts';
import type { FanClubStore } from './fan-clubs.ts';

type Needs = {
  store: Pick<FanClubStore, 'liveToTell' | 'markTold' | 'announcementsToTell' | 'markAnnounced'>;
  log: RoomLog;
  onError: (error: unknown, groupRoomId: string) => void;
};

/**
 * Tells fan groups what their hosts announce, and that a show begins. Told first and noted afterwards: what the log could not
 * take is told in the next round, and the client key makes a second telling after a crash no second entry. A group that can't be
 * told does not keep the others from hearing.
 */
export function createGroupNews({ store, log, onError }: Needs) {
  return async function tellAll(): Promise<void> {
    for (const { clubId, groupRoomId, number, text } of await store.announcementsToTell())
      await guarded(groupRoomId, async () => {
        await log.append(groupRoomId, 'fan-club:announcement', { text }, once(`announcement:${number}`));
        await store.markAnnounced(clubId, number);
      });
    for (const { groupRoomId, roomId, title } of await store.liveToTell())
      await guarded(groupRoomId, async () => {
        await log.append(groupRoomId, 'fan-club:live', { roomId, title }, once(`live:${roomId}`));
        await store.markTold(roomId);
      });
  };

  async function guarded(groupRoomId: string, tell: () => Promise<void>): Promise<void> {
    await tell().catch((error: unknown) => onError(error, groupRoomId));
  }
}

const once = (clientKey: string) => ({ senderId: 'server', clientKey });
