import { inTransaction, type Db, type Queryable } from '../../platform/postgres.ts';
import type { PagePayment } from './payment-provider.ts';

/** A payment in the books of the sandbox provider. */
export type SandboxPayment = PagePayment & {
  pageToken: string;
  callbackUrl: string;
  state: 'open' | 'paid' | 'declined';
};

const columns = `
  payment_id AS "paymentId", page_token AS "pageToken", amount_minor AS "amountMinor", currency, description,
  callback_url AS "callbackUrl", return_path AS "returnPath", language, state`;

/** A payment that has a page keeps it; only where to return to may be another. */
const open = `
  INSERT INTO sandbox_payments (payment_id, page_token, amount_minor, currency, description, callback_url, return_path, language)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
  ON CONFLICT (payment_id) DO UPDATE SET return_path = $7, language = $8 RETURNING ${columns}`;
const end = `
  UPDATE sandbox_payments SET state = $2, known_at = now() + $3 * interval '1 ms', refunds_failing = $4
  WHERE page_token = $1 AND state = 'open' RETURNING ${columns}`;
const failOne = `
  UPDATE sandbox_payments SET refunds_failing = refunds_failing - 1 WHERE payment_id = $1 AND refunds_failing > 0`;
const refund = `
  INSERT INTO sandbox_refunds AS r (refund_id, payment_id, amount_minor, event_id, attempt, succeeded) VALUES ($1, $2, $3, $4, $5, $6)
  ON CONFLICT (refund_id) DO UPDATE SET attempt = $5, succeeded = $6, event_id = $4 WHERE r.attempt < $5 AND NOT r.succeeded`;
const refundNow = `SELECT event_id AS "eventId", attempt, succeeded FROM sandbox_refunds WHERE refund_id = $1`;
const known = `
  SELECT state, amount_minor AS "amountMinor", currency FROM sandbox_payments WHERE payment_id = $1 AND known_at <= now()`;

type RefundNow = { eventId: string; attempt: number; succeeded: boolean };

/** Undoes a transaction that has nothing to do. */
class Repeated extends Error {}

export type SandboxBooks = ReturnType<typeof createSandboxBooks>;

export function createSandboxBooks(db: Db) {
  return {
    async open(payment: Omit<SandboxPayment, 'state'>): Promise<SandboxPayment> {
      const { paymentId, pageToken, amountMinor, currency, description, callbackUrl, returnPath, language } = payment;
      const values = [paymentId, pageToken, amountMinor, currency, description, callbackUrl, returnPath, language];
      return (await db.query<SandboxPayment>(open, values)).rows[0]!;
    },
    async find(pageToken: string): Promise<SandboxPayment | null> {
      const byToken = `SELECT ${columns} FROM sandbox_payments WHERE page_token = $1`;
      return (await db.query<SandboxPayment>(byToken, [pageToken])).rows[0] ?? null;
    },
    /** Ends an open payment and runs `tell` in the same transaction; null, and nothing happens, when it is not open. */
    end: (
      pageToken: string,
      { state, knownInMs, refundsFailing }: { state: 'paid' | 'declined'; knownInMs: number; refundsFailing: number },
      tell: (client: Queryable, payment: SandboxPayment) => Promise<void>,
    ): Promise<SandboxPayment | null> =>
      inTransaction(db, async (client) => {
        const ended = (await client.query<SandboxPayment>(end, [pageToken, state, knownInMs, refundsFailing])).rows[0];
        if (ended) await tell(client, ended);
        return ended ?? null;
      }),
    /** What became of a payment, once anybody may know. */
    async known(paymentId: string) {
      return (
        (await db.query<Pick<SandboxPayment, 'state' | 'amountMinor' | 'currency'>>(known, [paymentId])).rows[0] ?? null
      );
    },
    async refundNow(refundId: string) {
      return (await db.query<RefundNow>(refundNow, [refundId])).rows[0] ?? null;
    },
    /** Keeps an attempt of a refund and runs `tell` with what became of it, once per attempt. */
    refund: (
      asked: { refundId: string; attempt: number; paymentId: string; amountMinor: number; eventId: string },
      tell: (client: Queryable, callbackUrl: string, succeeded: boolean) => Promise<void>,
    ): Promise<void> =>
      inTransaction(db, async (client) => {
        const { refundId, attempt, paymentId, amountMinor, eventId } = asked;
        const succeeded = (await client.query(failOne, [paymentId])).rowCount === 0;
        const values = [refundId, paymentId, amountMinor, eventId, attempt, succeeded];
        // A repeated attempt must not use up a failure either.
        if ((await client.query(refund, values)).rowCount === 0) throw new Repeated();
        const callback = `SELECT callback_url AS "callbackUrl" FROM sandbox_payments WHERE payment_id = $1`;
        const { rows } = await client.query<{ callbackUrl: string }>(callback, [paymentId]);
        await tell(client, rows[0]!.callbackUrl, succeeded);
      }).catch((error: unknown) => {
        if (!(error instanceof Repeated)) throw error;
      }),
  };
}
