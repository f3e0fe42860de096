import type { Publisher } from '../../../shared/protocol/media.ts';
import type { RoomLog } from '../room-log/room-log.ts';
import type { Rooms } from '../room/rooms.ts';

type Needs = { rooms: Rooms; roomLog: Pick<RoomLog, 'append'> };

/**
 * Tells a room who publishes in it now, the host first. Several gateways hear of the same change: `changeId` makes it one entry,
 * however often it is told.
 */
export async function tellPublishers(
  { rooms, roomLog }: Needs,
  { roomId, publishers, changeId }: { roomId: string; publishers: readonly Publisher[]; changeId: string },
): Promise<void> {
  const { hostId } = await rooms.get(roomId);
  const isHost = ({ personId }: Publisher): number => Number(personId === hostId);
  const hostFirst = publishers.toSorted((one, other) => isHost(other) - isHost(one));
  const once = { senderId: 'media', clientKey: changeId };
  await roomLog.append(roomId, 'media:publishers', { publishers: hostFirst }, once);
}
