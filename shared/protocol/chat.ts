import { z } from 'zod';
import { Id, RequestKey, UnixMs } from '../ids.ts';
import { limits, offerLimits } from '../limits.ts';
import { filledProse, line } from '../text.ts';
import { command, roomEvent } from './define.ts';
import { Position, RoomEntry } from './room.ts';

export const Badge = z.enum(['host', 'moderator', 'assistant']);
export type Badge = z.infer<typeof Badge>;

/** A chat message. `text` is data, never markup. */
export const ChatMessage = z.object({
  messageId: Id,
  senderId: Id,
  senderName: z.string(),
  badge: Badge.nullable(),
  fanLevel: z.int().nullable().describe("The sender's level in the fan club of the host; null for others."),
  text: z.string(),
  replyTo: z
    .object({ messageId: Id, senderName: z.string() })
    .nullable()
    .describe('What it answers. Not its text, which would outlive a message that is taken back.'),
  mentions: z.array(Id).describe('Who is named in it, or answered by it, as its sender has it.'),
});
export type ChatMessage = z.infer<typeof ChatMessage>;

/** How people may chat in a room. */
export const ChatSettings = z.object({
  slowSeconds: z
    .int()
    .min(0)
    .max(limits.slowSecondsMax)
    .describe('Seconds between two messages of a person; 0 is off.'),
  audience: z.enum(['everyone', 'followers', 'fans']),
  followMinutesMin: z
    .int()
    .min(0)
    .max(limits.chatFollowMinutesMax)
    .describe('How long one must have followed, with audience `followers`.'),
  fanLevelMin: z.int().min(1).max(offerLimits.fanLevelMax).describe('The least level, with audience `fans`.'),
  hold: z.enum(['none', 'banned_words', 'links', 'all']).describe('Which messages wait for a moderator.'),
});
export type ChatSettings = z.infer<typeof ChatSettings>;

/** The part `chat` of a room's snapshot. */
export const ChatState = z.object({
  settings: ChatSettings,
  pinned: ChatMessage.nullable(),
  announcement: z.string().nullable(),
});
export type ChatState = z.infer<typeof ChatState>;

/** Why a message was not said. Told to its sender alone. */
export const ChatRefusal = z.enum([
  'slow_mode',
  'followers_only',
  'fans_only',
  'muted',
  'banned_word',
  'duplicate',
  'closed',
  'too_many_held',
]);
export type ChatRefusal = z.infer<typeof ChatRefusal>;

/** Why a message waits for a moderator: a word in it, a link in it, or everything waits in this room. */
export const HeldReason = z.enum(['banned_word', 'link', 'all']);
export type HeldReason = z.infer<typeof HeldReason>;

const heldFor = {
  reason: HeldReason,
  detail: z.string().nullable().describe('The word that was found.'),
};

export const SendOutcome = z.discriminatedUnion('outcome', [
  z.object({
    outcome: z.literal('sent'),
    message: ChatMessage,
    position: Position.describe('Its place in the log. The message also comes in a frame, unless it was thinned.'),
  }),
  z
    .object({
      outcome: z.literal('held'),
      message: ChatMessage,
      ...heldFor,
      decision: z
        .literal('rejected')
        .nullable()
        .describe('In a repeated answer: it waits no more, and will not be said. See `chat:rejected`.'),
    })
    .describe('It waits for a moderator.'),
  z.object({
    outcome: ChatRefusal,
    retryAfterMs: z.int().nonnegative().nullable().describe('When it may be said; null when waiting does not help.'),
    detail: z.string().nullable().describe('The word that was found, or what a moderator wants them to know.'),
  }),
]);
export type SendOutcome = z.infer<typeof SendOutcome>;

const HeldMessage = z.object({ message: ChatMessage, ...heldFor, heldAtMs: UnixMs });
export type HeldMessage = z.infer<typeof HeldMessage>;

/** A line that viewers have reported, as it was then: it may be gone from the chat. */
export const Report = z.object({
  message: ChatMessage,
  people: z.int().positive().describe('How many have reported it.'),
  reasons: z.array(z.string()).describe('What some of them said about it, the first five.'),
  firstAtMs: UnixMs,
});
export type Report = z.infer<typeof Report>;

const OfRoom = z.strictObject({ roomId: Id });

export const chatCommands = {
  'chat:send': command({
    summary: 'Says something in a room.',
    input: z.strictObject({
      roomId: Id,
      text: z.string().min(1).max(limits.chatTextLengthMax),
      requestKey: RequestKey,
      replyToId: Id.optional(),
      mentions: z.array(Id).max(limits.chatMentionsMax).default([]),
    }),
    output: SendOutcome,
    http: { method: 'POST', path: '/api/rooms/:roomId/chat' },
  }),
  'chat:delete': command({
    summary: 'Takes a message back: own ones, or any as host and staff.',
    input: z.strictObject({ roomId: Id, messageId: Id }),
    output: z.object({ deleted: z.boolean() }),
    http: { method: 'DELETE', path: '/api/rooms/:roomId/chat/:messageId' },
  }),
  'chat:clear': command({
    summary:
      'Takes back all lines of a room at once, for everybody, and what is pinned. Lines that wait for a moderator still do.',
    input: z.strictObject({ roomId: Id, requestKey: RequestKey }),
    output: z.object({ cleared: z.literal(true) }),
    http: { method: 'DELETE', path: '/api/rooms/:roomId/chat' },
  }),
  'chat:history': command({
    summary:
      'What happened in a room, from the archive: newest first, before an instant. Taken-back messages are left out.',
    input: z.strictObject({
      roomId: Id,
      beforeMs: UnixMs.optional().describe('For the next page: `atMs` of the last entry.'),
      beforeOffset: z.int().positive().optional().describe('And its `offset`, because many entries share an instant.'),
      rows: z.int().min(1).max(limits.pageRowsMax).default(50),
    }),
    output: z.object({ entries: z.array(RoomEntry) }),
    http: { method: 'GET', path: '/api/rooms/:roomId/history' },
  }),
  'chat:state': command({
    summary: 'How people may chat in a room, and what is pinned.',
    input: OfRoom,
    output: ChatState,
    http: { method: 'GET', path: '/api/rooms/:roomId/chat' },
  }),
  'chat:configure': command({
    summary: 'Changes how people may chat.',
    input: z.strictObject({ roomId: Id, ...ChatSettings.partial().shape }),
    output: ChatSettings,
    http: { method: 'PATCH', path: '/api/rooms/:roomId/chat' },
  }),
  'chat:pin': command({
    summary: 'Pins a message on top, or unpins with null.',
    input: z.strictObject({ roomId: Id, messageId: Id.nullable() }),
    output: z.object({ pinned: ChatMessage.nullable() }),
    http: { method: 'PUT', path: '/api/rooms/:roomId/pinned-message' },
  }),
  'chat:announce': command({
    summary: 'Sets the announcement of the room, or removes it with null.',
    input: z.strictObject({ roomId: Id, text: filledProse(limits.chatTextLengthMax).nullable() }),
    output: z.object({ announcement: z.string().nullable() }),
    http: { method: 'PUT', path: '/api/rooms/:roomId/announcement' },
  }),
  'chat:held': command({
    summary: 'Messages that wait for a moderator, oldest first.',
    input: z.strictObject({ roomId: Id, rows: z.int().min(1).max(limits.pageRowsMax).default(50) }),
    output: z.object({ held: z.array(HeldMessage) }),
    http: { method: 'GET', path: '/api/rooms/:roomId/held-messages' },
  }),
  'chat:decide': command({
    summary: 'Lets a held message through, or rejects it. The first decision counts.',
    input: z.strictObject({ roomId: Id, messageId: Id, approve: z.boolean() }),
    output: z.object({ decision: z.enum(['approved', 'rejected']) }),
    http: { method: 'POST', path: '/api/rooms/:roomId/held-messages/:messageId' },
  }),
  'chat:report': command({
    summary:
      'Tells host and staff of a line that should not be there. A person reports a line once; again is the same.',
    input: z.strictObject({ roomId: Id, messageId: Id, reason: line(200).optional() }),
    output: z.object({
      outcome: z
        .enum(['reported', 'too_many'])
        .describe('too_many: so much waits for the staff that no more is taken.'),
    }),
    http: { method: 'POST', path: '/api/rooms/:roomId/chat/:messageId/reports' },
  }),
  'chat:reports': command({
    summary: 'Lines that viewers have reported and nobody has decided about: what most have reported comes first.',
    input: z.strictObject({ roomId: Id, rows: z.int().min(1).max(limits.pageRowsMax).default(50) }),
    output: z.object({ reports: z.array(Report) }),
    http: { method: 'GET', path: '/api/rooms/:roomId/reports' },
  }),
  'chat:settle': command({
    summary: 'Decides about a reported line, once: it stays, or is taken back. The first decision counts.',
    input: z.strictObject({ roomId: Id, messageId: Id, remove: z.boolean() }),
    output: z.object({
      settled: z.literal(true),
      decision: z
        .enum(['kept', 'removed'])
        .nullable()
        .describe('What counts, which somebody else may have decided; null when that is not known any more.'),
    }),
    http: { method: 'POST', path: '/api/rooms/:roomId/reports/:messageId' },
  }),
};

export const chatNotices = {
  /** To host and staff, at most once in two seconds from each gateway of a room: messages wait for them, see `chat:held` and `chat:reports`. */
  'chat:waiting': z.object({ roomId: Id, waiting: z.int().nonnegative() }),
  /** To all sockets of its sender: a message that waited will not be said. `crowded_out`: it gave way in a full queue. */
  'chat:rejected': z.object({
    roomId: Id,
    messageId: Id,
    text: z.string(),
    why: z.enum(['moderator', 'crowded_out']),
  }),
};

const SaidUntilMs = UnixMs.optional().describe('There when the server lost that it was taken back, and says it again.');

export const chatRoomEvents = {
  'chat:message': roomEvent('chat', ChatMessage),
  /** Remove these messages from view; they will not come back. */
  'chat:deleted': roomEvent('host', z.object({ messageIds: z.array(Id) })),
  /** Remove everything this person wrote; with `saidUntilMs` what they wrote until then. */
  'chat:purged': roomEvent('host', z.object({ personId: Id, saidUntilMs: SaidUntilMs })),
  /** Host or staff have cleared the chat: remove every line from view; with `saidUntilMs` those alone that were said until then. */
  'chat:cleared': roomEvent(
    'host',
    z.object({
      saidUntilMs: SaidUntilMs,
    }),
  ),
  'chat:configured': roomEvent('host', ChatSettings),
  'chat:pinned': roomEvent('host', z.object({ message: ChatMessage.nullable() })),
  'chat:announced': roomEvent('host', z.object({ text: z.string().nullable() })),
};
