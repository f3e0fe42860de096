import { AppError } from '../../../shared/errors.ts';
import { isOver } from '../../../shared/room-state.ts';
import type { Rooms, RoomView } from '../room/rooms.ts';
import type { CoHosts } from './co-hosts.pg.ts';

export type Access = ReturnType<typeof createAccess>;

/** Who may publish and watch in which room. Asked at every new session, and again now and then while it lasts. */
export function createAccess({ rooms, coHosts }: { rooms: Rooms; coHosts: Pick<CoHosts, 'has'> }) {
  return {
    /** @throws AppError FORBIDDEN, NOT_FOUND, or CONFLICT when the show is over. */
    async toPublish(roomId: string, personId: string): Promise<void> {
      const room = await open(roomId);
      if (room.hostId === personId) return;
      const [relations, isCoHost] = await Promise.all([
        rooms.relations(roomId, personId),
        coHosts.has(roomId, personId),
      ]);
      if (!isCoHost || !relations.has('viewer'))
        throw new AppError('FORBIDDEN', 'Only the host and invited people publish here.');
    },
    /** @throws AppError FORBIDDEN, NOT_FOUND, or CONFLICT when the show is over. */
    async toWatch(roomId: string, personId: string): Promise<void> {
      await open(roomId);
      const relations = await rooms.relations(roomId, personId);
      if (relations.has('viewer')) return;
      throw (await rooms.whyNot(roomId, personId)) ?? new AppError('FORBIDDEN', 'You may not watch this room.');
    },
    /** As to watch, and who is no fan: an invitation lets them in. */
    async toBeInvited(roomId: string, personId: string): Promise<void> {
      const relations = await rooms.relations(roomId, personId);
      const refusal = relations.has('viewer') ? null : await rooms.whyNot(roomId, personId);
      if (relations.has('viewer') || refusal?.extras.reason === 'fans-only') return;
      throw refusal ?? new AppError('FORBIDDEN', 'They may not be in this room.');
    },
    /** The room, when there is a show to publish or watch. */
    open,
  };

  async function open(roomId: string): Promise<RoomView> {
    const room = await rooms.get(roomId);
    if (room.kind === 'group') throw new AppError('CONFLICT', 'A group has no show.', { reason: 'group-no-show' });
    if (isOver(room)) throw new AppError('CONFLICT', 'This show is over.', { reason: 'room-over' });
    return room;
  }
}
