import { z } from 'zod';
import { Id, RequestKey, UnixMs } from '../ids.ts';
import { limits } from '../limits.ts';
import { WebUrl } from '../text.ts';
import { command } from './define.ts';

export const OutgoingEndpoint = z.object({
  endpointId: Id,
  url: z.string(),
  state: z.enum(['active', 'disabled']).describe('disabled: it failed for a day; what it missed is kept for 30 days.'),
  failures: z.int().describe('Tries that failed since the last one that did not.'),
  createdAtMs: UnixMs,
});
export type OutgoingEndpoint = z.infer<typeof OutgoingEndpoint>;

export const OutgoingDelivery = z.object({
  deliveryId: Id.describe('The `webhook-id` of the message: the same at every try.'),
  orderId: Id,
  kind: z.string().describe('`order.held`, `order.paid` and so on.'),
  state: z.enum(['waiting', 'delivered', 'failed']),
  tries: z.int(),
  nextTryAtMs: UnixMs.nullable(),
  lastAnswer: z
    .string()
    .describe('What the last try came to: a status, `no answer`, `no answer in time` or `no secure connection`.'),
  createdAtMs: UnixMs,
});
export type OutgoingDelivery = z.infer<typeof OutgoingDelivery>;

const target = { shopId: Id, endpointId: Id };

export const outgoingCommands = {
  'webhook:list': command({
    summary: 'The addresses at which a shop is told of its orders.',
    input: z.strictObject({ shopId: Id }),
    output: z.object({ endpoints: z.array(OutgoingEndpoint) }),
    http: { method: 'GET', path: '/api/shops/:shopId/webhooks' },
  }),
  'webhook:add': command({
    summary: `Has the shop told of every change of its orders, by Standard Webhooks, at up to ${limits.webhooksPerShopMax} addresses. Each is told at least once.`,
    input: z.strictObject({
      shopId: Id,
      url: WebUrl.max(2_000).describe(
        'https, at its own port 443; in networks the operator allows also http, at any port.',
      ),
      requestKey: RequestKey,
    }),
    output: OutgoingEndpoint.extend({ secret: z.string().describe('`whsec_…`, shown here only.') }),
    http: { method: 'POST', path: '/api/shops/:shopId/webhooks' },
  }),
  'webhook:enable': command({
    summary: 'Goes on telling an address that was disabled, with what it missed.',
    input: z.strictObject(target),
    output: OutgoingEndpoint,
    http: { method: 'POST', path: '/api/shops/:shopId/webhooks/:endpointId/enable' },
  }),
  'webhook:remove': command({
    summary: 'Tells an address nothing any more.',
    input: z.strictObject(target),
    output: z.object({ removed: z.boolean() }),
    http: { method: 'DELETE', path: '/api/shops/:shopId/webhooks/:endpointId' },
  }),
  'webhook:deliveries': command({
    summary: 'The last 100 messages to an address and what became of them, newest first.',
    input: z.strictObject(target),
    output: z.object({ deliveries: z.array(OutgoingDelivery) }),
    http: { method: 'GET', path: '/api/shops/:shopId/webhooks/:endpointId/deliveries' },
  }),
  'webhook:resend': command({
    summary: 'Sends a message again, now; also one that was delivered.',
    input: z.strictObject({ ...target, deliveryId: Id }),
    output: OutgoingDelivery,
    http: { method: 'POST', path: '/api/shops/:shopId/webhooks/:endpointId/deliveries/:deliveryId/resend' },
  }),
};
