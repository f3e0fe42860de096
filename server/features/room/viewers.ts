import type { Room } from '../../../shared/protocol/room.ts';

/** Adds to each room how many people watch it now. */
export type WithViewers = (rooms: readonly Room[]) => Promise<(Room & { viewers: number })[]>;
