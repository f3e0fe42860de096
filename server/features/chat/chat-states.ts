import type { ChatState } from '../../../shared/protocol/chat.ts';

type Known = { state: Promise<ChatState>; readAtMs: number };

/** A gateway that does not serve a room does not hear of its changes: what it read is believed this long, ms. */
const freshMs = 2_000;
const roomsMax = 5_000;

export type ChatStates = ReturnType<typeof createChatStates>;

/** How people may chat in each room; read once every few seconds however many speak, and anew when the log says it changed. */
export function createChatStates({
  read,
  nowMs,
}: {
  read: (roomId: string) => Promise<ChatState>;
  nowMs: () => number;
}) {
  const known = new Map<string, Known>();

  return {
    of(roomId: string): Promise<ChatState> {
      const found = known.get(roomId);
      if (found && nowMs() - found.readAtMs < freshMs) return found.state;
      const state = read(roomId);
      known.delete(roomId);
      known.set(roomId, { state, readAtMs: nowMs() });
      if (known.size > roomsMax) known.delete(known.keys().next().value!);
      state.catch(() => known.delete(roomId));
      return state;
    },
    forget: (roomId: string): void => void known.delete(roomId),
  };
}
