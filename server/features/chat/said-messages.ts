import type { ChatMessage } from '../../../shared/protocol/chat.ts';
import type { Position } from '../../../shared/protocol/room.ts';
import type { LogEnd } from '../room-log/log-store.ts';

/** Looks up what was said. */
export type SaidMessages = {
  /** A message that was said and not taken back; null when there is none such. */
  find(roomId: string, messageId: string): Promise<ChatMessage | null>;
  /**
   * The message as it was said under its id, and its place; taken back or not. Null when it was not said, or so long ago that
   * nobody remembers its key.
   */
  first(
    roomId: string,
    message: Pick<ChatMessage, 'messageId' | 'senderId'>,
  ): Promise<{ message: ChatMessage; position: Position } | null>;
  /** Where the log of the room ends. */
  end(roomId: string): Promise<LogEnd | null>;
};
