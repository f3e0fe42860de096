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
  UPDATE sandbox_payments SET state = $2 WHERE page_token = $1 AND state = 'open' RETURNING ${columns}`;
const refund = `
  INSERT INTO sandbox_refunds (refund_id, payment_id, amount_minor, event_id) VALUES ($1, $2, $3, $4)
  ON CONFLICT DO NOTHING`;

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
      state: 'paid' | 'declined',
      tell: (client: Queryable, payment: SandboxPayment) => Promise<void>,
    ): Promise<SandboxPayment | null> =>
      inTransaction(db, async (client) => {
        const ended = (await client.query<SandboxPayment>(end, [pageToken, state])).rows[0];
        if (ended) await tell(client, ended);
        return ended ?? null;
      }),
    /** Keeps a refund and runs `tell` with it, once per refund id. */
    refund: (
      asked: { refundId: string; paymentId: string; amountMinor: number; eventId: string },
      tell: (client: Queryable, callbackUrl: string) => Promise<void>,
    ): Promise<void> =>
      inTransaction(db, async (client) => {
        const { refundId, paymentId, amountMinor, eventId } = asked;
        const { rowCount } = await client.query(refund, [refundId, paymentId, amountMinor, eventId]);
        if (rowCount === 0) return;
        const callback = `SELECT callback_url AS "callbackUrl" FROM sandbox_payments WHERE payment_id = $1`;
        const { rows } = await client.query<{ callbackUrl: string }>(callback, [paymentId]);
        await tell(client, rows[0]!.callbackUrl);
      }),
  };
}
