import type { Payment, PaymentState } from '../../../shared/protocol/payment.ts';
import { msOf, type Queryable } from '../../platform/postgres.ts';

export type PaymentRow = Payment & {
  buyerId: string;
  merchantId: string;
  provider: string;
  /** What arrived, and in which currency; null until then. */
  capturedMinor: number | null;
  capturedCurrency: string | null;
};

export type Sum = { amountMinor: number; currency: string };

export type NewPayment = Pick<
  PaymentRow,
  'paymentId' | 'orderId' | 'buyerId' | 'merchantId' | 'provider' | 'amountMinor' | 'currency'
>;

const columns = `
  payment_id AS "paymentId", order_id AS "orderId", buyer_id AS "buyerId", merchant_id AS "merchantId", provider, state,
  settlement, amount_minor AS "amountMinor", currency, captured_minor AS "capturedMinor",
  captured_currency AS "capturedCurrency", pay_url AS "payUrl",
  ${msOf('started_at')} AS "startedAtMs"`;

const insert = `
  INSERT INTO payments (payment_id, order_id, buyer_id, merchant_id, provider, amount_minor, currency)
  VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING ${columns}`;
const findOpen = `
  SELECT ${columns} FROM payments
  WHERE order_id = $1 AND (state IN ('started', 'in_progress') OR (state = 'captured' AND settlement IS NULL))
  ORDER BY state = 'captured' DESC LIMIT 1`;
const lock = `SELECT ${columns} FROM payments WHERE payment_id = $1 FOR UPDATE`;
const setState = `UPDATE payments SET state = $2 WHERE payment_id = $1`;
const capture = `
  UPDATE payments SET state = 'captured', captured_minor = $2, captured_currency = $3, captured_at = now() WHERE payment_id = $1`;
const settle = `
  UPDATE payments SET settlement = $2 WHERE payment_id = $1 AND state = 'captured' AND settlement IS NULL`;
const keepEvent = `
  INSERT INTO payment_events (provider, event_id, body_hash, kind, subject_id) VALUES ($1, $2, $3, $4, $5)
  ON CONFLICT DO NOTHING`;
const hashOfEvent = `SELECT body_hash AS "bodyHash" FROM payment_events WHERE provider = $1 AND event_id = $2`;

export type KeptEvent = { provider: string; eventId: string; bodyHash: Buffer; kind: string; subjectId: string };

/** Statements about payments; each runs on the connection it is given. */
export const paymentStore = {
  async insert(db: Queryable, payment: NewPayment): Promise<PaymentRow> {
    const { paymentId, orderId, buyerId, merchantId, provider, amountMinor, currency } = payment;
    const values = [paymentId, orderId, buyerId, merchantId, provider, amountMinor, currency];
    return (await db.query<PaymentRow>(insert, values)).rows[0]!;
  },
  /** One that the buyer can still pay; first of all one whose money is there and not decided about. */
  async findOpen(db: Queryable, orderId: string): Promise<PaymentRow | null> {
    return (await db.query<PaymentRow>(findOpen, [orderId])).rows[0] ?? null;
  },
  async find(db: Queryable, paymentId: string): Promise<PaymentRow | null> {
    const byId = `SELECT ${columns} FROM payments WHERE payment_id = $1`;
    return (await db.query<PaymentRow>(byId, [paymentId])).rows[0] ?? null;
  },
  /** Its row locked until the transaction ends. */
  async lock(db: Queryable, paymentId: string): Promise<PaymentRow | null> {
    return (await db.query<PaymentRow>(lock, [paymentId])).rows[0] ?? null;
  },
  async list(db: Queryable, orderId: string): Promise<PaymentRow[]> {
    const ofOrder = `SELECT ${columns} FROM payments WHERE order_id = $1 ORDER BY payment_id DESC LIMIT 100`;
    return (await db.query<PaymentRow>(ofOrder, [orderId])).rows;
  },
  async setPayUrl(db: Queryable, paymentId: string, payUrl: string): Promise<void> {
    await db.query(`UPDATE payments SET pay_url = $2 WHERE payment_id = $1`, [paymentId, payUrl]);
  },
  async setState(db: Queryable, paymentId: string, state: Exclude<PaymentState, 'captured'>): Promise<void> {
    await db.query(setState, [paymentId, state]);
  },
  async capture(db: Queryable, paymentId: string, { amountMinor, currency }: Sum): Promise<void> {
    await db.query(capture, [paymentId, amountMinor, currency]);
  },
  /** Decides what the money is used for, once. False when that was decided before. */
  async settle(db: Queryable, paymentId: string, settlement: 'order' | 'refund'): Promise<boolean> {
    return (await db.query(settle, [paymentId, settlement])).rowCount === 1;
  },
  /** `other`: there is an event with this id that says something else. */
  async keepEvent(db: Queryable, event: KeptEvent): Promise<'new' | 'repeated' | 'other'> {
    const { provider, eventId, bodyHash, kind, subjectId } = event;
    const { rowCount } = await db.query(keepEvent, [provider, eventId, bodyHash, kind, subjectId]);
    if (rowCount === 1) return 'new';
    const { rows } = await db.query<{ bodyHash: Buffer }>(hashOfEvent, [provider, eventId]);
    return rows[0]!.bodyHash.equals(bodyHash) ? 'repeated' : 'other';
  },
};
