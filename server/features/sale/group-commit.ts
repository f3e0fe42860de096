import { AppError } from '../../../shared/errors.ts';
import { createBatchWriting, type WriteOutcome } from './batch-writing.ts';
import { isPlain, type NewOrder } from './order-store.ts';

/** What became of an order that the gate had taken units for. */
export type CommitOutcome =
  | WriteOutcome
  /** It waited too long for its turn: nothing of it was sent to the ledger, and nothing will be. */
  | { outcome: 'unsent' };

type Waiting = NewOrder & { sinceMs: number; resolve: (outcome: CommitOutcome) => void };
type Lane = {
  waiting: Waiting[];
  /** Commits under way, and those of them that hang. */
  committing: number;
  hanging: number;
  /** When the ledger could last not write a batch, by `nowMs`. */
  failedAtMs: number;
  /** When somebody was last let in to see whether it can again. */
  letInAtMs: number;
  scheduled: boolean;
  uncommitted: number;
};

type Needs = Parameters<typeof createBatchWriting>[0] & {
  /** A clock that only goes forward. */
  nowMs: () => number;
  after: (ms: number, run: () => void) => void;
};

/** Orders of one statement. A sync takes some 4 ms here, an order some 25 µs: past this, batches only get slower. */
const ordersPerCommitMax = 500;
const linesPerCommitMax = 1_000;
/** Worth a commit beside another one of the same room. */
export const bigBatchOrders = 200;
/** Of one room: the second writes its rows while the first one is synced, or serves the room while the first hangs. */
const commitsPerRoomMax = 2;
/** Commits of all rooms at once. Each takes a connection, of as many that are for them alone; the disk syncs one after another anyway. */
export const commitsAtOnceMax = 4;
/**
 * Taken orders one gateway lets wait, of a room and of all: a room whose offer is locked must not turn away the buyers of others. Past it
 * purchases are answered RETRY before they take units: drop newest.
 */
export const uncommittedPerRoomMax = 5_000;
const uncommittedMax = 20_000;
/**
 * How long a commit waits for rows that others have locked, ms, with one of few connections in its hands. Its marks must live longer. Longer than
 * PostgreSQL's `deadlock_timeout` (1 s): of two limits that end together it reports the wait, and a deadlock is sent again.
 */
export const commitLockMsMax = 1_200;
/**
 * How long a taken order waits for its turn to be written, ms; less than its mark lives. Past it its units go back to the gate: a ledger
 * that hangs must not keep a buyer waiting, and units from everybody, for as long as the orders before it take together. What was sent
 * is waited for, for it may be written.
 */
export const unsentMsMax = 2_000;
/** Those who waited too long are told together, this often, ms: one at a time would cost most when the ledger hangs. */
const turnAwayEveryMs = 50;
/**
 * A commit without an answer for so long hangs, ms: longer than it may wait for a row, less than those behind it wait. Its connection may
 * be dead, which ends nothing until its statement's time is up: its lane goes on over another one. One that waits for several rows, one
 * after the other, counts too, and costs its room a second connection.
 */
export const hangsAfterMs = 1_500;
/** When to come again while the ledger is busy, ms. */
export const ledgerRetryMs = 1_000;

export type GroupCommit = ReturnType<typeof createGroupCommit>;

/** Writes taken orders into the ledger, all that wait for a room at a time: while one batch is being synced the next one gathers. */
export function createGroupCommit({ nowMs, after, ...writing }: Needs) {
  const { onFailure } = writing;
  const { write, known } = createBatchWriting(writing);
  /** By room; gone when nothing is left in it. */
  const lanes = new Map<string, Lane>();
  /** Lanes with orders to write, longest waiting first. */
  const ready = new Set<string>();
  /** Of all lanes: commits under way, and those of them that hang. */
  let committing = 0;
  let hanging = 0;
  let uncommitted = 0;
  let isWatched = false;

  return {
    /** Resolves when it is known what became of the order, or that it can't be known yet. */
    commit(order: NewOrder): Promise<CommitOutcome> {
      const lane = laneOf(order.roomId);
      uncommitted += 1;
      lane.uncommitted += 1;
      return new Promise((resolve) => {
        lane.waiting.push({ ...order, sinceMs: nowMs(), resolve });
        schedule(order.roomId, lane);
        watch(unsentMsMax);
      });
    },
    /**
     * Asked before an order takes its units; whoever passes takes them at once.
     *
     * @throws AppError RETRY while too many taken orders wait for the database, or those before them have been for too long.
     */
    refuseWhenFull(order: Pick<NewOrder, 'roomId'>): void {
      const lane = lanes.get(order.roomId);
      const ofLane = lane?.uncommitted ?? 0;
      if (ofLane >= uncommittedPerRoomMax || uncommitted >= uncommittedMax || isStuck(lane))
        throw new AppError('RETRY', undefined, { retryAfterMs: ledgerRetryMs });
      if (lane && isDoubted(lane)) lane.letInAtMs = nowMs();
    },
    get uncommitted(): number {
      return uncommitted;
    },
    /** Lanes there are now; for a leak check. */
    get lanes(): number {
      return lanes.size;
    },
  };

  function laneOf(key: string): Lane {
    let lane = lanes.get(key);
    if (!lane) {
      const [failedAtMs, letInAtMs] = [-Infinity, -Infinity];
      lane = { waiting: [], committing: 0, hanging: 0, failedAtMs, letInAtMs, scheduled: false, uncommitted: 0 };
      lanes.set(key, lane);
    }
    return lane;
  }

  /** After this turn of the event loop, so that everything one answer of the gate brought goes together. */
  function schedule(key: string, lane: Lane): void {
    if (lane.scheduled || !mayCommit(lane)) return;
    lane.scheduled = true;
    setImmediate(() => {
      lane.scheduled = false;
      ready.add(key);
      startNext();
    });
  }

  function startNext(): void {
    for (const key of ready) {
      if (committing >= commitsAtOnceMax) return;
      ready.delete(key);
      const lane = lanes.get(key);
      if (!lane) continue;
      if (mayCommit(lane)) void run(key, lane);
      else forgetIfEmpty(key, lane);
    }
  }

  function forgetIfEmpty(key: string, { waiting, committing, scheduled }: Lane): void {
    if (waiting.length === 0 && committing === 0 && !scheduled) lanes.delete(key);
  }

  async function run(key: string, lane: Lane): Promise<void> {
    const batch = nextBatch(lane);
    const commit = begin(key, lane, batch);
    let failures = 0;
    const outcomes = await write(batch, () => {
      failures += 1;
      // What hangs ends by its own time-out, which says nothing of the ledger.
      if (!commit.hangs()) lane.failedAtMs = nowMs();
    });
    if (failures === 0) lane.failedAtMs = -Infinity;
    commit.end();
    leave(lane, batch);
    if (mayCommit(lane)) ready.add(key);
    else forgetIfEmpty(key, lane);
    startNext();
    // After the next batch is on its way: answering hundreds of buyers takes longer than sending it.
    setImmediate(() => batch.forEach((order, i) => order.resolve(outcomes[i]!)));
  }

  function leave(lane: Lane, { length }: readonly Waiting[]): void {
    uncommitted -= length;
    lane.uncommitted -= length;
  }

  /** Counts a commit as under way, and as hanging once it does. */
  function begin(key: string, lane: Lane, batch: readonly Waiting[]): { hangs: () => boolean; end: () => void } {
    let isUnderWay = true;
    let hangs = false;
    committing += 1;
    lane.committing += 1;
    after(hangsAfterMs, () => {
      if (!isUnderWay) return;
      hangs = true;
      hanging += 1;
      lane.hanging += 1;
      schedule(key, lane);
      void tellKnown(batch, () => isUnderWay);
    });
    return { hangs: () => hangs, end };

    function end(): void {
      isUnderWay = false;
      committing -= 1;
      lane.committing -= 1;
      if (!hangs) return;
      hanging -= 1;
      lane.hanging -= 1;
    }
  }

  /**
   * Tells those whose commit hangs what the ledger knows of them: their order is there, or never will be. Its answer may be lost, and they
   * need not wait for it. Asks again from time to time, until it has ended.
   */
  async function tellKnown(batch: readonly Waiting[], isUnderWay: () => boolean): Promise<void> {
    // Where the ledger can't be asked, the end of the commit tells all.
    const outcomes = await known(batch).catch(() => batch.map(() => null));
    outcomes.forEach((outcome, i) => outcome && batch[i]!.resolve(outcome));
    const others = batch.filter((_, i) => outcomes[i] === null);
    if (others.length > 0) after(hangsAfterMs, () => isUnderWay() && void tellKnown(others, isUnderWay));
  }

  /**
   * Who comes now would wait in vain: every connection hangs, or those of the lane do; or one does, and the ledger could not write what was
   * sent beside it, for its rows are locked or it is away. From time to time one is let in, to see, and nobody else until that is known: who
   * takes no units tells nothing, and the next one comes a while later.
   */
  function isStuck(lane: Lane | undefined): boolean {
    if (hanging >= commitsAtOnceMax) return true;
    if (!lane || lane.hanging === 0) return false;
    if (lane.hanging >= commitsPerRoomMax) return true;
    if (!isDoubted(lane)) return false;
    const isTried = lane.waiting.length > 0 || lane.committing > lane.hanging;
    return isTried || nowMs() - Math.max(lane.failedAtMs, lane.letInAtMs) < ledgerRetryMs;
  }

  /** One timer for all that wait: the longest waiting of a lane is its first. */
  function watch(ms: number): void {
    if (isWatched) return;
    isWatched = true;
    after(ms, () => {
      isWatched = false;
      turnAwayOld(nowMs() - unsentMsMax);
    });
  }

  function turnAwayOld(waitingBeforeMs: number): void {
    let oldestMs = Infinity;
    for (const [key, lane] of lanes) {
      const firstInTime = lane.waiting.findIndex(({ sinceMs }) => sinceMs > waitingBeforeMs);
      const old = lane.waiting.splice(0, firstInTime < 0 ? lane.waiting.length : firstInTime);
      oldestMs = Math.min(oldestMs, lane.waiting[0]?.sinceMs ?? Infinity);
      if (old.length === 0) continue;
      leave(lane, old);
      forgetIfEmpty(key, lane);
      onFailure(new Error('they waited too long for their turn'), old);
      old.forEach(({ resolve }) => resolve({ outcome: 'unsent' }));
    }
    if (oldestMs < Infinity) watch(Math.max(turnAwayEveryMs, oldestMs - waitingBeforeMs));
  }
}

/** A commit of it hangs, and the one beside it failed. */
const isDoubted = ({ hanging, failedAtMs }: Lane): boolean => hanging > 0 && failedAtMs > -Infinity;

/**
 * One commit of a lane at a time, so that batches grow; a big one goes at once, and is written while the other one is synced. What hangs is
 * not waited for: the next one may take as long as its statement may.
 */
function mayCommit({ waiting, committing, hanging }: Lane): boolean {
  const ordersMin = committing > hanging ? bigBatchOrders : 1;
  return waiting.length >= ordersMin && committing < commitsPerRoomMax;
}

/**
 * The longest waiting, and those like it that fit beside it: orders of several lines, and those with a right, need the dearer statement, which
 * the others are not to be written by.
 */
function nextBatch(lane: Lane): Waiting[] {
  const plain = isPlain(lane.waiting[0]!);
  const batch: Waiting[] = [];
  const rest: Waiting[] = [];
  let lines = 0;
  for (const order of lane.waiting) {
    const fits =
      batch.length < ordersPerCommitMax && (batch.length === 0 || lines + order.lines.length <= linesPerCommitMax);
    if (!fits || isPlain(order) !== plain) {
      rest.push(order);
      continue;
    }
    batch.push(order);
    lines += order.lines.length;
  }
  lane.waiting = rest;
  return batch;
}
