import { inTime } from '../../platform/in-time.ts';
import type { Log } from '../../platform/log.ts';
import type { EntryListeners } from '../room-log/entry-listeners.ts';
import { isOver } from '../../../shared/room-state.ts';
import type { Rooms } from '../room/rooms.ts';
import type { Sfu } from './sfu.ts';

type Needs = {
  sfu: Pick<Sfu, 'endAll'>;
  rooms: Pick<Rooms, 'relations'>;
  roomLog: { onEntry: EntryListeners['on'] };
  log: Log;
};

/** So long is waited for PostgreSQL to say that somebody may stay of whom a ban or a kick was told, ms. */
const askMsMax = 1_000;

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

  /** A word that was on its way for long may be of a kick that is over, or a ban that was lifted. Who can't be asked about goes. */
  async function endUnlessAllowed(roomId: string, personId: string): Promise<void> {
    const asked = rooms.relations(roomId, personId).then((relations) => relations.has('viewer'));
    const may = await inTime(asked, askMsMax, false).catch(() => false);
    if (!may) await sfu.endAll({ roomId, ownerId: personId, reason: 'not-allowed' });
  }
}
