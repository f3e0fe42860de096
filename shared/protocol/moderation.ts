import { z } from 'zod';
import { Id, UnixMs } from '../ids.ts';
import { limits } from '../limits.ts';
import { filledLine, line } from '../text.ts';
import { command, roomEvent } from './define.ts';

/**
 * `mute`: may not write. `timeout`: the same, for a time. `kick`: out of the room, may come back after a minute. `ban`: out
 * until it is lifted. `shadow_ban`: writes as before, but nobody else sees it. These two count in all rooms of the host when the host
 * speaks them, and in the one room when its staff do.
 */
export const SanctionKind = z.enum(['mute', 'timeout', 'kick', 'ban', 'shadow_ban']);
export type SanctionKind = z.infer<typeof SanctionKind>;

export const Sanction = z.object({
  sanctionId: Id,
  personId: Id,
  name: z.string(),
  kind: SanctionKind,
  everywhere: z.boolean().describe('Counts in all rooms of the host, and only the host lifts it.'),
  reason: z.string().nullable(),
  byId: Id.describe('Who spoke it.'),
  byName: z.string(),
  atMs: UnixMs,
  untilMs: UnixMs.nullable(),
});
export type Sanction = z.infer<typeof Sanction>;

/** What a host has chosen for all of their rooms. */
export const ModerationSettings = z.object({
  keepOutNewGuests: z
    .boolean()
    .describe(
      'Guests who come from the network of somebody banned within a day, and are younger than the ban, stay outside.',
    ),
});
export type ModerationSettings = z.infer<typeof ModerationSettings>;

const Word = filledLine(limits.bannedWordLengthMax);
const Words = z.array(Word).min(1).max(limits.bannedWordsPerCallMax);
const WordList = z.object({ words: z.array(z.string()) });
const OfRoom = z.strictObject({ roomId: Id });

export const moderationCommands = {
  'moderation:sanction': command({
    summary: 'Mutes, times out, kicks, bans or shadow-bans a person; takes effect on their open sockets at once.',
    input: z.strictObject({
      roomId: Id,
      personId: Id,
      kind: SanctionKind,
      seconds: z.int().min(1).max(limits.sanctionSecondsMax).optional().describe('How long; needed for a timeout.'),
      reason: line(200).optional().describe('For host and staff, see `tellReason`.'),
      tellReason: z
        .boolean()
        .default(false)
        .describe(
          'The person reads the reason too, wherever they are refused. Not with a shadow ban, which nobody is told.',
        ),
      purge: z
        .boolean()
        .default(false)
        .describe('Also takes back everything they wrote: in this room; with a ban in every room where it counts.'),
    }),
    output: z.object({ untilMs: UnixMs.nullable() }),
    http: { method: 'POST', path: '/api/rooms/:roomId/sanctions' },
  }),
  'moderation:lift': command({
    summary: 'Lifts what stands against a person: one kind, or all.',
    input: z.strictObject({ roomId: Id, personId: Id, kind: SanctionKind.optional() }),
    output: z.object({ lifted: z.int() }),
    http: { method: 'DELETE', path: '/api/rooms/:roomId/sanctions/:personId' },
  }),
  'moderation:list': command({
    summary: 'What stands against whom in this room, newest first.',
    input: z.strictObject({
      roomId: Id,
      rows: z.int().min(1).max(limits.pageRowsMax).default(50),
      before: Id.optional().describe('The last `sanctionId` of the page before.'),
    }),
    output: z.object({ sanctions: z.array(Sanction) }),
    http: { method: 'GET', path: '/api/rooms/:roomId/sanctions' },
  }),
  'moderation:settings': command({
    summary: 'What the host of a room has chosen for order in all of their rooms.',
    input: OfRoom,
    output: ModerationSettings,
    http: { method: 'GET', path: '/api/rooms/:roomId/moderation' },
  }),
  'moderation:configure': command({
    summary: 'Chooses it: for all rooms of the host.',
    input: z.strictObject({ roomId: Id, ...ModerationSettings.shape }),
    output: ModerationSettings,
    http: { method: 'PUT', path: '/api/rooms/:roomId/moderation' },
  }),
  'moderation:words': command({
    summary: 'Words nobody may say in this room, besides those of the platform.',
    input: OfRoom,
    output: WordList,
    http: { method: 'GET', path: '/api/rooms/:roomId/banned-words' },
  }),
  'moderation:add-words': command({
    summary: 'Bans words in this room. Width, case, spacing and traditional or simplified form make no difference.',
    input: z.strictObject({ roomId: Id, words: Words }),
    output: WordList,
    http: { method: 'POST', path: '/api/rooms/:roomId/banned-words' },
  }),
  'moderation:remove-words': command({
    summary: 'Allows words again.',
    input: z.strictObject({ roomId: Id, words: Words }),
    output: WordList,
    http: { method: 'DELETE', path: '/api/rooms/:roomId/banned-words' },
  }),
  'moderation:platform-words': command({
    summary: 'Words nobody may say anywhere on this platform.',
    input: z.strictObject({}),
    output: WordList,
    http: { method: 'GET', path: '/api/platform/banned-words' },
  }),
  'moderation:add-platform-words': command({
    summary: 'Bans words on the whole platform; every gateway follows within seconds.',
    input: z.strictObject({ words: Words }),
    output: WordList,
    http: { method: 'POST', path: '/api/platform/banned-words' },
  }),
  'moderation:remove-platform-words': command({
    summary: 'Allows words on the platform again.',
    input: z.strictObject({ words: Words }),
    output: WordList,
    http: { method: 'DELETE', path: '/api/platform/banned-words' },
  }),
};

export const moderationNotices = {
  /** To all sockets of whom it is about: muted, timed out, kicked or banned, and why if that was to be told. Of shadow bans nobody is. */
  'moderation:told': z.object({
    roomId: Id,
    kind: SanctionKind.exclude(['shadow_ban']),
    untilMs: UnixMs.nullable(),
    reason: z.string().nullable(),
  }),
};

export const moderationRoomEvents = {
  /** Somebody was sanctioned. Shadow bans are never told. What the person wrote stays, unless `chat:purged` comes as well. */
  'moderation:sanctioned': roomEvent(
    'host',
    z.object({ personId: Id, kind: SanctionKind, untilMs: UnixMs.nullable() }),
  ),
  'moderation:lifted': roomEvent('host', z.object({ personId: Id, kinds: z.array(SanctionKind) })),
};
