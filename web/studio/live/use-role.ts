import { useRoom } from '../../room/room-context.ts';
import { useLoaded } from '../../state/use-loaded.ts';
import type { Room, StaffRole } from '../../../shared/protocol/room.ts';

export type Role = 'host' | StaffRole;

/** Whether one may sell, and start and end the show; moderators keep order in it. */
export const mayRun = (role: Role | null): boolean => role === 'host' || role === 'assistant';

/** What one is in this show, so that nobody is offered what the server would refuse. Null until known. */
export function useRole({ hostId, roomId }: Room): Role | null {
  const { ask, myId } = useRoom();
  const isHost = hostId === myId;
  const { loaded } = useLoaded(
    async () => (isHost ? [] : (await ask('room:staff', { roomId })).staff),
    [roomId, isHost],
  );
  if (isHost) return 'host';
  return loaded.state === 'ready' ? (loaded.value.find(({ personId }) => personId === myId)?.role ?? null) : null;
}
