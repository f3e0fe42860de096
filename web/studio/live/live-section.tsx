import { RoomsList } from './rooms-list.tsx';
import { LiveConsole } from './live-console.tsx';

export function LiveSection({ roomId }: { roomId: string | null }) {
  return roomId ? <LiveConsole key={roomId} roomId={roomId} /> : <RoomsList />;
}
