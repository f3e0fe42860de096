import type { Session } from '../../shared/protocol/session.ts';
import type { App } from '../../server/app/app.ts';
import { buy, type ShopFloor } from './shop-floor.ts';
import type { Attempt, LedgerEntry } from './history.ts';

/** Buys like a client, and writes down what it saw: when it asked, when it was answered, and what. */
export function createRecorder(floor: ShopFloor, offerId: string) {
  const attempts: Attempt[] = [];

  return {
    attempts,
    /** One request, whatever becomes of it. */
    async tryOnce(app: Pick<App, 'url'>, buyer: Session, requestKey: string, units = 1): Promise<Attempt> {
      const attempt: Attempt = {
        buyerId: buyer.person.personId,
        requestKey,
        offerId,
        units,
        beganAtMs: Date.now(),
        endedAtMs: null,
        answer: { outcome: 'unknown' },
      };
      attempts.push(attempt);
      const reply = await buy(app, floor, buyer, { offerId, units }, requestKey).catch(() => null);
      if (!reply) return attempt;
      attempt.endedAtMs = Date.now();
      if (!reply.ok) {
        if (!reply.error.retryable) throw new Error(`${reply.error.code}: ${reply.error.message}`);
        attempt.answer = { outcome: 'retry' };
      } else if (reply.data.outcome === 'held') attempt.answer = { outcome: 'held', orderId: reply.data.order.orderId };
      else if (reply.data.outcome === 'sold_out' || reply.data.outcome === 'limit')
        attempt.answer = { outcome: reply.data.outcome };
      else throw new Error(`unexpected outcome ${reply.data.outcome}`);
      return attempt;
    },
    /** The same key again and again, until there is a yes or a no. */
    async insist(app: Pick<App, 'url'>, buyer: Session, requestKey: string, units = 1): Promise<Attempt> {
      for (let tries = 0; tries < 400; tries++) {
        const attempt = await this.tryOnce(app, buyer, requestKey, units);
        if (attempt.answer.outcome !== 'retry' && attempt.answer.outcome !== 'unknown') return attempt;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      throw new Error('no answer after 400 tries');
    },
  };
}

/** Orders of an offer as they are in the ledger. Freed: when its state last changed, by its event. */
export async function ledgerOf(app: App, offerId: string): Promise<LedgerEntry[]> {
  const { rows } = await app.platform.db.query<LedgerEntry>(
    `SELECT o.order_id AS "orderId", o.buyer_id AS "buyerId", o.request_key AS "requestKey", l.offer_id AS "offerId", l.units,
       (extract(epoch FROM o.held_at) * 1000)::bigint AS "heldAtMs",
       (SELECT (extract(epoch FROM min(at)) * 1000)::bigint FROM order_events e
        WHERE e.order_id = o.order_id AND e.kind IN ('expired', 'cancelled')) AS "freedAtMs"
     FROM orders o JOIN order_lines l USING (order_id) WHERE l.offer_id = $1 AND o.state <> 'abandoned'`,
    [offerId],
  );
  return rows;
}
