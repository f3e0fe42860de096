import type { Gateway } from '../../gateway/gateway.ts';
import type { Payments } from './payments.ts';

export function registerPayments(gateway: Gateway, payments: Payments): void {
  gateway.expose('payment:start', (_viewer, start) => payments.start(start));
  gateway.expose('payment:list', async ({ personId }, { orderId }) => ({
    payments: await payments.list(orderId, personId),
  }));
}
