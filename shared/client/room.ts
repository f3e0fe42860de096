import { AppError, type ErrorCode } from '../errors.ts';
import type { TypedEntry } from '../frames.ts';
import type { Output } from '../protocol/index.ts';
import type { Aggregates, Position, RoomEntry, RoomFrame } from '../protocol/room.ts';
import { backoffMs } from './backoff.ts';
import { createEmitter } from './emitter.ts';
import { createLogReader } from './log-reader.ts';
import type { Request } from './requests.ts';
import type { ServerClock } from './server-clock.ts';
import type { Time } from './time.ts';

type Joined = Output<'room:join'>;

export type RoomEventsSeen = {
  /**
   * Begin anew: the state of the room, and recent `entries` to show. `changes`: those of them that may not be in the state yet, to be
   * applied to it; what is older must not be, it would undo what came later. At the first join, and when entries were lost.
   */
  snapshot: NonNullable<Joined['snapshot']> & { entries: TypedEntry[]; changes: TypedEntry[]; position: Position };
  /** Something happened. Every entry comes once, in order. */
  entry: TypedEntry;
  /** Latest values of those aggregates that changed. */
  aggregates: Aggregates;
  /** So many entries were left out before the next one. */
  omitted: number;
  /** `joining` whenever frames may be missing, `joined` when nothing is. */
  state: 'joining' | 'joined' | 'left';
  /** Put out of the room, or not let in. `untilMs`: when one may come back (Unix ms of the server), where that is set. `detail`: what a moderator wants one to know. */
  removed: { reason: string; untilMs?: number | undefined; detail?: string | undefined };
};

export type RoomNeeds = { roomId: string; request: Request; clock: ServerClock; time: Time; onLeft: () => void };

/** Frames set aside while a join is under way; more would be read again anyway. */
const waitingMax = 500;
/** Waits before joining again. Spread, because a gap is seldom alone; the server says when it is everybody's. */
const rejoin = { firstMs: 200, maxMs: 10_000 };

/** Joining again would be refused again. What is wrong with a session is mended by another connection. */
const finalRefusals: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'FORBIDDEN',
  'NOT_FOUND',
  'CONFLICT',
  'BAD_INPUT',
  'UNKNOWN_COMMAND',
]);

export type RoomSession = ReturnType<typeof createRoomSession>;

/** One room, followed without gaps over any number of connections. */
export function createRoomSession({ roomId, request, clock, time, onLeft }: RoomNeeds) {
  const events = createEmitter<RoomEventsSeen>();
  const reader = createLogReader();
  let state: RoomEventsSeen['state'] = 'joining';
  let waiting: RoomFrame[] = [];
  let cancelJoin: (() => void) | undefined;
  let attempt = 0;

  return {
    roomId,
    on: events.on,
    state: () => state,
    position: reader.position,
    /** Joins now. Called by the client whenever a connection is there. */
    join: (): void => void join(),
    async leave(): Promise<void> {
      stop();
      await request('room:leave', { roomId }, { triesMax: 1 }).catch(() => undefined);
    },
    /** The connection is gone: frames will be missing. */
    suspend(): void {
      if (state === 'left') return;
      cancelJoin?.();
      attempt += 1;
      enter('joining');
    },
    take(frame: RoomFrame): void {
      clock.atLeast(frame.atMs);
      if (state === 'joined') apply(frame);
      else if (state === 'joining' && waiting.length < waitingMax) waiting.push(frame);
    },
    removed(why: RoomEventsSeen['removed']): void {
      stop();
      events.emit('removed', why);
    },
  };

  async function join(failures = 0): Promise<void> {
    if (state === 'left') return;
    const mine = ++attempt;
    enter('joining');
    const sentMs = time.nowMs();
    const position = reader.position();
    try {
      const input = position ? { roomId, position } : { roomId };
      const joined = await request('room:join', input, { triesMax: 1 });
      if (mine !== attempt) return;
      clock.sample(joined.serverNowMs, sentMs);
      begin(joined);
    } catch (error) {
      if (mine !== attempt) return;
      const known = error instanceof AppError ? error : new AppError('INTERNAL');
      if (finalRefusals.has(known.code)) return refuse(known);
      joinLater(failures + 1, known.extras.retryAfterMs);
    }
  }

  function begin({ position, recovered, entries, omitted, snapshot, aggregates }: Joined): void {
    const fresh = reader.begin(position, recovered, entries) as TypedEntry[];
    enter('joined');
    if (snapshot) {
      const changes = fresh.filter(({ offset }) => offset > snapshot.asOf);
      events.emit('snapshot', { ...snapshot, entries: fresh, changes, position });
    } else tell(fresh, omitted);
    events.emit('aggregates', aggregates);
    const set = waiting;
    waiting = [];
    set.forEach(apply);
  }

  function apply(frame: RoomFrame): void {
    if (state !== 'joined') return; // A frame before this one showed a gap.
    const taken = reader.take(frame);
    if (taken.outcome === 'gap') {
      enter('joining');
      return joinLater(1, (frame.spreadMs ?? 0) * time.random());
    }
    if (taken.outcome === 'taken') tell(taken.entries, taken.omitted);
    if (frame.aggregates) events.emit('aggregates', frame.aggregates);
  }

  function tell(entries: readonly RoomEntry[], omitted: number): void {
    if (omitted > 0) events.emit('omitted', omitted);
    for (const entry of entries as readonly TypedEntry[]) events.emit('entry', entry);
  }

  function joinLater(failures: number, moreMs = 0): void {
    cancelJoin?.();
    cancelJoin = time.after(moreMs + backoffMs(failures, rejoin, time.random), () => void join(failures));
  }

  function enter(next: RoomEventsSeen['state']): void {
    if (next === 'joining') waiting = [];
    if (state === next) return;
    state = next;
    events.emit('state', next);
  }

  /** Who was put out before is told the same as when it happened. */
  function refuse({ code, extras: { reason, retryAfterMs, detail } }: AppError): void {
    stop();
    const untilMs = retryAfterMs === undefined ? undefined : clock.nowMs() + retryAfterMs;
    events.emit('removed', code === 'FORBIDDEN' && reason ? { reason, untilMs, detail } : { reason: code });
  }

  function stop(): void {
    attempt += 1;
    cancelJoin?.();
    enter('left');
    onLeft();
  }
}
