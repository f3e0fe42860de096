import { randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import { AppError } from '../../../shared/errors.ts';
import { newId } from '../../../shared/ids.ts';
import { limits } from '../../../shared/limits.ts';
import type { Input } from '../../../shared/protocol/index.ts';
import type { OutgoingDelivery, OutgoingEndpoint } from '../../../shared/protocol/outgoing.ts';
import type { OutgoingEndpoints } from './endpoints.pg.ts';
import { addressRefusals, hostOf, refusalOf, type AddressKind, type AddressRule } from './public-address.ts';

type Needs = {
  endpoints: OutgoingEndpoints;
  rule: AddressRule;
  /** What the address of a name is taken for until it is resolved, at every try: `own` where the operator allows own networks. */
  unresolved: AddressKind;
};

const secretBytes = 24;

export type Outgoing = ReturnType<typeof createOutgoing>;

/** Where shops are told of what happens to their orders. */
export function createOutgoing({ endpoints, rule, unresolved }: Needs) {
  return {
    list: endpoints.list,
    async add({ shopId, url, requestKey }: Input<'webhook:add'>): Promise<OutgoingEndpoint & { secret: string }> {
      assertUsable(new URL(url));
      const secret = `whsec_${randomBytes(secretBytes).toString('base64')}`;
      return endpoints.add({ endpointId: newId(), shopId, url, secret, requestKey }, limits.webhooksPerShopMax);
    },
    enable: async ({ shopId, endpointId }: Input<'webhook:enable'>): Promise<OutgoingEndpoint> =>
      there(await endpoints.enable(shopId, endpointId)),
    remove: ({ shopId, endpointId }: Input<'webhook:remove'>) => endpoints.remove(shopId, endpointId),
    deliveries: ({ shopId, endpointId }: Input<'webhook:deliveries'>) => endpoints.deliveries(shopId, endpointId),
    resend: async ({ shopId, endpointId, deliveryId }: Input<'webhook:resend'>): Promise<OutgoingDelivery> =>
      there(await endpoints.resend(shopId, endpointId, deliveryId)),
  };

  function assertUsable(url: URL): void {
    const host = hostOf(url);
    const reason = refusalOf(url, isIP(host) ? rule(host) : unresolved);
    if (reason) throw new AppError('BAD_INPUT', `url: ${addressRefusals[reason]}.`, { reason });
    if (url.username || url.password)
      throw new AppError('BAD_INPUT', 'url: must not name a user; the signature says who sends.', {
        reason: 'address-names-user',
      });
  }
}

function there<T>(found: T | null): T {
  if (!found) throw new AppError('NOT_FOUND');
  return found;
}
