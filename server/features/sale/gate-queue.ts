import { AppError } from '../../../shared/errors.ts';
import type { Gate, TakeAnswer, TakeReply, TakeRequest } from './gate.ts';

/** A request on its way to the gate, with the epochs its buyer's gateway knows for its lines, in the order of the lines. */
export type QueuedRequest = TakeRequest & { roomId: string; epochs: readonly number[] };

type Waiting = QueuedRequest & { resolve: (answer: TakeAnswer) => void; reject: (error: unknown) => void };
type Lane = { waiting: Waiting[]; scheduled: boolean; inFlight: number };

type Needs = {
  gate: Pick<Gate, 'take'>;
  /** Sees every reply before the requests are answered: it knows what is left. `tookMs`: since the call was sent. */
  onReply: (roomId: string, reply: TakeReply, requests: readonly QueuedRequest[], tookMs: number) => void;
  /** Answers a request that meanwhile can't succeed, without the gate; null to ask. */
  refuse: (request: QueuedRequest) => TakeAnswer | null;
};

/**
 * Requests one gateway lets wait for the gate, of a room and of all: the rush in one room must not turn away the buyers of others. Past it the
 * buyer is answered RETRY at once: drop newest.
 */
const waitingPerRoomMax = 20_000;
const waitingMax = 60_000;
/** One call: long enough to share its cost, short enough not to stall Redis (about 2 ms). */
const requestsPerCallMax = 256;
const linesPerCallMax = 1_000;
const offersPerCallMax = 100;
/** Calls of one room on their way. The second is written while the first is being decided. */
const callsInFlightMax = 2;
const retryAfterMs = 300;
/** After a call that was not answered the gate is left alone for so long: who comes then is told RETRY at once, ms. */
const restMs = 500;

export type GateQueue = ReturnType<typeof createGateQueue>;

/**
 * Puts all purchases of a room that arrive in one turn of the event loop, or while its calls are on their way, into one call
 * of the gate.
 */
export function createGateQueue({ gate, onReply, refuse }: Needs) {
  const lanes = new Map<string, Lane>();
  let waitingCount = 0;
  let restsUntilMs = -Infinity;

  return {
    /** @throws AppError RETRY when the queue is full or Redis is away: nothing is known to be taken. */
    take(request: QueuedRequest): Promise<TakeAnswer> {
      const ofRoom = lanes.get(request.roomId)?.waiting.length ?? 0;
      if (ofRoom >= waitingPerRoomMax || waitingCount >= waitingMax || performance.now() < restsUntilMs)
        return Promise.reject(new AppError('RETRY', undefined, { retryAfterMs }));
      const lane = laneOf(request.roomId);
      return new Promise((resolve, reject) => {
        waitingCount += 1;
        lane.waiting.push({ ...request, resolve, reject });
        schedule(request.roomId, lane);
      });
    },
    get waitingCount(): number {
      return waitingCount;
    },
  };

  function laneOf(roomId: string): Lane {
    let lane = lanes.get(roomId);
    if (!lane) lanes.set(roomId, (lane = { waiting: [], scheduled: false, inFlight: 0 }));
    return lane;
  }

  function schedule(roomId: string, lane: Lane): void {
    if (lane.scheduled || lane.inFlight >= callsInFlightMax) return;
    lane.scheduled = true;
    setImmediate(() => {
      lane.scheduled = false;
      void flush(roomId, lane);
    });
  }

  async function flush(roomId: string, lane: Lane): Promise<void> {
    const { batch, epochs } = nextBatch(lane);
    if (batch.length === 0) return forgetIdle(roomId, lane);
    lane.inFlight += 1;
    if (lane.waiting.length > 0) schedule(roomId, lane);
    const sentAtMs = performance.now();
    try {
      const reply = await gate.take(roomId, epochs, batch);
      onReply(roomId, reply, batch, performance.now() - sentAtMs);
      batch.forEach((request, i) => request.resolve(reply.answers[i]!));
    } catch (error) {
      batch.forEach((request) => request.reject(error));
      if (error instanceof AppError) turnAway(lane, error);
    } finally {
      lane.inFlight -= 1;
      if (lane.waiting.length > 0) schedule(roomId, lane);
      else forgetIdle(roomId, lane);
    }
  }

  /** Redis is away: those who wait would find out one after another, each after the time limit of a call. */
  function turnAway(lane: Lane, error: AppError): void {
    restsUntilMs = performance.now() + restMs;
    const waiting = lane.waiting.splice(0);
    waitingCount -= waiting.length;
    waiting.forEach((request) => request.reject(error));
  }

  function forgetIdle(roomId: string, lane: Lane): void {
    if (lane.inFlight === 0 && lane.waiting.length === 0 && !lane.scheduled) lanes.delete(roomId);
  }

  /** The next requests in their order. One that knows another epoch than those before it is stale by that alone. */
  function nextBatch(lane: Lane): { batch: Waiting[]; epochs: Map<string, number> } {
    const batch: Waiting[] = [];
    const epochs = new Map<string, number>();
    let lines = 0;
    let taken = 0;
    for (const request of lane.waiting) {
      const full = batch.length >= requestsPerCallMax || lines + request.lines.length > linesPerCallMax;
      if (full || epochs.size + request.lines.length > offersPerCallMax) break;
      taken += 1;
      const refusal = refuse(request) ?? staleBeside(epochs, request);
      if (refusal) {
        request.resolve(refusal);
        continue;
      }
      request.lines.forEach(({ offerId }, i) => epochs.set(offerId, request.epochs[i]!));
      batch.push(request);
      lines += request.lines.length;
    }
    lane.waiting.splice(0, taken);
    waitingCount -= taken;
    return { batch, epochs };
  }
}

function staleBeside(epochs: ReadonlyMap<string, number>, request: QueuedRequest): TakeAnswer | null {
  const at = request.lines.findIndex(
    ({ offerId }, i) => (epochs.get(offerId) ?? request.epochs[i]) !== request.epochs[i],
  );
  return at < 0 ? null : { code: 'stale', offerId: request.lines[at]!.offerId };
}
