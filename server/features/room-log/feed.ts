import type { Aggregates, Position } from '../../../shared/protocol/room.ts';
import { once } from '../../platform/once.ts';
import { frameText, omittedOf, visibleOf, type Visible } from './frame-text.ts';
import type { FeedCounts } from './feed-metrics.ts';
import { changesState, isImportant, isUrgent, type LogEntry } from './log-line.ts';
import type { LogEnd } from './log-store.ts';
import { createShownAggregates } from './shown-aggregates.ts';
import { asSeenBy, unheardSenders } from './unheard.ts';

/** A reader of frames: one socket in one room. @see member.socket.ts */
export type Member = {
  /** False when the reader lacks something that was sent up to the end of this frame, and was not told so. */
  take(frame: Frame): boolean;
};

/** A frame on its way: an encoded form is made when first asked for, and shared by all who take it. */
export type Frame = {
  readonly from: number;
  readonly to: number;
  /** Nothing brought the entries before it: whoever gets it whole sees a gap, or another epoch, and joins again. */
  readonly isCut: boolean;
  /** Has entries of the lanes that are never dropped. */
  readonly hasImportant: boolean;
  readonly hasAggregates: boolean;
  readonly whole: () => Encoded;
  readonly withoutAmbient: () => Encoded;
  /** For a reader who does not stand where this frame begins; entries of the share that the frame has not count as omitted. */
  readonly since: (from: number, share: Share) => Encoded;
  /** The frame for one person: another one only for whom it has something that nobody else is to hear. */
  readonly as: (personId: string) => Frame;
};
/** What a reader gets of a frame: entries that are never dropped, those and chat, or all and the latest values of all aggregates. */
export type Share = 'important' | 'entries' | 'all';
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
  /** Over how long those who have to join again should come, ms. */
  rejoinSpreadMs: () => number;
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
export type Feed = ReturnType<typeof createFeed>;

/**
 * One room on one gateway: takes the entries of the log in order, collects them for a window, and writes them to all members
 * as one frame. Every member gets every frame; who needs what came before asks `since`.
 */
export function createFeed(needs: FeedNeeds) {
  const { roomId, end, recent: past, aggregates: known, encode, counts, clock, rejoinSpreadMs } = needs;
  const members = new Set<Member>();
  const recent = [...past];
  const aggregates = createShownAggregates(known, () => clock.elapsedMs());
  let { epoch, offset: headOffset } = end;
  let sentOffset = headOffset;
  let stateOffset = headOffset;
  let behind: Member[] = [];
  let sentAtMs = -Infinity;
  let flushCostMs = 0;
  let timer: { dueAtMs: number; cancel: () => void } | null = null;

  return {
    roomId,
    members,
    aggregates: aggregates.now,
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
    /** Offset of the last entry that told of a change: state read before it may be out of date. */
    get stateOffset(): number {
      return stateOffset;
    },

    /** Takes entries that follow the head without a gap; older ones are skipped. */
    receive(entries: readonly LogEntry[]): void {
      const fresh = entries.filter(({ offset }) => offset > headOffset);
      if (fresh.length === 0) return;
      recent.push(...fresh);
      headOffset = fresh.at(-1)!.offset;
      stateOffset = fresh.findLast(changesState)?.offset ?? stateOffset;
      flushAfter(fresh.some(isUrgent) ? urgentDelayMs() : windowDelayMs());
    },
    setAggregates(values: Aggregates): void {
      aggregates.set(values);
      flushForAggregates();
    },
    /**
     * Goes on elsewhere: in another life of the log, or behind entries that are too many to send. Members notice by the epoch of
     * the next frame or by where it begins, and ask what they missed; what waits to be sent is part of that.
     */
    restart(next: LogEnd, entries: readonly LogEntry[]): void {
      ({ epoch, offset: headOffset } = next);
      recent.splice(0, recent.length, ...entries);
      sentOffset = stateOffset = headOffset;
      behind = [];
      tellPosition();
    },
    /** Offers what they lack to those who had read too little of the last frame: in a quiet room no other one tells them. */
    remind(): void {
      if (behind.length === 0) return;
      const frame = frameOf({ from: sentOffset, to: sentOffset, entries: [], values: null });
      behind = behind.filter((member) => members.has(member) && !member.take(frame));
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
    /**
     * Where frames begin for somebody who stands at a position that `since` knows. That is not before it: another gateway may have
     * been a frame ahead of this one.
     */
    placeOf(position: Position): Position {
      return { epoch, offset: Math.max(sentOffset, startIn(position) ?? 0) };
    },
    /** The last entries that were sent, oldest first; what nobody is to hear takes no place among them, but for its own sender. */
    lastSent: (max: number, personId?: string): LogEntry[] => {
      const sent = recent.filter(({ offset }) => offset <= sentOffset);
      const theirs = personId === undefined ? sent : asSeenBy(personId, sent);
      return theirs.filter(({ unheard }) => !unheard).slice(-max);
    },
    /** For whom `lastSent` may be another one than for everybody. */
    unheardSenders: (): ReadonlySet<string> => unheardSenders(recent),
    close(): void {
      timer?.cancel();
    },
  };

  /**
   * The offset of a position in this life of the log; null when it is of another one. What an earlier life lost with its end may have
   * been told of the room for good: who comes from there needs its state, also where no entry that they had is gone.
   */
  function startIn(position: Position): number | null {
    return position.epoch === epoch && position.offset <= headOffset ? position.offset : null;
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

  function flushForAggregates(): void {
    const delayMs = aggregates.delayMs();
    if (delayMs !== null) flushAfter(delayMs);
  }

  function flush(): void {
    timer = null;
    const values = aggregates.takeDue();
    if (values || headOffset > sentOffset) send(values);
    // Entries may have left before the aggregates were due, and taken the timer with them.
    flushForAggregates();
  }

  function send(values: Aggregates | null): void {
    sentAtMs = clock.elapsedMs();
    const frame = nextFrame(values);
    behind = [];
    for (const member of members) if (!member.take(frame)) behind.push(member);
    flushCostMs = clock.elapsedMs() - sentAtMs;
  }

  function nextFrame(values: Aggregates | null): Frame {
    const [from, to] = [sentOffset, headOffset];
    const entries = recent.filter(({ offset }) => offset > from);
    sentOffset = to;
    if (recent.length > recentMax * 2) recent.splice(0, recent.length - recentMax);
    return frameOf({ from, to, entries, values });
  }

  /** The frame of everybody; who has unheard lines in it gets one of their own, made once however many sockets they have. */
  function frameOf(stretch: Stretch): Frame {
    const visible = visibleOf(stretch.entries);
    counts.frame(members.size, visible.entries.length, visible.omitted);
    const unheardOf = unheardSenders(stretch.entries);
    const own = new Map<string, Frame>();
    const shared = encodable(stretch, visible, (personId) => (unheardOf.has(personId) ? ownOf(personId) : shared));
    return shared;

    function ownOf(personId: string): Frame {
      const known = own.get(personId);
      if (known) return known;
      const entries = asSeenBy(personId, stretch.entries);
      const frame = encodable({ ...stretch, entries }, visibleOf(entries), () => frame);
      own.set(personId, frame);
      return frame;
    }
  }

  function encodable(stretch: Stretch, visible: Visible, as: Frame['as']): Frame {
    const { from, to, entries, values, isCut = false } = stretch;
    const shares = {
      important: visible.entries.filter(isImportant),
      entries: visible.entries.filter(({ lane }) => lane !== 'ambient'),
      all: visible.entries,
    };
    const isSame = values === null && shares.entries.length === shares.all.length;
    const spread = isCut ? { spreadMs: rejoinSpreadMs() } : {};
    const base = { roomId, epoch, to, atMs: clock.nowMs(), aggregates: null, ...spread };
    const whole = once(() => encode(frameText({ ...base, from, visible, aggregates: values })));
    return {
      from,
      to,
      isCut,
      hasImportant: shares.important.length > 0,
      hasAggregates: values !== null,
      whole,
      withoutAmbient: isSame ? whole : once(() => since(from, 'entries')),
      since,
      as,
    };

    function since(theirFrom: number, share: Share): Encoded {
      const shown = shares[share].filter(({ offset }) => offset > theirFrom);
      // What came before this stretch they had not read, all of it.
      const unread = Math.max(0, from - theirFrom);
      const omitted =
        unread +
        omittedOf(
          entries.filter(({ offset }) => offset > theirFrom),
          shown,
        );
      const theirs = { entries: shown, omitted };
      const latest = share === 'all' ? aggregates.now() : null;
      return encode(frameText({ ...base, from: theirFrom, visible: theirs, aggregates: latest }));
    }
  }

  /** An empty frame at the new position, so that members of a quiet room learn of it too. */
  function tellPosition(): void {
    const frame = frameOf({ from: headOffset, to: headOffset, entries: [], values: null, isCut: true });
    for (const member of members) member.take(frame);
  }
}

type Stretch = {
  from: number;
  to: number;
  entries: readonly LogEntry[];
  values: Aggregates | null;
  isCut?: boolean;
};
