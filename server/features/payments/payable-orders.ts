import type { OrderEventKind } from '../../../shared/protocol/order.ts';
import type { Queryable } from '../../platform/postgres.ts';

/** What paying an order means, at this moment. */
export type PayableOrder = {
  orderId: string;
  buyerId: string;
  merchantId: string;
  state: 'held' | 'paid' | 'shipped' | 'delivered' | 'refunded' | 'expired' | 'cancelled' | 'abandoned';
  /** The payment that paid it; null until one has. */
  paidBy: string | null;
  /** Goods and shipping. */
  amountMinor: number;
  currency: string;
  /** Something of it is sent, and nobody has said where to. */
  needsAddress: boolean;
  /** Of a rehearsal: nobody pays for it. */
  isRehearsal: boolean;
  /** Deadline of payment, Unix ms. */
  payByMs: number;
  /** What is bought, in a few words. */
  description: { en: string; zh: string };
};

/** What payments need to know of orders, and may do to them. All run in the caller's transaction. */
export type PayableOrders = {
  /** The order, its row locked until the transaction ends, so that its sum can't change meanwhile. Null when there is none. */
  lock(client: Queryable, orderId: string): Promise<PayableOrder | null>;
  /** Adds to the order's event list; the system did it. */
  note(client: Queryable, orderId: string, kind: OrderEventKind, details: Record<string, unknown>): Promise<void>;
};
