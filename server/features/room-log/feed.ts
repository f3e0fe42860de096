import type { Aggregates, Position } from '../../../shared/protocol/room.ts';
import { findIn, frameText, visibleOf } from './frame-text.ts';
import type { FeedCounts } from './feed-metrics.ts';
import type { LogEntry } from './log-line.ts';
import { keptUpTo, type LogEnd } from './log-store.ts';

/** A reader of frames: one socket in one room. @see member.socket.ts */
export type Member = { take(frame: Frame): void };

/** A frame on its way: an encoded form is made when first asked for, and shared by all who take it. */
export type Frame = {
  readonly epoch: string;
  readonly from: number;
  readonly to: number;
  /** Has entries of the lanes that are never dropped. */
  readonly hasImportant: boolean;
  readonly whole: () => Encoded;
  readonly withoutAggregates: () => Encoded;
  /** For a reader who stands further back: everything of this frame, or what is never dropped; the rest counts as omitted. */
  readonly since: (from: number, lanes: 'all' | 'important') => Encoded;
};
export type Encoded = { text: string; frame: Buffer };

export type FeedNeeds = {
  roomId: string;
  end: LogEnd;
  /** The last entries up to `end`, oldest first. */
  recent: readonly LogEntry[];
  aggregates: Aggregates;
  encode: (json: string) => Encoded;
  counts: FeedCounts;
  clock: FeedClock;
};

/** Time, as a feed sees it. */
export type FeedClock = {
  /** Unix epoch, ms: told to clients. */
  nowMs(): number;
  /** ms since any fixed moment, never jumping: paces frames. */
  elapsedMs(): number;
  /** Calls once after `ms`; returns how to call it off. */
  after(ms: number, run: () => void): () => void;
  /** ms between frames that this gateway can afford, given what the last frame cost. */
  windowMs(flushCostMs: number): number;
};

/** Entries kept for those who come back after a moment; older ones are read from the log. */
const recentMax = 512;
/** Commerce and host entries leave at once, but not more often than this, ms. */
const urgentGapMs = 10;
/** Aggregates leave at most this often, ms. */
const aggregatesGapMs = 500;

export type Feed = ReturnType<typeof createFeed>;

/**
 * One room on one gateway: takes the entries of the log in order, collects them for a window, and writes them to all members
 * as one frame. Every member gets every frame; who needs what came before asks `since`.
 */
export function createFeed({ roomId, end, recent: past, aggregates: known, encode, counts, clock }: FeedNeeds) {
  const members = new Set<Member>();
  const recent = [...past];
  const aggregates: Record<string, number | string> = { ...known };
  let { epoch, offset: headOffset, before } = end;
  let sentOffset = headOffset;
  let importantOffset = headOffset;
  let dirty = new Set<string>();
  let sentAtMs = -Infinity;
  let aggregatesSentAtMs = -Infinity;
  let flushCostMs = 0;
  let timer: { dueAtMs: number; cancel: () => void } | null = null;

  return {
    roomId,
    members,
    aggregates: (): Aggregates => ({ ...aggregates }),
    get epoch(): string {
      return epoch;
    },
    /** Offset of the last entry received. */
    get headOffset(): number {
      return headOffset;
    },
    /** Where members stand: everything up to here was in a frame. */
    get sent(): Position {
      return { epoch, offset: sentOffset };
    },
    /** Offset of the last entry that was not just chat: state read before it may be out of date. */
    get importantOffset(): number {
      return importantOffset;
    },

    /** Takes entries that follow the head without a gap; older ones are skipped. */
    receive(entries: readonly LogEntry[]): void {
      const fresh = entries.filter(({ offset }) => offset > headOffset);
      if (fresh.length === 0) return;
      recent.push(...fresh);
      if (recent.length > recentMax * 2) recent.splice(0, recent.length - recentMax);
      headOffset = fresh.at(-1)!.offset;
      const important = fresh.findLast(isImportant);
      if (important) importantOffset = important.offset;
      flushAfter(important ? urgentDelayMs() : windowDelayMs());
    },
    setAggregates(values: Aggregates): void {
      for (const [name, value] of Object.entries(values)) {
        if (aggregates[name] === value) continue;
        aggregates[name] = value;
        dirty.add(name);
      }
      if (dirty.size > 0) flushAfter(Math.max(0, aggregatesSentAtMs + aggregatesGapMs - clock.elapsedMs()));
    },
    /** Goes on in another life of the log. Members notice by the epoch of the next frame, and ask what they missed. */
    restart(next: LogEnd, entries: readonly LogEntry[]): void {
      ({ epoch, offset: headOffset, before } = next);
      recent.splice(0, recent.length, ...entries);
      sentOffset = importantOffset = headOffset;
      tellPosition();
    },

    /**
     * Entries after a position up to `sent`, as far as memory reaches: null when they must be read from the log.
     * `false` when the position is not of this log, or was lost: only a snapshot helps.
     */
    since(position: Position): LogEntry[] | null | false {
      const start = startIn(position);
      if (start === null) return false;
      if (start >= sentOffset) return [];
      const reaches = recent[0] !== undefined && recent[0].offset <= start + 1;
      return reaches ? recent.filter(({ offset }) => offset > start && offset <= sentOffset) : null;
    },
    startIn,
    /** Sends what waits, so that `sent` is the head. */
    flush,
    /** The last entries that were sent, oldest first. */
    lastSent: (max: number): LogEntry[] => recent.filter(({ offset }) => offset <= sentOffset).slice(-max),
    /** Whether the last `entries` of the log, or all there are, are in memory. */
    remembers: (entries: number): boolean => recent.length >= Math.min(entries, headOffset),
    findRecent: (entryId: string): LogEntry | 'redacted' | null => findIn(recent, entryId),
    close(): void {
      timer?.cancel();
    },
  };

  /** The offset a position stands for in this epoch; null when it can't be compared with it. */
  function startIn(position: Position): number | null {
    if (position.epoch === epoch && position.offset > headOffset) return null;
    return keptUpTo(position, { epoch, offset: headOffset, before }) === position.offset ? position.offset : null;
  }

  function urgentDelayMs(): number {
    return Math.max(0, sentAtMs + urgentGapMs - clock.elapsedMs());
  }

  function windowDelayMs(): number {
    return Math.max(0, sentAtMs + clock.windowMs(flushCostMs) - clock.elapsedMs());
  }

  function flushAfter(delayMs: number): void {
    const dueAtMs = clock.elapsedMs() + delayMs;
    if (timer && timer.dueAtMs <= dueAtMs) return;
    timer?.cancel();
    if (delayMs === 0) return flush();
    timer = { dueAtMs, cancel: clock.after(delayMs, flush) };
  }

  function flush(): void {
    timer = null;
    sentAtMs = clock.elapsedMs();
    const frame = nextFrame();
    for (const member of members) member.take(frame);
    flushCostMs = clock.elapsedMs() - sentAtMs;
  }

  function nextFrame(): Frame {
    const [from, to] = [sentOffset, headOffset];
    const entries = recent.filter(({ offset }) => offset > from);
    sentOffset = to;
    return frameOf({ from, to, entries, values: dueAggregates() });
  }

  function dueAggregates(): Aggregates | null {
    if (dirty.size === 0 || sentAtMs - aggregatesSentAtMs < aggregatesGapMs) return null;
    aggregatesSentAtMs = sentAtMs;
    const values = Object.fromEntries([...dirty].map((name) => [name, aggregates[name]!]));
    dirty = new Set();
    return values;
  }

  function frameOf({ from, to, entries, values }: Stretch): Frame {
    const visible = visibleOf(entries);
    counts.frame(members.size, visible.entries.length, visible.omitted);
    const important = visible.entries.filter(isImportant);
    const base = { roomId, epoch, to, atMs: clock.nowMs(), aggregates: null };
    const whole = once(() => encode(frameText({ ...base, from, visible, aggregates: values })));
    return {
      epoch,
      from,
      to,
      hasImportant: important.length > 0,
      whole,
      withoutAggregates: values ? once(() => encode(frameText({ ...base, from, visible }))) : whole,
      since: (theirFrom, lanes) => {
        const shown = lanes === 'all' ? visible.entries : important;
        const omitted = to - theirFrom - shown.length;
        return encode(frameText({ ...base, from: theirFrom, visible: { entries: shown, omitted } }));
      },
    };
  }

  /** An empty frame at the new position, so that members of a quiet room learn of the new epoch too. */
  function tellPosition(): void {
    const frame = frameOf({ from: headOffset, to: headOffset, entries: [], values: null });
    for (const member of members) member.take(frame);
  }
}

type Stretch = { from: number; to: number; entries: readonly LogEntry[]; values: Aggregates | null };

const isImportant = ({ lane }: LogEntry): boolean => lane === 'commerce' || lane === 'host';

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}
