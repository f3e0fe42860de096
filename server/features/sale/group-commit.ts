import { AppError } from '../../../shared/errors.ts';
import { crashAt } from './crash-point.ts';
import type { NewOrder, OrderStore, StoredOrder } from './order-store.ts';

/** What became of an order that the gate had taken units for. */
export type CommitOutcome =
  | { outcome: 'written'; payByMs: number }
  /** The request key is in the ledger already, under this order. */
  | { outcome: 'there_before'; order: StoredOrder }
  | { outcome: 'key_reused' }
  /** Not written, and never will be: an epoch had passed, its id was buried, or its right is used up. */
  | { outcome: 'refused' }
  /** It waited too long for its turn: nothing of it was sent to the ledger, and nothing will be. */
  | { outcome: 'unsent' }
  /** May have been written, or may be later: only its request key can tell. */
  | { outcome: 'unknown' };

type Waiting = NewOrder & { sinceMs: number; resolve: (outcome: CommitOutcome) => void };
type Lane = { waiting: Waiting[]; committing: number; scheduled: boolean; uncommitted: number };

type Needs = {
  store: Pick<OrderStore, 'insert' | 'findByKeys'>;
  isDefinite: (error: unknown) => boolean;
  /** Refused because of what some order says, not because of the database's state. */
  isDataFault: (error: unknown) => boolean;
  /** Life of a hold, ms. */
  holdMs: number;
  /** A clock that only goes forward. */
  nowMs: () => number;
  after: (ms: number, run: () => void) => void;
  onFailure: (error: unknown, orders: readonly NewOrder[]) => void;
};

/** Orders of one statement. A sync takes some 4 ms here, an order some 25 µs: past this, batches only get slower. */
const ordersPerCommitMax = 500;
const linesPerCommitMax = 1_000;
/** Worth a commit beside another one of the same room. */
export const bigBatchOrders = 200;
/** Of one lane: the second waits in PostgreSQL for the first one's locks. */
const commitsPerRoomMax = 2;
/** Commits of all rooms at once. Each takes a connection, of as many that are for them alone; the disk syncs one after another anyway. */
export const commitsAtOnceMax = 4;
/**
 * Taken orders one gateway lets wait, of a room and of all: a room whose offer is locked must not turn away the buyers of others. Past it
 * purchases are answered RETRY before they take units: drop newest.
 */
export const uncommittedPerRoomMax = 5_000;
const uncommittedMax = 20_000;
/** How long a commit waits for rows that others have locked, ms, with one of few connections in its hands. Its marks must live longer. */
export const commitLockMsMax = 1_000;
/**
 * How long a taken order waits for its turn to be written, ms; less than its mark lives. Past it its units go back to the gate: a ledger
 * that hangs must not keep a buyer waiting, and units from everybody, for as long as the orders before it take together. What was sent
 * is waited for, for it may be written.
 */
export const unsentMsMax = 2_000;
/** Those who waited too long are told together, this often, ms: one at a time would cost most when the ledger hangs. */
const turnAwayEveryMs = 50;
/** When to come again while the ledger is busy, ms. */
export const ledgerRetryMs = 1_000;

export type GroupCommit = ReturnType<typeof createGroupCommit>;

/** Writes taken orders into the ledger, all that wait for a room at a time: while one batch is being synced the next one gathers. */
export function createGroupCommit({ store, isDefinite, isDataFault, holdMs, nowMs, after, onFailure }: Needs) {
  /** By `laneKey`; gone when nothing is left in it. */
  const lanes = new Map<string, Lane>();
  /** Lanes with orders to write, longest waiting first. */
  const ready = new Set<string>();
  /** Commits under way. */
  const sent = new Set<{ key: string; sinceMs: number }>();
  let uncommitted = 0;
  let isWatched = false;

  return {
    /** Resolves when it is known what became of the order, or that it can't be known yet. */
    commit(order: NewOrder): Promise<CommitOutcome> {
      const key = laneKey(order);
      const lane = laneOf(key);
      uncommitted += 1;
      lane.uncommitted += 1;
      return new Promise((resolve) => {
        lane.waiting.push({ ...order, sinceMs: nowMs(), resolve });
        schedule(key, lane);
        watch(unsentMsMax);
      });
    },
    /** @throws AppError RETRY while too many taken orders wait for the database, or those before them have been for too long. */
    refuseWhenFull(order: Pick<NewOrder, 'roomId' | 'rightId'>): void {
      const key = laneKey(order);
      const ofLane = lanes.get(key)?.uncommitted ?? 0;
      if (ofLane >= uncommittedPerRoomMax || uncommitted >= uncommittedMax || isStuck(key))
        throw new AppError('RETRY', undefined, { retryAfterMs: ledgerRetryMs });
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
    if (!lane) lanes.set(key, (lane = { waiting: [], committing: 0, scheduled: false, uncommitted: 0 }));
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
      if (sent.size >= commitsAtOnceMax) return;
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
    const commit = { key, sinceMs: nowMs() };
    lane.committing += 1;
    sent.add(commit);
    const outcomes = await write(batch);
    sent.delete(commit);
    lane.committing -= 1;
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

  /** Who comes now would wait in vain: a commit of the lane, or every connection, has been at it for too long. */
  function isStuck(key: string): boolean {
    if (sent.size === 0) return false;
    const sentBeforeMs = nowMs() - unsentMsMax;
    let stuck = 0;
    for (const commit of sent) {
      if (commit.sinceMs >= sentBeforeMs) continue;
      if (commit.key === key) return true;
      stuck += 1;
    }
    return stuck >= commitsAtOnceMax;
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

  async function write(batch: readonly Waiting[]): Promise<CommitOutcome[]> {
    try {
      crashAt('before-commit');
      const { written, payByMs } = await store.insert(batch, holdMs);
      crashAt('after-commit-before-answer');
      const rest = batch.filter(({ orderId }) => !written.has(orderId));
      const answers = new Map(await explain(rest, { outcome: 'refused' }));
      return batch.map(({ orderId }) => answers.get(orderId) ?? { outcome: 'written', payByMs });
    } catch (error) {
      if (isDataFault(error) && batch.length > 1) return writeHalves(batch);
      onFailure(error, batch);
      // The answer of a commit was lost: what is in the ledger is told, the rest may still get there.
      const otherwise: CommitOutcome = { outcome: isDefinite(error) ? 'refused' : 'unknown' };
      const answers = new Map(await explain(batch, otherwise).catch(() => []));
      return batch.map(({ orderId }) => answers.get(orderId) ?? { outcome: 'unknown' });
    }
  }

  /** One order that PostgreSQL can't take must not turn away the others: what is left alone in the end is the culprit. */
  async function writeHalves(batch: readonly Waiting[]): Promise<CommitOutcome[]> {
    const middle = batch.length >> 1;
    return [...(await write(batch.slice(0, middle))), ...(await write(batch.slice(middle)))];
  }

  async function explain(orders: readonly NewOrder[], otherwise: CommitOutcome): Promise<[string, CommitOutcome][]> {
    if (orders.length === 0) return [];
    const found = new Map((await store.findByKeys(orders)).map((order) => [order.buyerId + order.requestKey, order]));
    return orders.map((order) => {
      const earlier = found.get(order.buyerId + order.requestKey);
      if (!earlier) return [order.orderId, otherwise];
      const same = earlier.requestHash === order.requestHash;
      return [order.orderId, same ? { outcome: 'there_before', order: earlier } : { outcome: 'key_reused' }];
    });
  }
}

/**
 * Orders with a right need the dearer statement, so they go by themselves and those without stay fast. The two meet at no row: what is
 * for winners alone is sold with rights alone.
 */
const laneKey = ({ roomId, rightId }: Pick<NewOrder, 'roomId' | 'rightId'>): string =>
  rightId === null ? roomId : `${roomId} rights`;

/** One commit of a lane at a time, so that batches grow; a big one goes at once, and is read while the other one is synced. */
function mayCommit({ waiting, committing }: Lane): boolean {
  return waiting.length >= (committing === 0 ? 1 : bigBatchOrders) && committing < commitsPerRoomMax;
}

function nextBatch(lane: Lane): Waiting[] {
  let lines = 0;
  const end = lane.waiting.findIndex((order, i) => {
    lines += order.lines.length;
    return i >= ordersPerCommitMax || (i > 0 && lines > linesPerCommitMax);
  });
  return lane.waiting.splice(0, end < 0 ? lane.waiting.length : end);
}
