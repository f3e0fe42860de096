import { randomBytes } from 'node:crypto';
import { AppError } from '../../../shared/errors.ts';
import { newId } from '../../../shared/ids.ts';
import type { Input } from '../../../shared/protocol/index.ts';
import { endpointsMax, type OutgoingDelivery, type OutgoingEndpoint } from '../../../shared/protocol/outgoing.ts';
import type { OutgoingEndpoints } from './endpoints.pg.ts';

type Needs = {
  endpoints: OutgoingEndpoints;
  /** Whether plain http may be used: only where the operator allows own networks. */
  plainHttp: boolean;
};

const secretBytes = 24;

export type Outgoing = ReturnType<typeof createOutgoing>;

/** Where shops are told of what happens to their orders. */
export function createOutgoing({ endpoints, plainHttp }: Needs) {
  return {
    list: endpoints.list,
    async add({ shopId, url, requestKey }: Input<'webhook:add'>): Promise<OutgoingEndpoint & { secret: string }> {
      assertUsable(new URL(url));
      const secret = `whsec_${randomBytes(secretBytes).toString('base64')}`;
      return endpoints.add({ endpointId: newId(), shopId, url, secret, requestKey }, endpointsMax);
    },
    enable: async ({ shopId, endpointId }: Input<'webhook:enable'>): Promise<OutgoingEndpoint> =>
      there(await endpoints.enable(shopId, endpointId)),
    remove: ({ shopId, endpointId }: Input<'webhook:remove'>) => endpoints.remove(shopId, endpointId),
    deliveries: ({ shopId, endpointId }: Input<'webhook:deliveries'>) => endpoints.deliveries(shopId, endpointId),
    resend: async ({ shopId, endpointId, deliveryId }: Input<'webhook:resend'>): Promise<OutgoingDelivery> =>
      there(await endpoints.resend(shopId, endpointId, deliveryId)),
  };

  function assertUsable({ protocol, username, password }: URL): void {
    if (protocol !== 'https:' && !(plainHttp && protocol === 'http:'))
      throw new AppError('BAD_INPUT', 'url: must begin with https://');
    if (username || password)
      throw new AppError('BAD_INPUT', 'url: must not name a user; the signature says who sends.');
  }
}

function there<T>(found: T | null): T {
  if (!found) throw new AppError('NOT_FOUND');
  return found;
}
