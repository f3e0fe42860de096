import { z } from 'zod';
import { Id, UnixMs } from '../ids.ts';
import { limits } from '../limits.ts';
import { Money } from '../money.ts';
import { Localized } from './catalog.ts';
import { ChatSettings } from './chat.ts';
import { command } from './define.ts';
import { MediaKind } from './media.ts';
import { SanctionKind } from './moderation.ts';
import { StaffRole } from './room.ts';

/** What host and staff do in a room that others would ask about. */
export const ActionKind = z.enum([
  'message-deleted',
  'messages-purged',
  'chat-cleared',
  'message-pinned',
  'message-unpinned',
  'announced',
  'chat-configured',
  'message-approved',
  'message-rejected',
  'report-kept',
  'sanctioned',
  'lifted',
  'words-added',
  'words-removed',
  'new-guests',
  'role-set',
  'show-edited',
  'show-started',
  'show-paused',
  'show-resumed',
  'show-ended',
  'show-cancelled',
  'offer-opened',
  'offer-changed',
  'offer-pinned',
  'offer-unpinned',
  'offer-ended',
  'giveaway-published',
  'giveaway-cancelled',
  'co-host-invited',
  'co-host-removed',
  'publisher-muted',
  'publisher-unmuted',
]);
export type ActionKind = z.infer<typeof ActionKind>;

/** Only what belongs to the kind is there. */
export const ActionDetail = z.object({
  text: z
    .string()
    .optional()
    .describe(
      'The line, the announcement (none: it was taken away), the words, or the title of the show or the giveaway.',
    ),
  settings: ChatSettings.partial().optional().describe('What of the chat was changed, as it is since.'),
  fields: z.array(z.string()).optional().describe('What of the show, or of the offer, was changed.'),
  product: Localized.optional().describe('What the offer offers.'),
  price: Money.optional().describe('What the offer costs since.'),
  media: MediaKind.optional().describe('What of somebody on camera is muted, or is muted no more.'),
  sanction: SanctionKind.optional(),
  untilMs: UnixMs.optional().describe('When the sanction ends; none: when it is lifted.'),
  everywhere: z.boolean().optional().describe('The sanction counts in all rooms of the host.'),
  purge: z.boolean().optional().describe('What the person wrote in the room went with it.'),
  reason: z.string().optional(),
  role: StaffRole.nullable().optional().describe('Null: it was taken away.'),
  on: z.boolean().optional().describe('Whether new guests are kept out since.'),
});
export type ActionDetail = z.infer<typeof ActionDetail>;

export const Action = z.object({
  key: z.string().describe('Of this row alone; for the next page.'),
  atMs: UnixMs,
  kind: ActionKind,
  byId: Id,
  byName: z.string(),
  personId: Id.nullable().describe('To whom, or to whose line, it was done.'),
  name: z.string().nullable(),
  detail: ActionDetail,
});
export type Action = z.infer<typeof Action>;

export const actionCommands = {
  'room:actions': command({
    summary: 'What host and staff have done in a room, newest first: who, what, when, to whom and why.',
    input: z.strictObject({
      roomId: Id,
      rows: z.int().min(1).max(limits.pageRowsMax).default(50),
      before: z
        .string()
        .regex(/^\d{1,16}-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
        .optional()
        .describe('The `key` of the last row of the page before.'),
    }),
    output: z.object({ actions: z.array(Action) }),
    http: { method: 'GET', path: '/api/rooms/:roomId/actions' },
  }),
};
