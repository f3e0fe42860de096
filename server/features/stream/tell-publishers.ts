import type { Publisher } from '../../../shared/protocol/media.ts';
import type { RoomLog } from '../room-log/room-log.ts';
import type { Rooms } from '../room/rooms.ts';
import type { PublishersTold } from './publishers-told.pg.ts';

type Needs = { rooms: Rooms; roomLog: Pick<RoomLog, 'append' | 'setAggregate'>; told: Pick<PublishersTold, 'note'> };
type Change = { roomId: string; publishers: readonly Publisher[]; changeId: string };
export type TellPublishers = ReturnType<typeof createTellPublishers>;

/**
 * Tells a room who publishes in it now, the host first. Several gateways hear of the same change: `changeId` makes it one entry,
 * however often it is told. What is told is noted after it was: whoever dies in between tells it once more (stream-reconciling.ts).
 */
export function createTellPublishers({ rooms, roomLog, told }: Needs) {
  /** The last change of each room on its way: the next one waits for it. */
  const telling = new Map<string, Promise<unknown>>();

  return async function tell(change: Change): Promise<void> {
    const { roomId } = change;
    const before = telling.get(roomId) ?? Promise.resolve();
    const mine = before.catch(() => undefined).then(() => tellOne(change));
    telling.set(roomId, mine);
    await mine.finally(() => telling.get(roomId) === mine && telling.delete(roomId));
  };

  async function tellOne({ roomId, publishers, changeId }: Change): Promise<void> {
    const { hostId } = await rooms.get(roomId);
    const isHost = ({ personId }: Publisher): number => Number(personId === hostId);
    const hostFirst = publishers.toSorted((one, other) => isHost(other) - isHost(one));
    const once = { senderId: 'media', clientKey: changeId };
    await roomLog.append(roomId, 'media:publishers', { publishers: hostFirst }, once);
    if (publishers.length === 0) roomLog.setAggregate(roomId, 'speakers', '');
    await told.note(roomId, hostFirst);
  }
}
