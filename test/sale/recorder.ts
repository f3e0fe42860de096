import type { Session } from '../../shared/protocol/session.ts';
import type { App } from '../../server/app/app.ts';
import { buy, data, type ShopFloor } from './shop-floor.ts';
import type {
  Attempt,
  Joining,
  LatePayment,
  Ledger,
  LedgerOrder,
  Line,
  Place,
  PriceSpan,
  Told,
  Window,
} from './history-form.ts';

type Gateway = Pick<App, 'url'>;

/** Buys and waits like a client, and writes down what it saw: when it asked, when it was answered, and what. */
export function createRecorder(floor: ShopFloor, ...usual: Line[]) {
  const told = { attempts: [] as Attempt[], joinings: [] as Joining[] } satisfies Told;

  return {
    told,
    /** One request, whatever becomes of it. */
    async tryOnce(app: Gateway, buyer: Session, requestKey: string, lines: readonly Line[] = usual): Promise<Attempt> {
      const attempt: Attempt = {
        buyerId: buyer.person.personId,
        requestKey,
        lines,
        beganAtMs: Date.now(),
        endedAtMs: null,
        answer: { outcome: 'unknown' },
      };
      told.attempts.push(attempt);
      const reply = await buy(app, floor, buyer, [...lines], requestKey).catch(() => null);
      if (!reply) return attempt;
      attempt.endedAtMs = Date.now();
      if (!reply.ok) {
        if (!reply.error.retryable) throw new Error(`${reply.error.code}: ${reply.error.message}`);
        attempt.answer = { outcome: 'retry', retryAfterMs: reply.error.retryAfterMs };
      } else if (reply.data.outcome === 'held') {
        const { orderId, totalMinor } = reply.data.order;
        attempt.answer = { outcome: 'held', orderId, totalMinor };
      } else if (reply.data.outcome === 'one_merchant') throw new Error('unexpected outcome one_merchant');
      else attempt.answer = reply.data;
      return attempt;
    },
    /** The same key again and again, until there is a yes or a no. */
    async insist(app: Gateway, buyer: Session, requestKey: string, lines: readonly Line[] = usual): Promise<Attempt> {
      for (let tries = 0; tries < 400; tries++) {
        const attempt = await this.tryOnce(app, buyer, requestKey, lines);
        if (attempt.answer.outcome !== 'retry' && attempt.answer.outcome !== 'unknown') return attempt;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      throw new Error('no answer after 400 tries');
    },
    wait: (app: Gateway, buyer: Session, line: Line) => stand(app, buyer, line, 'POST'),
    leave: (app: Gateway, buyer: Session, line: Line) => stand(app, buyer, line, 'DELETE'),
  };

  async function stand(app: Gateway, buyer: Session, line: Line, method: 'POST' | 'DELETE'): Promise<void> {
    const path = `/api/rooms/${floor.roomId}/offers/${line.offerId}/wait`;
    const beganAtMs = Date.now();
    const body = method === 'POST' ? { units: line.units } : undefined;
    const answer = await data(app, method, path, buyer.accessToken, body);
    const outcome = method === 'DELETE' && answer.left ? 'left' : answer.outcome;
    const known = ['waiting', 'available', 'left'].includes(outcome);
    const joining = { ...line, personId: buyer.person.personId, beganAtMs, endedAtMs: Date.now() };
    told.joinings.push({ ...joining, answer: known ? outcome : 'other' });
  }
}

/** An answer is there after so long, whatever is broken, ms. */
const answeredWithinMs = 3_000;

/** Requests that were not answered as they must be during any fault: in time, and with yes, no, or come again within a second. In words. */
export const illAnswered = ({ attempts }: Told): string[] =>
  attempts.flatMap(({ answer, beganAtMs, endedAtMs }) => {
    const tookMs = (endedAtMs ?? Infinity) - beganAtMs;
    if (tookMs > answeredWithinMs) return [`${answer.outcome} after ${tookMs} ms`];
    const againInMs = answer.outcome === 'retry' ? (answer.retryAfterMs ?? Infinity) : 0;
    return againInMs >= 0 && againInMs <= 1_000 ? [] : [`again in ${againInMs} ms`];
  });

const orders = `
  SELECT o.order_id AS "orderId", o.buyer_id AS "buyerId", o.request_key AS "requestKey",
    floor(extract(epoch FROM o.held_at) * 1000)::bigint AS "heldAtMs",
    (SELECT jsonb_agg(jsonb_build_object('offerId', offer_id, 'units', units, 'priceMinor', price_minor) ORDER BY line_number)
     FROM order_lines l WHERE l.order_id = o.order_id) AS lines,
    (SELECT floor(extract(epoch FROM min(at)) * 1000)::bigint FROM order_events e
     WHERE e.order_id = o.order_id AND e.kind IN ('expired', 'cancelled')) AS "endedAtMs",
    (SELECT floor(extract(epoch FROM min(at)) * 1000)::bigint FROM order_events e
     WHERE e.order_id = o.order_id AND e.kind = 'paid') AS "paidAtMs"
  FROM orders o WHERE o.state <> 'abandoned'
    AND EXISTS (SELECT FROM order_lines l WHERE l.order_id = o.order_id AND l.offer_id = ANY($1::uuid[]))`;

const places = `
  SELECT offer_id AS "offerId", person_id AS "personId", units, state, order_id AS "orderId"
  FROM offer_waiters WHERE offer_id = ANY($1::uuid[])`;

const latePayments = `
  SELECT p.order_id AS "orderId", p.settlement, floor(extract(epoch FROM p.captured_at) * 1000)::bigint AS "arrivedAtMs",
    (SELECT ceil(extract(epoch FROM min(at)) * 1000)::bigint FROM order_events e
     WHERE e.order_id = p.order_id AND e.kind IN ('payment-settled', 'payment-returned')
       AND e.details->>'paymentId' = p.payment_id::text) AS "settledAtMs"
  FROM payments p JOIN order_events e ON e.order_id = p.order_id AND e.kind = 'expired' AND e.at < p.captured_at
  WHERE p.state = 'captured'
    AND EXISTS (SELECT FROM order_lines l WHERE l.order_id = p.order_id AND l.offer_id = ANY($1::uuid[]))`;

const prices = `
  SELECT offer_id AS "offerId", price_minor AS "priceMinor", floor(extract(epoch FROM from_at) * 1000)::bigint AS "fromMs",
    ceil(extract(epoch FROM until_at) * 1000)::bigint AS "untilMs"
  FROM offer_prices WHERE offer_id = ANY($1::uuid[])`;

const windows = `
  SELECT offer_id AS "offerId", floor(extract(epoch FROM opens_at) * 1000)::bigint AS "opensAtMs",
    floor(extract(epoch FROM LEAST(closes_at, closed_at)) * 1000)::bigint AS "endsAtMs"
  FROM offers WHERE offer_id = ANY($1::uuid[])`;

type OrderRow = Omit<LedgerOrder, 'spans'> & { heldAtMs: number; endedAtMs: number | null; paidAtMs: number | null };

/** What the ledger has of offers. */
export async function ledgerOf({ platform: { db } }: Pick<App, 'platform'>, ...offerIds: string[]): Promise<Ledger> {
  const rowsOf = async <T extends object>(sql: string) => (await db.query<T>(sql, [offerIds])).rows;
  return {
    orders: (await rowsOf<OrderRow>(orders)).map(({ heldAtMs, endedAtMs, paidAtMs, ...order }) => ({
      ...order,
      spans: [
        { fromMs: heldAtMs, untilMs: endedAtMs },
        // Paid after it had ended: its units were taken again.
        ...(endedAtMs !== null && paidAtMs !== null ? [{ fromMs: paidAtMs, untilMs: null }] : []),
      ],
    })),
    places: await rowsOf<Place>(places),
    latePayments: await rowsOf<LatePayment>(latePayments),
    prices: await rowsOf<PriceSpan>(prices),
    windows: await rowsOf<Window>(windows),
  };
}
