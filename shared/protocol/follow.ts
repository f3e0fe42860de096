import { z } from 'zod';
import { Id, UnixMs } from '../ids.ts';
import { limits } from '../limits.ts';
import { command } from './define.ts';

const OfHost = z.strictObject({ hostId: Id });

export const followCommands = {
  'follow:start': command({
    summary: 'Follows a host. Following again keeps the first time.',
    input: OfHost,
    output: z.object({ sinceMs: UnixMs }),
    http: { method: 'PUT', path: '/api/hosts/:hostId/follow' },
  }),
  'follow:stop': command({
    summary: 'Follows a host no longer.',
    input: OfHost,
    output: z.object({ followed: z.boolean() }),
    http: { method: 'DELETE', path: '/api/hosts/:hostId/follow' },
  }),
  'follow:host': command({
    summary: 'How many follow a host, as of some seconds ago, and since when I do.',
    input: OfHost,
    output: z.object({ followers: z.int(), sinceMs: UnixMs.nullable() }),
    http: { method: 'GET', path: '/api/hosts/:hostId/follow' },
  }),
  'follow:mine': command({
    summary: 'Hosts I follow, newest first, and the room each of them is live in.',
    input: z.strictObject({
      rows: z.int().min(1).max(limits.pageRowsMax).default(50),
      skip: z.int().min(0).max(10_000).default(0),
    }),
    output: z.object({
      hosts: z.array(
        z.object({
          hostId: Id,
          name: z.string(),
          sinceMs: UnixMs,
          liveRoomId: Id.nullable(),
          reminders: z.boolean().describe('Whether one is told of their shows; `reminder:follow` changes it.'),
        }),
      ),
    }),
    http: { method: 'GET', path: '/api/follows' },
  }),
};
