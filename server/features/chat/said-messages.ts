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
  /** Whether a message was taken back, not long ago, by the key that `takeBackKey` gives. Asks the log itself. */
  isTakenBack(roomId: string, messageId: string): Promise<boolean>;
  /** Notes, before it is done, that a message is held instead of said. */
  setAside(roomId: string, message: MessageKey): Promise<void>;
  /** Where the log of the room ends. */
  end(roomId: string): Promise<LogEnd | null>;
};

/** A message is taken back once, whoever does it. */
export const takeBackKey = (messageId: string): string => `delete-${messageId}`;
