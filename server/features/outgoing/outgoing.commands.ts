import type { Gateway } from '../../gateway/gateway.ts';
import type { Outgoing } from './outgoing.ts';

export function registerOutgoing(gateway: Gateway, outgoing: Outgoing): void {
  gateway.expose('webhook:list', async (_viewer, { shopId }) => ({ endpoints: await outgoing.list(shopId) }));
  gateway.expose('webhook:add', (_viewer, endpoint) => outgoing.add(endpoint));
  gateway.expose('webhook:enable', (_viewer, target) => outgoing.enable(target));
  gateway.expose('webhook:remove', async (_viewer, target) => ({ removed: await outgoing.remove(target) }));
  gateway.expose('webhook:deliveries', async (_viewer, target) => ({ deliveries: await outgoing.deliveries(target) }));
  gateway.expose('webhook:resend', (_viewer, target) => outgoing.resend(target));
}
