import type { RoomEventBody, RoomEventName } from '../../../shared/protocol/index.ts';
import type { Position } from '../../../shared/protocol/room.ts';
import type { LineLane } from './log-line.ts';

export type { Position };

export type AppendOptions = {
  /** Who caused it. What one sender said can be redacted as a whole. */
  senderId?: string;
  /**
   * Idempotency key of the sender: the same (sender, key) is appended once and answered with the same position. Where it is the
   * `entryId` too, the entry can be found by it, whoever asks.
   */
  clientKey?: string;
  /** Id of what the entry carries, so that a later entry can redact it. */
  entryId?: string;
  /** What must not be delivered after this entry, recovery included: entry ids, or what `allOf` gives for a sender. @see redacts.ts */
  redacts?: readonly string[];
  /** Another lane than the kind's own: what host and staff say in the chat is never thinned, what viewers take back is not urgent. */
  lane?: LineLane;
  /** Not appended when the sender was silenced: answered `silenced`, without an offset. */
  unlessSilenced?: boolean;
  /** An entry with a place like any other, of which its sender alone is told: nobody else learns that it was left out. For the lane `chat`. */
  unheard?: boolean;
};

export type Appended = Position & { atMs: number; duplicate: boolean; silenced?: true };

/**
 * A field of a hash in Redis, under a key of the same room, that has the value of an aggregate. It is read in the instant at which the
 * aggregate is set: values that processes read before could overtake each other on their way.
 */
export type AggregateSource = { key: string; field: string };

/** The ordered, replayable list of everything that happened in a room. */
export type RoomLog = {
  /**
   * Appends one entry; resolves when it has an offset, which is when it counts as said. Calls of one event-loop turn
   * travel together. Order of calls is order of offsets, per process. What it redacts is then redacted in the archive too.
   *
   * @throws the driver's error when Redis is away, or PostgreSQL for what redacts; RETRY to callers outside. The same clientKey may
   *   then be sent again.
   */
  append<K extends RoomEventName>(
    roomId: string,
    kind: K,
    body: RoomEventBody<K>,
    options?: AppendOptions,
  ): Promise<Appended>;

  /**
   * Sets the latest value of an aggregate (likes, viewers, units left). Only the newest is sent, at most twice a second;
   * never an entry, never in recovery but as part of the snapshot.
   */
  setAggregate(roomId: string, name: string, value: number | string | AggregateSource): void;
};
