import type { RoomEventBody, RoomEventName } from './protocol/index.ts';

/** An entry of a room log with the body its kind promises. Narrow by `kind`. */
export type TypedEntry = {
  [K in RoomEventName]: { offset: number; atMs: number; kind: K; body: RoomEventBody<K> };
}[RoomEventName];
