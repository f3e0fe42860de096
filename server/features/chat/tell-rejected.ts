import type { ChatMessage } from '../../../shared/protocol/chat.ts';
import type { TellPerson } from '../../gateway/tell-person.ts';

/** Tells the sender of a message that waited that it will not be said. Who misses it learns it by sending the same key again. */
export type TellRejected = (
  roomId: string,
  message: Pick<ChatMessage, 'messageId' | 'senderId' | 'text'>,
  why: 'moderator' | 'crowded_out',
) => void;

export const createTellRejected =
  (tell: TellPerson): TellRejected =>
  (roomId, { messageId, senderId, text }, why) =>
    tell(senderId, 'chat:rejected', { roomId, messageId, text, why });
