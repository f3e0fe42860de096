import { z } from 'zod';
import { Id, UnixMs } from '../ids.ts';
import { limits } from '../limits.ts';
import { command } from './define.ts';

const Count = z.int().nonnegative();

/** One look at a show that is on, taken every ten seconds. */
export const NumbersPoint = z.object({
  atMs: UnixMs,
  viewers: Count,
  visitors: Count.describe('Different people so far.'),
  likes: Count.describe('So far.'),
  looks: Count.describe('Products looked at so far: a person and a product count once.'),
  messages: Count.describe('Chat messages of the ten seconds before.'),
  unitsLeft: z.record(Id, z.int()).describe('By offer, of those that are pinned or a flash sale.'),
});
export type NumbersPoint = z.infer<typeof NumbersPoint>;

/** What the host did that may have moved a curve. */
export const NumbersMark = z.object({
  atMs: UnixMs,
  what: z.enum(['pin', 'sale', 'giveaway']),
  itemNumber: z.int().nullable().describe('Null for a giveaway.'),
});
export type NumbersMark = z.infer<typeof NumbersMark>;

export const numbersCommands = {
  'offer:look': command({
    summary: 'Says that one opened a product. The same person and product count once, however often it is said.',
    input: z.strictObject({ roomId: Id, offerId: Id }),
    output: z.object({ noted: z.boolean().describe('False when too much waits to be counted.') }),
    http: { method: 'POST', path: '/api/rooms/:roomId/offers/:offerId/look' },
  }),
  'room:numbers': command({
    summary: 'What a show brings, while it is on and for ever after. Money and units come from the orders themselves.',
    input: z.strictObject({
      roomId: Id,
      afterMs: UnixMs.optional().describe('Only points and sales after this moment: what came since the last answer.'),
    }),
    output: z.object({
      points: z.array(NumbersPoint).max(limits.numbersPointsMax).describe('Oldest first.'),
      sales: z
        .array(z.object({ atMs: UnixMs, orders: Count, grossMinor: Count }))
        .describe(
          'Orders held in ten seconds, and what those of them brought that were paid. Empty ones are left out.',
        ),
      marks: z.array(NumbersMark).max(limits.numbersMarksMax),
      products: z.array(z.object({ offerId: Id, looks: Count, orders: Count, soldUnits: Count, netMinor: z.int() })),
      totals: z.object({
        orders: Count,
        paidOrders: Count,
        buyers: Count.describe('Different people who paid.'),
        soldUnits: Count.describe('Paid for, and not refunded.'),
        grossMinor: Count.describe('Everything that was paid, with shipping.'),
        netMinor: z.int().describe('Without what was given back.'),
        currency: z.string().nullable().describe('Null before the first order.'),
      }),
    }),
    http: { method: 'GET', path: '/api/rooms/:roomId/numbers' },
  }),
};
