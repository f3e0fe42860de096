import type { PayableOrders } from '../payments/payable-orders.ts';
import type { OrderChanges } from './order-changes.pg.ts';
import { noteEvent } from './order-events.pg.ts';
import { lockOrder } from './order-lock.pg.ts';

export const createPayableOrders = (changes: Pick<OrderChanges, 'revoke'>): PayableOrders => ({
  lock: lockOrder,
  note: (client, orderId, kind, details) => noteEvent(client, { orderId, kind, details }),
  revoke: changes.revoke,
});
