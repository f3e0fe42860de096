import type { PayableOrders } from '../payments/payable-orders.ts';
import { noteEvent } from '../sale/order-events.pg.ts';
import { lockOrder } from './order-lock.pg.ts';

export const payableOrders: PayableOrders = {
  lock: lockOrder,
  note: (client, orderId, kind, details) => noteEvent(client, { orderId, kind, details }),
};
