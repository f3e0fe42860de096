import { limits } from '../../shared/limits.ts';
import type { RoomSession } from '../room/room-session.ts';
import { serverNowMs } from '../state/server-clock.ts';
import { leavePlace, takePlace } from './places.ts';

type Needs = Pick<RoomSession, 'ask' | 'roomId' | 'places' | 'served'>;

/**
 * Asks for one's place on a waiting list. That units are held for one is told to sockets alone, and time to pay runs whether or not
 * one was there: when a place that was known is gone, the order it turned into is looked for. One that was held before is another:
 * somebody may have bought a unit and wait for a second.
 */
export async function lookAtPlace({ ask, roomId, places, served }: Needs, offerId: string): Promise<void> {
  const knownAtMs = serverNowMs();
  const { place } = await ask('offer:place', { roomId, offerId });
  if (place) return takePlace(places, offerId, { ...place, knownAtMs });
  if (!places.get().has(offerId)) return;
  const { orders } = await ask('order:list', { state: 'held', limit: limits.pageRowsMax });
  const before = places.get().get(offerId);
  if (!before) return; // The notice came meanwhile.
  const order = orders.find(
    ({ lines, heldAtMs }) => heldAtMs >= before.knownAtMs && lines.some((line) => line.offerId === offerId),
  );
  if (order) served(order);
  else leavePlace(places, offerId);
}
