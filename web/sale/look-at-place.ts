import { limits } from '../../shared/limits.ts';
import type { RoomSession } from '../room/room-session.ts';
import { leavePlace, takePlace } from './places.ts';

type Needs = Pick<RoomSession, 'ask' | 'roomId' | 'places' | 'served'>;

/**
 * Asks for one's place on a waiting list. That units are held for one is told to sockets alone, and time to pay runs whether or not
 * one was there: when a place that was known is gone, the order it turned into is looked for.
 */
export async function lookAtPlace({ ask, roomId, places, served }: Needs, offerId: string): Promise<void> {
  const { place } = await ask('offer:place', { roomId, offerId });
  if (place) return takePlace(places, offerId, place.position);
  if (!places.get().has(offerId)) return;
  const { orders } = await ask('order:list', { state: 'held', limit: limits.pageRowsMax });
  if (!places.get().has(offerId)) return; // The notice came meanwhile.
  const order = orders.find(({ lines }) => lines.some((line) => line.offerId === offerId));
  if (order) served(order);
  else leavePlace(places, offerId);
}
