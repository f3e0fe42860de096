import type { Publisher } from '../../../shared/protocol/media.ts';
import type { RoomLog } from '../room-log/room-log.ts';
import type { Rooms } from '../room/rooms.ts';
import type { PublishersTold } from './publishers-told.pg.ts';

type Needs = {
  rooms: Pick<Rooms, 'get'>;
  roomLog: Pick<RoomLog, 'append' | 'setAggregate'>;
  told: Pick<PublishersTold, 'note'>;
};
type Change = { roomId: string; publishers: readonly Publisher[]; changeId: string };
export type TellPublishers = ReturnType<typeof createTellPublishers>;

/**
 * Tells a room who publishes in it now, the host first. Several gateways hear of the same change: `changeId` makes it one entry,
 * however often it is told. One that was held up may tell an older change behind a newer one: what is noted is what the last entry
 * says, so that this is found (stream-reconciling.ts). It is noted after it was told: whoever dies in between tells it once more.
 */
export function createTellPublishers({ rooms, roomLog, told }: Needs) {
  return async function tell({ roomId, publishers, changeId }: Change): Promise<void> {
    const { hostId } = await rooms.get(roomId);
    const isHost = ({ personId }: Publisher): number => Number(personId === hostId);
    const hostFirst = publishers.toSorted((one, other) => isHost(other) - isHost(one));
    const once = { senderId: 'media', clientKey: changeId };
    const { duplicate, ...at } = await roomLog.append(roomId, 'media:publishers', { publishers: hostFirst }, once);
    if (publishers.length === 0) for (const name of ['speakers', 'losing']) roomLog.setAggregate(roomId, name, '');
    // Whoever told it first notes it: a position that is told again may count in a log that has begun anew since.
    if (!duplicate) await told.note(roomId, hostFirst, at);
  };
}
