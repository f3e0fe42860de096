import type { RoomState } from './protocol/room.ts';

/** Whether a room has come to its end: nothing happens in it any more. */
export const isOver = ({ state }: { state: RoomState }): boolean => state === 'ended' || state === 'cancelled';
