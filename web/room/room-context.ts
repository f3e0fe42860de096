import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { RoomSession } from './room-session.ts';

const RoomContext = createContext<RoomSession | null>(null);

export const InRoom = RoomContext.Provider;

/** The room around this part of the page. */
export function useRoom(): RoomSession {
  const room = useContext(RoomContext);
  if (!room) throw new Error('used outside of a room');
  return room;
}
