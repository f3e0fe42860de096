import type { Queryable } from '../../platform/postgres.ts';

/** A message that is to be tried now. */
export type DueDelivery = {
  deliveryId: string;
  endpointId: string;
  url: string;
  secret: string;
  body: string;
  tries: number;
};

/** What a try came to. */
export type TryResult =
  | { outcome: 'delivered'; answer: string }
  /** `againInSeconds` null: never. `gone`: the address says that it wants no more. */
  | { outcome: 'failed'; answer: string; againInSeconds: number | null; gone: boolean };

/** Whoever claims a message and dies keeps it from others for so long, s: longer than any try takes. */
const leaseSeconds = 30;
const perEndpointMax = 8;
/** An endpoint that failed so often, for so long, is disabled. */
const failuresMax = 30;
const failingHoursMax = 24;
const keptDays = 30;

/** A few of each endpoint, so that one that is slow or has much does not keep others waiting. */
const claim = `
  WITH due AS (
    SELECT d.delivery_id FROM outgoing_endpoints e CROSS JOIN LATERAL (
      SELECT delivery_id FROM outgoing_deliveries
      WHERE endpoint_id = e.endpoint_id AND state = 'waiting' AND next_try_at <= now()
      ORDER BY next_try_at LIMIT $2 - COALESCE(($3::jsonb ->> e.endpoint_id::text)::int, 0) FOR UPDATE SKIP LOCKED
    ) d WHERE e.state = 'active' AND COALESCE(($3::jsonb ->> e.endpoint_id::text)::int, 0) < $2 LIMIT $1
  )
  UPDATE outgoing_deliveries d SET tries = tries + 1, next_try_at = now() + $4 * interval '1 s'
  FROM due, outgoing_endpoints e WHERE d.delivery_id = due.delivery_id AND e.endpoint_id = d.endpoint_id
  RETURNING d.delivery_id AS "deliveryId", d.endpoint_id AS "endpointId", e.url, e.secret, d.body, d.tries`;

const delivered = `UPDATE outgoing_deliveries SET state = 'delivered', last_answer = $2 WHERE delivery_id = $1`;
const worked = `UPDATE outgoing_endpoints SET failures = 0, failing_since = NULL WHERE endpoint_id = $1 AND failures > 0`;
const failed = `
  UPDATE outgoing_deliveries SET last_answer = $2, state = CASE WHEN $3::float8 IS NULL THEN 'failed' ELSE 'waiting' END,
    next_try_at = now() + COALESCE($3::float8, 0) * interval '1 s' WHERE delivery_id = $1`;
const broke = `
  UPDATE outgoing_endpoints SET failures = failures + 1, failing_since = COALESCE(failing_since, now()),
    state = CASE WHEN $2 OR (failures + 1 >= $3 AND failing_since < now() - $4 * interval '1 h') THEN 'disabled' ELSE state END
  WHERE endpoint_id = $1`;
const forget = `
  DELETE FROM outgoing_deliveries WHERE delivery_id IN (
    SELECT delivery_id FROM outgoing_deliveries WHERE created_at < now() - $1 * interval '1 day' LIMIT 5000)`;

export type Outbox = ReturnType<typeof createOutbox>;

/** Messages that wait to be delivered, as the workers see them. */
export function createOutbox(db: Queryable) {
  return {
    /** Claims messages for one try each. @param underWay  how many this process has on their way, per endpoint. */
    async claim(deliveriesMax: number, underWay: ReadonlyMap<string, number>): Promise<DueDelivery[]> {
      const busy = JSON.stringify(Object.fromEntries(underWay));
      return (await db.query<DueDelivery>(claim, [deliveriesMax, perEndpointMax, busy, leaseSeconds])).rows;
    },
    async finish({ deliveryId, endpointId }: DueDelivery, result: TryResult): Promise<void> {
      if (result.outcome === 'delivered') {
        await db.query(delivered, [deliveryId, result.answer]);
        await db.query(worked, [endpointId]);
        return;
      }
      await db.query(failed, [deliveryId, result.answer, result.againInSeconds]);
      await db.query(broke, [endpointId, result.gone, failuresMax, failingHoursMax]);
    },
    /** Forgets messages of long ago, delivered or not. @returns how many; call until it returns 0. */
    forgetOld: async (): Promise<number> => (await db.query(forget, [keptDays])).rowCount ?? 0,
  };
}
