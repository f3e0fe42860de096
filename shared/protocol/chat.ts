import { z } from 'zod';
import { Id, RequestKey } from '../ids.ts';
import { limits } from '../limits.ts';
import { command, roomEvent } from './define.ts';
import { Position } from './room.ts';

export const Badge = z.enum(['host', 'moderator', 'assistant']);
export type Badge = z.infer<typeof Badge>;

/** A chat message. `text` is data, never markup. */
export const ChatMessage = z.object({
  messageId: Id,
  senderId: Id,
  senderName: z.string(),
  badge: Badge.nullable(),
  fanLevel: z.int().nullable(),
  text: z.string(),
  replyTo: z.object({ messageId: Id, senderName: z.string(), excerpt: z.string() }).nullable(),
  mentions: z.array(Id),
});
export type ChatMessage = z.infer<typeof ChatMessage>;

/** Why a message was not said. Told to its sender alone. */
export const ChatRefusal = z.enum([
  'slow_mode',
  'followers_only',
  'fans_only',
  'muted',
  'banned_word',
  'duplicate',
  'closed',
]);
export type ChatRefusal = z.infer<typeof ChatRefusal>;

export const SendOutcome = z.discriminatedUnion('outcome', [
  z.object({
    outcome: z.literal('sent'),
    message: ChatMessage,
    position: Position.describe('Its place in the log. The message also comes in a frame, unless it was thinned.'),
  }),
  z.object({ outcome: z.literal('held').describe('Waits for a moderator.'), message: ChatMessage }),
  z.object({
    outcome: ChatRefusal,
    retryAfterMs: z
      .int()
      .nonnegative()
      .nullable()
      .describe('When the same message may be said; null when waiting does not help.'),
    detail: z.string().nullable().describe('The word that was found, for example.'),
  }),
]);
export type SendOutcome = z.infer<typeof SendOutcome>;

export const chatCommands = {
  'chat:send': command({
    summary: 'Says something in a room.',
    input: z.strictObject({
      roomId: Id,
      text: z.string().min(1).max(limits.chatTextLengthMax),
      key: RequestKey,
      replyToId: Id.optional(),
      mentions: z.array(Id).max(limits.chatMentionsMax).default([]),
    }),
    output: SendOutcome,
    http: { method: 'POST', path: '/api/rooms/:roomId/chat' },
  }),
};

export const chatRoomEvents = {
  'chat:message': roomEvent('chat', ChatMessage),
};
