import { AppError } from '../../../shared/errors.ts';
import type { Jobs } from '../../platform/jobs.ts';
import type { Queryable } from '../../platform/postgres.ts';
import { book } from './money-ledger.pg.ts';
import { refundDone, refundRequested } from './money-transfers.ts';
import type { PaymentRow } from './payment-store.pg.ts';
import type { OrderPayments, RefundRequest } from './order-payments.ts';

export type RefundRow = {
  refundId: string;
  orderId: string;
  paymentId: string;
  provider: string;
  amountMinor: number;
  currency: string;
  state: 'requested' | 'failed' | 'done';
  /** How often the provider was asked for it; 1 at first. */
  attempts: number;
};

/** Name of the job that asks the provider; its payload is `{ refundId }`. */
export const refundJob = 'refund-payment';

const insert = `
  INSERT INTO refunds (refund_id, order_id, payment_id, amount_minor, shipping_minor, currency, reason, person_id,
    request_key, request_hash, state)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, CASE WHEN $4::bigint = 0 THEN 'done' ELSE 'requested' END)`;
const insertLines = `
  INSERT INTO refund_lines (refund_id, line_number, units, amount_minor, restocked)
  SELECT $1, * FROM unnest($2::int[], $3::int[], $4::bigint[], $5::boolean[])`;
const hasOpen = `
  SELECT FROM payments
  WHERE order_id = $1 AND (state IN ('started', 'in_progress') OR (state = 'captured' AND settlement IS NULL))
  LIMIT 1`;
const capturedAgo = `
  SELECT floor(extract(epoch FROM now() - captured_at) * 1000)::bigint AS "agoMs" FROM payments
  WHERE order_id = $1 AND settlement = 'order'`;
const settled = `
  SELECT payment_id AS "paymentId", provider, merchant_id AS "merchantId", currency FROM payments
  WHERE order_id = $1 AND settlement = 'order'`;
const find = `
  SELECT refund_id AS "refundId", r.order_id AS "orderId", r.payment_id AS "paymentId", p.provider,
    r.amount_minor AS "amountMinor", r.currency, r.state, r.attempts
  FROM refunds r JOIN payments p USING (payment_id) WHERE refund_id = $1`;
const hashOf = `SELECT request_hash AS "requestHash" FROM refunds WHERE order_id = $1 AND request_key = $2`;

type Settled = Pick<PaymentRow, 'paymentId' | 'provider' | 'merchantId' | 'currency'>;

export function createOrderPayments(jobs: Pick<Jobs, 'add'>): OrderPayments {
  return {
    async hasOpen(client, orderId) {
      return (await client.query(hasOpen, [orderId])).rowCount === 1;
    },
    async capturedAgoMs(client, orderId) {
      const { rows } = await client.query<{ agoMs: number }>(capturedAgo, [orderId]);
      return rows[0]?.agoMs ?? null;
    },
    async requestRefund(client, refund) {
      const { rows } = await client.query<Settled>(settled, [refund.orderId]);
      const payment = rows[0];
      if (!payment) throw new AppError('RETRY', 'The payment of this order is just being settled.');
      await insertRefund(client, refund, payment);
      await book(client, refundRequested({ ...refund, ...payment }));
      if (refund.amountMinor > 0) await jobs.add(client, { name: refundJob, payload: { refundId: refund.refundId } });
    },
    async retryRefund(client, orderId, refundId) {
      const refund = await findRefund(client, refundId);
      if (refund?.orderId !== orderId) throw new AppError('NOT_FOUND', 'The order has no such refund.');
      return retryRefund(client, jobs, refundId);
    },
    async findRefund(client, orderId, requestKey) {
      const { rows } = await client.query<{ requestHash: Buffer }>(hashOf, [orderId, requestKey]);
      return rows[0]?.requestHash ?? null;
    },
  };
}

/** The refund's rows alone, without booking. */
export async function insertRefund(
  client: Queryable,
  refund: RefundRequest,
  { paymentId, currency }: Pick<Settled, 'paymentId' | 'currency'>,
): Promise<void> {
  const { refundId, orderId, amountMinor, shippingMinor, lines, reason, personId, requestKey, requestHash } = refund;
  await client.query(insert, [
    refundId,
    orderId,
    paymentId,
    amountMinor,
    shippingMinor,
    currency,
    reason,
    personId,
    requestKey,
    requestHash,
  ]);
  if (lines.length === 0) return;
  await client.query(insertLines, [
    refundId,
    lines.map(({ lineNumber }) => lineNumber),
    lines.map(({ units }) => units),
    lines.map((line) => line.amountMinor),
    lines.map(({ restocked }) => restocked),
  ]);
}

export async function findRefund(db: Queryable, refundId: string): Promise<RefundRow | null> {
  return (await db.query<RefundRow>(find, [refundId])).rows[0] ?? null;
}

const startAgain = `
  UPDATE refunds SET state = 'requested', attempts = attempts + 1 WHERE refund_id = $1 AND state = 'failed'`;

/** A failed refund is asked for once more. False when it is not failed. */
export async function retryRefund(client: Queryable, jobs: Pick<Jobs, 'add'>, refundId: string): Promise<boolean> {
  if ((await client.query(startAgain, [refundId])).rowCount !== 1) return false;
  await jobs.add(client, { name: refundJob, payload: { refundId } });
  return true;
}

const finish = `UPDATE refunds SET state = 'done' WHERE refund_id = $1 AND state <> 'done'`;
const fail = `UPDATE refunds SET state = 'failed' WHERE refund_id = $1 AND state = 'requested' AND attempts = $2`;

/** Like payments, refunds only move up: a success, of whichever attempt, outranks a failure. True when this changed something. */
export async function finishRefund(client: Queryable, refund: RefundRow): Promise<boolean> {
  if ((await client.query(finish, [refund.refundId])).rowCount !== 1) return false;
  await book(client, refundDone(refund));
  return true;
}

/** A failure is one of its attempt: told late, it says nothing of the attempt that is under way now. */
export const failRefund = async (client: Queryable, refundId: string, attempt: number): Promise<boolean> =>
  (await client.query(fail, [refundId, attempt])).rowCount === 1;
