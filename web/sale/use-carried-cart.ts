import { useEffect, useRef } from 'preact/hooks';
import type { RoomSession } from '../room/room-session.ts';
import { person } from '../session/session.ts';

/**
 * A guest who signs in to an account of before is somebody else, with a cart of their own: what the guest had put in goes along.
 * Only from a guest to an account: nobody's cart is carried to whoever uses the browser after them.
 */
export function useCarriedCart(session: RoomSession | null): void {
  const before = useRef<{ session: RoomSession; isGuest: boolean } | null>(null);
  useEffect(() => {
    if (!session) return;
    const isGuest = person()?.kind === 'guest';
    const last = before.current;
    before.current = { session, isGuest };
    if (!last?.isGuest || isGuest || last.session.myId === session.myId) return;
    // What can't be put is missing from the drawer, which says what is in it.
    for (const line of last.session.cart.lines.get()) void session.cart.put(line).catch(() => undefined);
  }, [session]);
}
