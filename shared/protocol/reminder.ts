import { z } from 'zod';
import { Id, UnixMs } from '../ids.ts';
import { limits } from '../limits.ts';
import { command } from './define.ts';

/** What the subscribers of a show are told: it begins soon, at another time, not at all, or now. */
export const NotificationKind = z.enum(['show-soon', 'show-moved', 'show-cancelled', 'show-live']);

export const Notification = z.object({
  notificationId: Id,
  kind: NotificationKind,
  roomId: Id,
  title: z.string(),
  hostId: Id,
  hostName: z.string(),
  scheduledAtMs: UnixMs.nullable().describe('When the show begins, as planned now.'),
  atMs: UnixMs.describe('When this was told.'),
  readAtMs: UnixMs.nullable(),
});
export type Notification = z.infer<typeof Notification>;

export const reminderCommands = {
  'reminder:bell': command({
    summary: 'Asks to be reminded of one coming show, or no longer. Followers of its host are reminded anyway.',
    input: z.strictObject({ roomId: Id, on: z.boolean() }),
    output: z.object({ on: z.boolean(), bells: z.int().nonnegative().describe('People who asked for this show.') }),
    http: { method: 'PUT', path: '/api/rooms/:roomId/bell' },
  }),
  'reminder:bells': command({
    summary: 'The coming shows one asked to be reminded of.',
    input: z.strictObject({}),
    output: z.object({ roomIds: z.array(Id).max(limits.pageRowsMax).describe('Soonest first.') }),
    http: { method: 'GET', path: '/api/bells' },
  }),
  'reminder:follow': command({
    summary: 'Says whether one is reminded of the shows of a host one follows; at first one is.',
    input: z.strictObject({ hostId: Id, on: z.boolean() }),
    output: z.object({ on: z.boolean() }),
    http: { method: 'PUT', path: '/api/hosts/:hostId/reminders' },
  }),
  'reminder:list': command({
    summary: 'What one was told, newest first, and how much of it is unread.',
    input: z.strictObject({
      rows: z.int().min(1).max(limits.pageRowsMax).default(20),
      beforeMs: UnixMs.optional(),
    }),
    output: z.object({ notifications: z.array(Notification), unread: z.int().nonnegative() }),
    http: { method: 'GET', path: '/api/notifications' },
  }),
  'reminder:read': command({
    summary: 'Marks as read everything that was told up to an instant.',
    input: z.strictObject({ untilMs: UnixMs }),
    output: z.object({ unread: z.int().nonnegative() }),
    http: { method: 'POST', path: '/api/notifications/read' },
  }),
};

export const reminderNotices = {
  /** To every socket of a subscriber. Whoever is away finds it in `reminder:list`. */
  'reminder:told': Notification,
};
