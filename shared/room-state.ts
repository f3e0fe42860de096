import type { RoomState } from './protocol/room.ts';

/** Whether a room has come to its end: nothing happens in it any more. */
export const isOver = ({ state }: { state: RoomState }): boolean => state === 'ended' || state === 'cancelled';

/** Whether a show has begun and goes on, be it paused. */
export const isGoingOn = ({ state }: { state: RoomState }): boolean => state === 'live' || state === 'paused';
