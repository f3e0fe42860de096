import type { OrderEventKind } from '../../../shared/protocol/order.ts';
import type { Queryable } from '../../platform/postgres.ts';

export type NewOrderEvent = {
  orderId: string;
  kind: OrderEventKind;
  /** Absent: the system did it. */
  personId?: string;
  reason?: string;
  details?: Record<string, unknown>;
};

const insert = `INSERT INTO order_events (order_id, kind, person_id, reason, details) VALUES ($1, $2, $3, $4, $5)`;

/** Adds to the event list of an order, in the transaction of what it tells about. */
export async function noteEvent(client: Queryable, event: NewOrderEvent): Promise<void> {
  const { orderId, kind, personId = null, reason = '', details = {} } = event;
  await client.query(insert, [orderId, kind, personId, reason, details]);
}
