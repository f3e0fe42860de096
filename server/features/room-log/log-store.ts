import type { Aggregates, Position } from '../../../shared/protocol/room.ts';
import type { AggregateSource, Appended } from './room-log.ts';
import type { LineTail, LogEntry, LogLine } from './log-line.ts';

/** @see AppendOptions in room-log.ts */
export type NewEntry = { tail: LineTail; clientKey: string | undefined; unlessSilenced?: boolean; unheard?: boolean };

/** An entry that was appended, and where. `entry` is null when it was trimmed; who took it back by its sender is not known then. */
export type Recalled = { position: Position; entry: LogLine | null; redacted: boolean };

/** Where the log of a room ends now, and where each of its lives before this one was continued, oldest first; long ago ones are forgotten. */
export type LogEnd = Position & { before: readonly Position[] };

/**
 * How much of what was known at a position is so still: what every life since then went on from. Null when the position is of no life
 * that this log continues.
 */
export function keptUpTo({ epoch, offset }: Position, end: LogEnd): number | null {
  if (epoch === end.epoch) return offset;
  const life = end.before.findIndex((before) => before.epoch === epoch);
  if (life < 0) return null;
  return Math.min(offset, ...end.before.slice(life).map((before) => before.offset));
}

/** Where room logs are kept while they are fresh. Everything here may be lost; a new epoch then says so. A store that is away throws its driver's error. */
export type LogStore = {
  /** Appends in order, all or nothing. */
  append(roomId: string, entries: readonly NewEntry[]): Promise<Appended[]>;
  /**
   * What is appended from now on unless this person is silenced is not appended, whichever gateway says it and whatever it knew of the
   * person. For a minute, after which nobody goes by what they read before; who is pardoned meanwhile is asked about once more. Said
   * before the entry that tells of a sanction, so that nothing of the person comes after it.
   */
  silence(roomId: string, personId: string): Promise<void>;
  /** The entry whose client key is this id of what it carries, or that it was set aside; null when neither is so, or so long ago that it is forgotten. */
  recall(roomId: string, entryId: string): Promise<Recalled | 'aside' | null>;
  /** Whether the room itself, and no sender in it, has appended something with this client key; no when so long ago that it is forgotten. */
  isAppended(roomId: string, clientKey: string): Promise<boolean>;
  /** Notes that what carries this id waits elsewhere. It may be appended later all the same. */
  setAside(roomId: string, entryId: string): Promise<void>;
  /** Nothing with this id was set aside after all. */
  forgetAside(roomId: string, entryId: string): Promise<void>;
  /**
   * Whether nothing more is expected: the log is then forgotten a day, and not a week, after the last append, also of what is
   * appended after all. An append of nothing puts neither off.
   */
  letGo(roomId: string, over: boolean): Promise<void>;
  /** Null when the room has no log (yet, or any more). */
  end(roomId: string): Promise<LogEnd | null>;
  /** The same of many rooms, in their order. */
  ends(roomIds: readonly string[]): Promise<(LogEnd | null)[]>;
  /** Where logs end and the latest values of the rooms, in the order of the rooms. */
  states(roomIds: readonly string[]): Promise<{ end: LogEnd | null; aggregates: Aggregates }[]>;
  /** Entries after `offset`, oldest first, `max` at the most. Those that were trimmed are missing. */
  entriesAfter(roomId: string, offset: number, max: number): Promise<LogEntry[]>;
  /** The same of many rooms, each after its own place, in their order. */
  entriesAfterEach(places: readonly { roomId: string; offset: number }[], max: number): Promise<LogEntry[][]>;
  /** The last entries, oldest first, `max` at the most. */
  lastEntries(roomId: string, max: number): Promise<LogEntry[]>;
  /** Sets aggregates, to what they are or what their source says at that instant, and tells the gateways that serve the room. */
  setAggregates(roomId: string, values: Readonly<Record<string, number | string | AggregateSource>>): Promise<void>;
  /** Tells a word to the gateways that serve the room; kept nowhere. @see signals.ts */
  signal(roomId: string, name: string, text: string): Promise<unknown>;
  aggregates(roomId: string): Promise<Aggregates>;
};
