import { useEffect } from 'preact/hooks';
import type { Ask } from '../room/room-session.ts';
import { onNotice } from '../session/connection.ts';
import { online } from '../state/online.ts';
import { serverNowMs } from '../state/server-clock.ts';
import { useEvery } from '../state/use-every.ts';
import { useLoaded } from '../state/use-loaded.ts';

/** The server ends a hold soon after its deadline. A page that did not hear of it asks this often. */
const lookEveryMs = 2_000;

/**
 * One order, read again whenever the server says that it changed. What it says is a hint that may be lost on the way, so the
 * page also asks when the time to pay is over.
 */
export function useOrder(ask: Ask, orderId: string) {
  const order = useLoaded(() => ask('order:read', { orderId }), [orderId]);
  const { loaded, again } = order;
  const payByMs = loaded.state === 'ready' && loaded.value.state === 'held' ? loaded.value.payByMs : null;

  useEffect(() => onNotice('order:changed', (news) => news.orderId === orderId && void again()), [orderId]);
  const look = () => serverNowMs() > (payByMs ?? Infinity) && online.get() && void again();
  useEvery(lookEveryMs, look, payByMs !== null);

  return order;
}
