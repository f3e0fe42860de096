import { parentPort } from 'node:worker_threads';
import { setTimeout as pause } from 'node:timers/promises';
import { DeliveryCounter } from './delivery-counter.ts';
import type { FleetReply, FleetRequest, FleetTask, FleetTasks, RequestTemplate } from './fleet-tasks.ts';
import { openLoop, preciseNowMs } from './open-loop.ts';
import { RawSocket } from './raw-socket.ts';
import { requestText } from './request-text.ts';
import { RequestTally } from './request-tally.ts';

/** A thread full of sockets. One run of requests at a time: acknowledgement numbers are positions in it. */
type Run = { tally: RequestTally; sentAtMs: (ackId: number) => number };

const answerDeadlineMs = 30_000;
const lostReasonsMax = 5;

let sockets: RawSocket[] = [];
let counter = new DeliveryCounter(0, preciseNowMs);
let run: Run | null = null;
let closing = false;
const lost: { sockets: number; reasons: string[] } = { sockets: 0, reasons: [] };

type TaskRunners = { [T in FleetTask]: (input: FleetTasks[T]['input']) => Promise<FleetTasks[T]['result']> };

const runners: TaskRunners = {
  async open({ url, auths, atOnceMax }) {
    closing = false;
    counter = new DeliveryCounter(auths.length, preciseNowMs);
    sockets = [];
    await inWaves(auths.length, atOnceMax, async (index) => {
      const socket = new RawSocket(new URL(url), auths[index]!, hearingOf(index));
      sockets[index] = socket;
      await socket.connected;
    });
  },

  async requestAll({ request, atOnceMax }) {
    const textOf = requestText(request);
    const sentAtMs: number[] = [];
    const answered: (() => void)[] = [];
    const tally = begin(request, sockets.length, (ackId) => {
      answered[ackId]?.();
      return sentAtMs[ackId]!;
    });
    const all = inWaves(sockets.length, atOnceMax, (index) => {
      sentAtMs[index] = preciseNowMs();
      sockets[index]!.request(index, textOf(index));
      return new Promise((resolve) => (answered[index] = resolve));
    });
    await Promise.race([all, pause(answerDeadlineMs, undefined, { ref: false })]);
    return end(tally);
  },

  async requestOnSchedule({ request, startMs, intervalMs, first, count, senders, answerDeadlineMs: deadlineMs }) {
    const textOf = requestText(request);
    const tally = begin(request, count, (ackId) => startMs + ackId * intervalMs);
    await openLoop({
      startMs,
      intervalMs,
      count,
      send: (index) => sockets[index % senders]!.request(index, textOf(first + index)),
    });
    await Promise.race([tally.answered, pause(deadlineMs, undefined, { ref: false })]);
    return end(tally);
  },

  async expect(times) {
    counter.expect(times);
    return undefined;
  },

  async deliveries({ messages, deadlineMs }) {
    const giveUpAtMs = preciseNowMs() + deadlineMs;
    while (counter.messages < messages && preciseNowMs() < giveUpAtMs) await pause(2);
    return counter.report();
  },

  async lost() {
    return lost;
  },

  async close() {
    closing = true;
    for (const socket of sockets) socket.destroy();
    return undefined;
  },
};

const hearingOf = (index: number) => ({
  onEvent: (bytes: Buffer, start: number, end: number) => counter.see(index, bytes, start, end),
  onAck(ackId: number, bytes: Buffer, start: number, end: number) {
    run?.tally.add(preciseNowMs() - run.sentAtMs(ackId), bytes, start, end);
  },
  onClosed(why: string) {
    if (closing) return;
    lost.sockets += 1;
    if (lost.reasons.length < lostReasonsMax) lost.reasons.push(why);
  },
});

function begin({ tally: kinds = ['"ok":true'] }: RequestTemplate, expected: number, sentAtMs: Run['sentAtMs']) {
  const tally = new RequestTally(kinds, expected);
  run = { tally, sentAtMs };
  return tally;
}

function end(tally: RequestTally) {
  run = null;
  return tally.answers();
}

/** Runs `work` for 0 to count - 1, at most `atOnceMax` at the same time. */
async function inWaves(count: number, atOnceMax: number, work: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: Math.min(atOnceMax, count) }, lane));
}

parentPort!.on('message', ({ taskId, task, input }: FleetRequest) => {
  (runners[task] as (input: unknown) => Promise<unknown>)(input).then(
    (result) => parentPort!.postMessage({ taskId, result } satisfies FleetReply),
    (error: unknown) => parentPort!.postMessage({ taskId, error: String(error) } satisfies FleetReply),
  );
});
