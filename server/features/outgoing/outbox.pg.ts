import type { Queryable } from '../../platform/postgres.ts';

/** A message that is to be tried now. */
export type DueDelivery = {
  deliveryId: string;
  endpointId: string;
  shopId: string;
  url: string;
  secret: string;
  body: string;
  tries: number;
  /** Names the claim: another one of the same message has another. */
  leasedUntil: string;
};

/** What a try came to. */
export type TryResult =
  | { outcome: 'delivered'; answer: string }
  /** `againInSeconds` null: never. `gone`: the address says that it wants no more. `inTime` false: it let us wait in vain. */
  | { outcome: 'failed'; answer: string; againInSeconds: number | null; gone: boolean; inTime: boolean };

/** Whoever claims a message and dies keeps it from others for so long, s: longer than any try takes. */
const leaseSeconds = 30;
const perEndpointMax = 4;
const perShopMax = 8;
/** An endpoint that does not answer in time rests, s: for each failure in a row, and at most. */
const restSeconds = 30;
const restSecondsMax = 600;
/** An endpoint that failed so often, for so long, is disabled. */
const failuresMax = 30;
const failingHoursMax = 24;
const keptDays = 30;

const busy = (id: string): string => `COALESCE(($4::jsonb ->> ${id}::text)::int, 0)`;

/**
 * A few of each endpoint and of each shop, by turns: first those of whom least is under way, then what waits longest. So one that is
 * slow, or has much, does not keep others waiting; and an endpoint whose last try failed is sent one message at a time.
 */
const claim = `
  WITH waiting AS (
    SELECT d.delivery_id, d.next_try_at, e.shop_id FROM outgoing_endpoints e CROSS JOIN LATERAL (
      SELECT delivery_id, next_try_at FROM outgoing_deliveries
      WHERE endpoint_id = e.endpoint_id AND state = 'waiting' AND next_try_at <= now() ORDER BY next_try_at
      LIMIT GREATEST(0, CASE e.failures WHEN 0 THEN $2::int ELSE 1 END - ${busy('e.endpoint_id')}) FOR UPDATE SKIP LOCKED
    ) d WHERE e.state = 'active' AND (e.rests_until IS NULL OR e.rests_until <= now())
  ), turns AS (
    SELECT delivery_id, next_try_at,
      row_number() OVER (PARTITION BY shop_id ORDER BY next_try_at, delivery_id) + ${busy('shop_id')} AS turn FROM waiting
  ), due AS (
    SELECT delivery_id FROM turns WHERE turn <= $3 ORDER BY turn, next_try_at LIMIT $1
  )
  UPDATE outgoing_deliveries d SET tries = tries + 1, next_try_at = now() + $5 * interval '1 s'
  FROM due, outgoing_endpoints e WHERE d.delivery_id = due.delivery_id AND e.endpoint_id = d.endpoint_id
  RETURNING d.delivery_id AS "deliveryId", d.endpoint_id AS "endpointId", e.shop_id AS "shopId", e.url, e.secret, d.body, d.tries,
    d.next_try_at::text AS "leasedUntil"`;

/** Only while the claim holds: who comes after its lease, or after the merchant sent it again, has nothing to say any more. */
const stillOurs = `delivery_id = $1 AND state = 'waiting' AND next_try_at = $2::timestamptz`;
const delivered = `UPDATE outgoing_deliveries SET state = 'delivered', last_answer = $3 WHERE ${stillOurs}`;
const worked = `
  UPDATE outgoing_endpoints SET failures = 0, failing_since = NULL, rests_until = NULL WHERE endpoint_id = $1 AND failures > 0`;
const failed = `
  UPDATE outgoing_deliveries SET last_answer = $3, state = CASE WHEN $4::float8 IS NULL THEN 'failed' ELSE 'waiting' END,
    next_try_at = now() + COALESCE($4::float8, 0) * interval '1 s' WHERE ${stillOurs}`;
const broke = `
  UPDATE outgoing_endpoints SET failures = failures + 1, failing_since = COALESCE(failing_since, now()),
    rests_until = CASE WHEN NOT $5 THEN now() + LEAST($6 * (failures + 1), $7) * interval '1 s' END,
    state = CASE WHEN $2 OR (failures + 1 >= $3 AND failing_since < now() - $4 * interval '1 h') THEN 'disabled' ELSE state END
  WHERE endpoint_id = $1`;
/** Most shops have none. */
export const someEndpointIsActive = `EXISTS (SELECT FROM outgoing_endpoints WHERE state = 'active')`;
const forget = `
  DELETE FROM outgoing_deliveries WHERE delivery_id IN (
    SELECT delivery_id FROM outgoing_deliveries WHERE created_at < now() - $1 * interval '1 day' LIMIT 5000)`;

export type Outbox = ReturnType<typeof createOutbox>;

/** Messages that wait to be delivered, as the workers see them. */
export function createOutbox(db: Queryable) {
  return {
    /** Claims messages for one try each. @param underWay  how many this process has on their way, per endpoint and per shop. */
    async claim(deliveriesMax: number, underWay: ReadonlyMap<string, number>): Promise<DueDelivery[]> {
      const counts = JSON.stringify(Object.fromEntries(underWay));
      const values = [deliveriesMax, perEndpointMax, perShopMax, counts, leaseSeconds];
      return (await db.query<DueDelivery>(claim, values)).rows;
    },
    /** Does nothing when the claim has been lost meanwhile. */
    async finish({ deliveryId, endpointId, leasedUntil }: DueDelivery, result: TryResult): Promise<void> {
      const claimed = [deliveryId, leasedUntil, result.answer];
      if (result.outcome === 'delivered') {
        const { rowCount } = await db.query(delivered, claimed);
        if (rowCount === 1) await db.query(worked, [endpointId]);
        return;
      }
      const { rowCount } = await db.query(failed, [...claimed, result.againInSeconds]);
      const limits = [failuresMax, failingHoursMax, result.inTime, restSeconds, restSecondsMax];
      if (rowCount === 1) await db.query(broke, [endpointId, result.gone, ...limits]);
    },
    /** Forgets messages of long ago, delivered or not. @returns how many; call until it returns 0. */
    forgetOld: async (): Promise<number> => (await db.query(forget, [keptDays])).rowCount ?? 0,
  };
}
