import type { HeldOrder } from '../../../shared/protocol/offer.ts';
import type { LedgerOrder } from '../sale/orders-ledger.ts';

/** An order as its buyer sees it right after the purchase. */
export function heldOrder(order: LedgerOrder): HeldOrder {
  const { orderId, roomId, state, currency, totalMinor, payByMs, lines } = order;
  if (state === 'abandoned') throw new Error(`${orderId} is a tombstone, not an order`);
  return { orderId, roomId, state, currency, totalMinor, payByMs, lines: [...lines] };
}
