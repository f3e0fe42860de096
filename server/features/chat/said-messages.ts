import type { ChatMessage } from '../../../shared/protocol/chat.ts';
import type { Position } from '../../../shared/protocol/room.ts';
import type { LogEnd } from '../room-log/log-store.ts';

type MessageKey = Pick<ChatMessage, 'messageId' | 'senderId'>;

/** Looks up what was said. */
export type SaidMessages = {
  /** A message that was said and not taken back; null when there is none such. */
  find(roomId: string, messageId: string): Promise<ChatMessage | null>;
  /**
   * The message as it was said under its id, and its place; taken back or not. `aside`: it was set aside and not said since. Null
   * when neither is so, or so long ago that nobody remembers its key.
   */
  first(roomId: string, message: MessageKey): Promise<{ message: ChatMessage; position: Position } | 'aside' | null>;
  /** Notes, before it is done, that a message is held instead of said. */
  setAside(roomId: string, message: MessageKey): Promise<void>;
  /** Where the log of the room ends. */
  end(roomId: string): Promise<LogEnd | null>;
};
