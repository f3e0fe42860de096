import { crashAt } from './crash-point.ts';
import type { NewOrder, OrderStore, StoredOrder } from './order-store.ts';

/** What became of an order that was sent to the ledger. */
export type WriteOutcome =
  | { outcome: 'written'; payByMs: number }
  /** The request key is in the ledger already, under this order. */
  | { outcome: 'there_before'; order: StoredOrder }
  | { outcome: 'key_reused' }
  /** Not written, and never will be: an epoch had passed, its id was buried, or its right is used up. */
  | { outcome: 'refused' }
  /** May have been written, or may be later: only its request key can tell. */
  | { outcome: 'unknown' };

type Needs = {
  store: Pick<OrderStore, 'insert' | 'findByKeys' | 'buriedOf'>;
  isDefinite: (error: unknown) => boolean;
  /** Refused because of what some order says, not because of the database's state. */
  isDataFault: (error: unknown) => boolean;
  /** Life of a hold, ms. */
  holdMs: number;
  onFailure: (error: unknown, orders: readonly NewOrder[]) => void;
};

export function createBatchWriting({ store, isDefinite, isDataFault, holdMs, onFailure }: Needs) {
  return { write, known };

  /**
   * Writes orders into the ledger together, and finds out about each what became of it. Never rejects.
   *
   * @param onFault  called when the database could not write them, whatever they say.
   */
  async function write(batch: readonly NewOrder[], onFault: () => void): Promise<WriteOutcome[]> {
    try {
      crashAt('before-commit');
      const { written, payByMs } = await store.insert(batch, holdMs);
      crashAt('after-commit-before-answer');
      const rest = batch.filter(({ orderId }) => !written.has(orderId));
      const answers = new Map(await explain(rest, { outcome: 'refused' }));
      return batch.map(({ orderId }) => answers.get(orderId) ?? { outcome: 'written', payByMs });
    } catch (error) {
      const isOfAnOrder = isDataFault(error);
      if (isOfAnOrder && batch.length > 1) return writeHalves(batch, onFault);
      if (!isOfAnOrder) onFault();
      onFailure(error, batch);
      // The answer of a commit was lost: what is in the ledger is told, the rest may still get there.
      const otherwise: WriteOutcome = { outcome: isDefinite(error) ? 'refused' : 'unknown' };
      const answers = new Map(await explain(batch, otherwise).catch(() => []));
      return batch.map(({ orderId }) => answers.get(orderId) ?? { outcome: 'unknown' });
    }
  }

  /** What the ledger tells of orders whose statement has no answer yet. Null of those that may still be written. */
  async function known(orders: readonly NewOrder[]): Promise<(WriteOutcome | null)[]> {
    const buried = await store.buriedOf(orders.map(({ orderId }) => orderId));
    const answers = new Map(await explain(orders, { outcome: 'unknown' }));
    return orders.map(({ orderId }) => {
      if (buried.has(orderId)) return { outcome: 'refused' };
      const answer = answers.get(orderId)!;
      return answer.outcome === 'unknown' ? null : answer;
    });
  }

  /** One order that PostgreSQL can't take must not turn away the others: what is left alone in the end is the culprit. */
  async function writeHalves(batch: readonly NewOrder[], onFault: () => void): Promise<WriteOutcome[]> {
    const middle = batch.length >> 1;
    return [...(await write(batch.slice(0, middle), onFault)), ...(await write(batch.slice(middle), onFault))];
  }

  async function explain(orders: readonly NewOrder[], otherwise: WriteOutcome): Promise<[string, WriteOutcome][]> {
    if (orders.length === 0) return [];
    const found = new Map((await store.findByKeys(orders)).map((order) => [order.buyerId + order.requestKey, order]));
    return orders.map((order) => {
      const earlier = found.get(order.buyerId + order.requestKey);
      if (!earlier) return [order.orderId, otherwise];
      const same = earlier.requestHash === order.requestHash;
      return [order.orderId, same ? { outcome: 'there_before', order: earlier } : { outcome: 'key_reused' }];
    });
  }
}
