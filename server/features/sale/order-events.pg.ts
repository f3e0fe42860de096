import type { OrderEventKind } from '../../../shared/protocol/order.ts';
import type { Queryable } from '../../platform/postgres.ts';

export type NewOrderEvent = {
  kind: OrderEventKind;
  /** Null or absent: the system did it. */
  personId?: string | null;
  reason?: string;
  details?: Record<string, unknown>;
};

const insert = `
  INSERT INTO order_events (order_id, kind, person_id, reason, details)
  SELECT order_id, $2, $3::uuid, $4, $5::jsonb FROM unnest($1::uuid[]) AS o (order_id)`;

/** The same event of several orders. The one place that writes into the list of an order, in the transaction of what it tells about. */
export async function noteEvents(client: Queryable, orderIds: readonly string[], event: NewOrderEvent): Promise<void> {
  if (orderIds.length === 0) return;
  const { kind, personId = null, reason = '', details = {} } = event;
  await client.query(insert, [orderIds, kind, personId, reason, details]);
}

/** @see noteEvents */
export const noteEvent = (client: Queryable, { orderId, ...event }: NewOrderEvent & { orderId: string }) =>
  noteEvents(client, [orderId], event);
