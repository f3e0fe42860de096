import { useEffect } from 'preact/hooks';
import { useRoom } from '../../room/room-context.ts';
import { onNotice } from '../../session/connection.ts';
import { useLoaded } from '../../state/use-loaded.ts';

export type ReportsLoaded = ReturnType<typeof useReports>;

/** Lines that viewers have reported; read again when the server calls the staff. */
export function useReports(roomId: string) {
  const { ask } = useRoom();
  const { loaded, again } = useLoaded(async () => (await ask('chat:reports', { roomId })).reports, [roomId]);
  useEffect(
    () => onNotice<{ roomId: string }>('chat:waiting', (call) => call.roomId === roomId && void again()),
    [roomId],
  );
  return { loaded, again, waiting: loaded.state === 'ready' ? loaded.value.length : 0 };
}
