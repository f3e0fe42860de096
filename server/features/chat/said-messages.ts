import type { ChatMessage } from '../../../shared/protocol/chat.ts';
import type { Position } from '../../../shared/protocol/room.ts';
import type { createRoomLogFeature } from '../room-log/feature.ts';

type Needs = Pick<ReturnType<typeof createRoomLogFeature>, 'findEntry' | 'findAppended' | 'setAside' | 'forgetAside'>;

export type SaidMessages = ReturnType<typeof createSaidMessages>;

/** Looks up what was said. */
export function createSaidMessages({ findEntry, findAppended, setAside, forgetAside }: Needs) {
  return {
    /** A message that was said, taken back or not; null when there is none such. Asks the log itself, whatever this gateway has heard. */
    async find(roomId: string, messageId: string): Promise<{ message: ChatMessage; takenBack: boolean } | null> {
      const found = await findEntry(roomId, messageId);
      return found && { message: found.body as ChatMessage, takenBack: found.redacted };
    },
    /**
     * The message as it was said under its id, and its place; taken back or not. `aside`: it was set aside and not said since. Null
     * when neither is so, or so long ago that nobody remembers its id.
     */
    async first(
      roomId: string,
      messageId: string,
    ): Promise<{ message: ChatMessage; position: Position } | 'aside' | null> {
      const first = await findAppended(roomId, messageId);
      if (!first || first === 'aside') return first;
      return { message: first.body as ChatMessage, position: first.position };
    },
    /** Notes, before it is done, that a message is held instead of said. */
    setAside,
    /** It is not held after all. */
    forgetAside,
  };
}
