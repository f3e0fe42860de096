import type { Log } from '../../platform/log.ts';
import type { EntryListeners } from '../room-log/entry-listeners.ts';
import { isOver } from '../../../shared/room-state.ts';
import { maySeeForSure, type Rooms } from '../room/rooms.ts';
import type { Sfu } from './sfu.ts';

type Needs = {
  sfu: Pick<Sfu, 'endAll'>;
  rooms: Pick<Rooms, 'relations'>;
  roomLog: { onEntry: EntryListeners['on'] };
  log: Log;
};

/**
 * Ends media sessions as soon as a room tells that a right has ended. Every gateway that serves the room hears it; where none
 * does, or media is away just then, the rights watch does it within seconds.
 */
export function hearRightsNews({ sfu, rooms, roomLog, log }: Needs): void {
  const act = (roomId: string, work: Promise<unknown>): void =>
    void work.catch((error: unknown) => log.debug({ err: error, roomId }, 'sessions are left to the rights watch'));

  roomLog.onEntry('room:changed', (roomId, room) => {
    if (isOver(room)) act(roomId, sfu.endAll({ roomId, reason: 'room-ended' }));
  });
  roomLog.onEntry('moderation:sanctioned', (roomId, { personId, kind }) => {
    if (kind === 'ban' || kind === 'kick') act(roomId, endUnlessAllowed(roomId, personId));
  });

  async function endUnlessAllowed(roomId: string, personId: string): Promise<void> {
    if (!(await maySeeForSure(rooms, roomId, personId)))
      await sfu.endAll({ roomId, ownerId: personId, reason: 'not-allowed' });
  }
}
