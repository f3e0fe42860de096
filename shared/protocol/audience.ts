import { z } from 'zod';
import { Id, RequestKey } from '../ids.ts';
import { limits } from '../limits.ts';
import { command } from './define.ts';

export const audienceCommands = {
  'room:like': command({
    summary: 'Likes a room. Sent now and then with the sum so far, so that a lost or repeated call changes nothing.',
    input: z.strictObject({
      roomId: Id,
      tally: RequestKey.describe('Names one count: a page load, say. Chosen at random.'),
      likes: z
        .int()
        .min(1)
        .max(limits.likesPerTallyMax)
        .describe('Likes of this tally so far, not since the last call.'),
      counted: z
        .int()
        .nonnegative()
        .max(limits.likesPerTallyMax)
        .default(0)
        .describe(
          'What the last answer said counts of this tally: it is not counted again when the server has lost it.',
        ),
    }),
    output: z.object({
      counted: z.int().nonnegative().describe('How many of this tally count; fewer than sent when it went too fast.'),
      total: z.int().nonnegative().describe('Likes of the room.'),
    }),
    http: { method: 'POST', path: '/api/rooms/:roomId/likes' },
  }),
  'room:audience': command({
    summary: 'Likes, viewers now, and different people who came, exactly.',
    input: z.strictObject({ roomId: Id }),
    output: z.object({ likes: z.int(), viewers: z.int(), visitors: z.int() }),
    http: { method: 'GET', path: '/api/rooms/:roomId/audience' },
  }),
};
