import type { ListedRoom, PinnedProduct, Room } from '../../../shared/protocol/room.ts';

/** Adds to each room what a list shows of it besides: how many people watch it now, and what is shown. */
export type WithViewers = (rooms: readonly Room[]) => Promise<ListedRoom[]>;

/** The newest pin of each of these rooms that has one. */
export type PinnedIn = (roomIds: readonly string[]) => Promise<ReadonlyMap<string, PinnedProduct>>;
