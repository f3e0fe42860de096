import type { Gateway } from '../../gateway/gateway.ts';
import type { Platform } from '../../platform/platform.ts';
import { createWebhookSignature } from '../payments/standard-webhook.ts';
import { createCourier } from './courier.ts';
import { createOutgoingEndpoints } from './endpoints.pg.ts';
import { createNameLookup } from './name-lookup.ts';
import { createOutbox, someEndpointIsActive } from './outbox.pg.ts';
import { registerOutgoing } from './outgoing.commands.ts';
import { createOutgoing } from './outgoing.ts';
import { createPost } from './post.ts';
import { createAddressRule } from './public-address.ts';

const roundEveryMs = 500;
const forgetEveryMs = 3_600_000;

/**
 * Tells shops of every change of their orders. What is to be told is written by triggers of the database in the transaction of the
 * change (migration 0054), so no path can forget it; what is here carries it.
 */
export function createOutgoingFeature(
  { db, log, every, lifecycle, roles }: Platform,
  /** Own networks that messages may be sent to, as `address/bits`. */
  { privateNetworks }: { privateNetworks: readonly string[] },
) {
  const outbox = createOutbox(db);
  const rule = createAddressRule(privateNetworks);
  if (roles.has('worker')) {
    const courier = createCourier({
      outbox,
      post: createPost({ rule, lookup: createNameLookup() }),
      // The wall clock on purpose: it is what the receiver compares the timestamp with.
      sign: (secret, deliveryId, body) => createWebhookSignature(secret).sign(deliveryId, body, new Date()),
      random: Math.random,
      onFailure: (error) => log.warn({ err: error }, 'a webhook could not be settled; it is tried again'),
    });
    lifecycle.onClose('outgoing webhooks', courier.close);
    every({ name: 'outgoing webhooks', everyMs: roundEveryMs, due: someEndpointIsActive, run: courier.round });
    every({
      name: 'forget webhooks',
      everyMs: forgetEveryMs,
      exclusive: true,
      run: async () => {
        while ((await outbox.forgetOld()) > 0);
      },
    });
  }
  const outgoing = createOutgoing({
    endpoints: createOutgoingEndpoints(db),
    rule,
    unresolved: privateNetworks.length > 0 ? 'own' : 'public',
  });
  return { register: (gateway: Gateway): void => registerOutgoing(gateway, outgoing) };
}
