import type { ChatMessage } from '../../../shared/protocol/chat.ts';
import type { LogEnd } from '../room-log/log-store.ts';

/** Looks up what was said. */
export type SaidMessages = {
  /** A message that was said and not taken back; null when there is none such. */
  find(roomId: string, messageId: string): Promise<ChatMessage | null>;
  /** Where the log of the room ends. */
  end(roomId: string): Promise<LogEnd | null>;
};
