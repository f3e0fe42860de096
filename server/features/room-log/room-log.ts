import type { RoomEventBody, RoomEventName } from '../../../shared/protocol/index.ts';

/** Where an entry stands. `epoch` names one life of the log: a log that was lost begins again under another epoch. */
export type Position = { epoch: string; offset: number };

export type AppendOptions = {
  /** Who caused it; entries of banned people are left out of recovery. */
  senderId?: string;
  /** Idempotency key of the sender: the same (sender, key) is appended once and answered with the same position. */
  clientKey?: string;
};

/** The ordered, replayable list of everything that happened in a room. */
export type RoomLog = {
  /**
   * Appends one entry; resolves when it has an offset, which is when it counts as said. Calls of one event-loop turn
   * travel together. Order of calls is order of offsets, per process.
   *
   * @throws AppError RETRY when Redis is away; the same clientKey may then be sent again.
   */
  append<K extends RoomEventName>(
    roomId: string,
    kind: K,
    body: RoomEventBody<K>,
    options?: AppendOptions,
  ): Promise<Position & { atMs: number; duplicate: boolean }>;

  /**
   * Sets the latest value of an aggregate (likes, viewers, units left). Only the newest is sent, at most twice a second;
   * never an entry, never in recovery but as part of the snapshot.
   */
  setAggregate(roomId: string, name: string, value: number | string): void;
};
