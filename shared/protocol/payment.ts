import { z } from 'zod';
import { Id, UnixMs } from '../ids.ts';
import { Currency } from '../money.ts';
import { command } from './define.ts';

export const PaymentState = z.enum(['started', 'in_progress', 'failed', 'captured']);
export type PaymentState = z.infer<typeof PaymentState>;

/** One try to pay an order. `settlement`: what the money that arrived was used for; null until that is decided. */
export const Payment = z.object({
  paymentId: Id,
  orderId: Id,
  state: PaymentState,
  settlement: z.enum(['order', 'refund']).nullable(),
  amountMinor: z.int(),
  currency: Currency,
  payUrl: z.string().nullable().describe('Where the buyer pays; null when there is nothing to do there any more.'),
  startedAtMs: UnixMs,
});
export type Payment = z.infer<typeof Payment>;

export const paymentCommands = {
  'payment:start': command({
    summary:
      'Begins to pay a held order and tells where. Idempotent: an order has one open payment, which is answered again.',
    input: z.strictObject({
      orderId: Id,
      language: z.enum(['en', 'zh']).default('en').describe('Of the pay page.'),
      returnPath: z
        .string()
        .regex(/^\/(?![/\\])[\w\-./~%?&=#+]{0,500}$/)
        .default('/')
        .describe('Page of this site the buyer is led back to.'),
    }),
    output: z.discriminatedUnion('outcome', [
      z.object({ outcome: z.literal('started'), payment: Payment, payByMs: UnixMs }),
      z.object({ outcome: z.literal('paid'), payment: Payment }).describe('There was nothing to pay.'),
      z
        .object({ outcome: z.enum(['not_held', 'needs_address', 'rehearsal']) })
        .describe('rehearsal: it was only tried out, nobody pays.'),
    ]),
    http: { method: 'POST', path: '/api/orders/:orderId/payments' },
  }),
  'payment:list': command({
    summary: 'The payments of an order, newest first, for its buyer or merchant.',
    input: z.strictObject({ orderId: Id }),
    output: z.object({ payments: z.array(Payment) }),
    http: { method: 'GET', path: '/api/orders/:orderId/payments' },
  }),
};
