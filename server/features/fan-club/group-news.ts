import { noId } from '../../platform/pages.ts';
import type { RoomLog } from '../room-log/room-log.ts';
import type { FanClubStore } from './fan-clubs.ts';

type Needs = {
  store: Pick<FanClubStore, 'liveToTell' | 'markTold' | 'announcementsToTell' | 'markAnnounced'>;
  log: RoomLog;
  /** Groups that are told of one thing in one round. */
  toldMax: number;
  onError: (error: unknown, groupRoomId: string) => void;
};

/**
 * Tells fan groups what their hosts announce, and that a show begins. Told first and noted afterwards: what the log could not
 * take is told in a later round, and the client key makes a second telling after a crash no second entry. Groups that can't be
 * told, however many, do not keep the others from hearing: each round goes on behind the last one.
 */
export function createGroupNews({ store, log, toldMax, onError }: Needs) {
  let [announcedUpTo, liveUpTo] = [noId, noId];

  return async function tellAll(): Promise<void> {
    const announced = await store.announcementsToTell(announcedUpTo, toldMax);
    announcedUpTo = announced.length < toldMax ? noId : announced.at(-1)!.clubId;
    for (const { clubId, groupRoomId, number, text } of announced)
      await guarded(groupRoomId, async () => {
        await log.append(groupRoomId, 'fan-club:announcement', { text }, once(`announcement:${number}`));
        await store.markAnnounced(clubId, number);
      });
    const live = await store.liveToTell(liveUpTo, toldMax);
    liveUpTo = live.length < toldMax ? noId : live.at(-1)!.roomId;
    for (const { groupRoomId, roomId, title } of live)
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
