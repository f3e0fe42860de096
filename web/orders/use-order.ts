import { useEffect } from 'preact/hooks';
import type { Ask } from '../room/room-session.ts';
import { onNotice } from '../session/connection.ts';
import { useLoaded } from '../state/use-loaded.ts';

/** One order, read again whenever the server says that it changed. */
export function useOrder(ask: Ask, orderId: string) {
  const order = useLoaded(() => ask('order:read', { orderId }), [orderId]);
  useEffect(() => onNotice('order:changed', (news) => news.orderId === orderId && void order.again()), [orderId]);
  return order;
}
