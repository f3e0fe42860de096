import type { OrderSummary } from '../../shared/protocol/order.ts';
import { ask } from '../session/connection.ts';
import { myShopId } from './shop.ts';

/** Pages read at the most: 2,000 orders, newest first. */
const pagesMax = 20;

/** The merchant's orders that came from one show. */
export async function ordersOfShow(roomId: string): Promise<OrderSummary[]> {
  const found: OrderSummary[] = [];
  let after: string | null = null;
  for (let page = 0; page < pagesMax; page++) {
    const answer: { orders: OrderSummary[]; next: string | null } = await ask('shop:orders', {
      shopId: myShopId(),
      limit: 100,
      ...(after ? { after } : {}),
    });
    found.push(...answer.orders.filter((order) => order.roomId === roomId));
    after = answer.next;
    if (!after) break;
  }
  return found;
}
