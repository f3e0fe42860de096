import { useRoom } from '../../room/room-context.ts';
import { useLoaded } from '../../state/use-loaded.ts';
import { useStore } from '../../state/store.ts';
import type { StaffRole } from '../../../shared/protocol/room.ts';

export type Role = 'host' | StaffRole;

/** Whether one may sell, and start and end the show; moderators keep order in it. */
export const mayRun = (role: Role | null): boolean => role === 'host' || role === 'assistant';

/** What one is in this show, so that nobody is offered what the server would refuse. Null until known. */
export function useRole(): Role | null {
  const { ask, myId, room, roomId } = useRoom();
  const { hostId, version } = useStore(room) ?? {};
  const isHost = hostId === myId;
  const { loaded } = useLoaded(
    async () => (isHost || !hostId ? [] : (await ask('room:staff', { roomId })).staff),
    [roomId, hostId],
    [version], // Whoever is made an assistant becomes one at once.
  );
  if (isHost) return 'host';
  return loaded.state === 'ready' ? (loaded.value.find(({ personId }) => personId === myId)?.role ?? null) : null;
}
