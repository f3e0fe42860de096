import { useEffect } from 'preact/hooks';
import { useRoom } from '../../room/room-context.ts';
import { onNotice } from '../../session/connection.ts';
import { useLoaded } from '../../state/use-loaded.ts';

export type Review = ReturnType<typeof useReview>;

/** Messages that wait for a decision, oldest first; read again when the server calls the staff. */
export function useReview(roomId: string) {
  const { ask } = useRoom();
  const { loaded, again } = useLoaded(async () => (await ask('chat:held', { roomId })).held, [roomId]);
  useEffect(
    () => onNotice<{ roomId: string }>('chat:waiting', (call) => call.roomId === roomId && void again()),
    [roomId],
  );
  return { loaded, again };
}
