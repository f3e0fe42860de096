import { Worker } from 'node:worker_threads';
import type { Deliveries, SendTimes } from './delivery-counter.ts';
import type { Answers, FleetReply, FleetTask, FleetTasks, RequestTemplate, ScheduledRequests } from './fleet-tasks.ts';
import { LatencyHistogram, type Percentiles } from './latency-histogram.ts';

export type FleetOptions = {
  url: string;
  /** One socket each: what it sends as `auth` when it connects. */
  auths: readonly unknown[];
  /** Threads that share the sockets. Default 1: enough to keep one core of a server busy. */
  threads?: number;
  /** Handshakes, and requests of `requestAll`, under way at the same time, per thread. */
  atOnceMax?: number;
};

export type Answered = { tally: Record<string, number>; latency: Percentiles; firstOther: string | null };
export type Delivered = Omit<Deliveries, 'latencyCounts'> & { latency: Percentiles };

/** Thousands of open sockets that cost little; see RawSocket. */
export type Fleet = {
  sockets: number;
  /** Every socket sends the command once; resolves with all answers. */
  requestAll(request: RequestTemplate): Promise<Answered>;
  /** Sockets of the first thread send by turns, on schedule, open loop; resolves with all answers. */
  requestOnSchedule(requests: ScheduledRequests): Promise<Answered>;
  /** Starts counting deliveries afresh on all sockets. */
  expect(times: SendTimes): Promise<void>;
  /** Resolves when the sockets together have got this many messages, or at the deadline with what there is. */
  deliveries(messages: number, deadlineMs: number): Promise<Delivered>;
  /** Sockets that the server closed. */
  lost(): Promise<{ sockets: number; reasons: string[] }>;
  close(): Promise<void>;
};

const atOnceDefault = 50;

export async function openFleet({ url, auths, threads = 1, atOnceMax = atOnceDefault }: FleetOptions): Promise<Fleet> {
  const lanes = Array.from({ length: threads }, startLane);
  const share = (lane: number): readonly unknown[] => auths.filter((_, index) => index % threads === lane);
  const ask = <T extends FleetTask>(task: T, input: FleetTasks[T]['input']): Promise<FleetTasks[T]['result'][]> =>
    Promise.all(lanes.map((lane) => lane.ask(task, input)));

  const fleet: Fleet = {
    sockets: auths.length,
    requestAll: async (request) => answered(await ask('requestAll', { request, atOnceMax })),
    requestOnSchedule: async (requests) => answered([await lanes[0]!.ask('requestOnSchedule', requests)]),
    async expect(times) {
      await ask('expect', times);
    },
    async deliveries(messages, deadlineMs) {
      const perLane = lanes.map((lane, index) =>
        lane.ask('deliveries', { messages: Math.round((messages * share(index).length) / auths.length), deadlineMs }),
      );
      return delivered(await Promise.all(perLane));
    },
    async lost() {
      const each = await ask('lost', null);
      return { sockets: sum(each.map(({ sockets }) => sockets)), reasons: each.flatMap(({ reasons }) => reasons) };
    },
    async close() {
      await ask('close', null);
      await Promise.all(lanes.map((lane) => lane.stop()));
    },
  };
  try {
    const opened = lanes.map((lane, index) =>
      lane.ask('open', { url, auths: share(index).map((auth) => JSON.stringify(auth)), atOnceMax }),
    );
    await Promise.all(opened);
    return fleet;
  } catch (error) {
    await fleet.close();
    throw error;
  }
}

/** One thread, and the questions it has not answered yet. */
function startLane() {
  const worker = new Worker(new URL('./fleet.worker.ts', import.meta.url));
  const waiting = new Map<number, { resolve(result: unknown): void; reject(error: Error): void }>();
  let lastTaskId = 0;
  worker.on('message', ({ taskId, result, error }: FleetReply) => {
    const asker = waiting.get(taskId);
    waiting.delete(taskId);
    if (error === undefined) asker?.resolve(result);
    else asker?.reject(new Error(error));
  });
  worker.on('error', (error: Error) => {
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  });
  return {
    ask<T extends FleetTask>(task: T, input: FleetTasks[T]['input']): Promise<FleetTasks[T]['result']> {
      const taskId = ++lastTaskId;
      const answer = new Promise<FleetTasks[T]['result']>((resolve, reject) => {
        waiting.set(taskId, { resolve: resolve, reject });
      });
      worker.postMessage({ taskId, task, input });
      return answer;
    },
    stop: () => worker.terminate(),
  };
}

function answered(parts: readonly Answers[]): Answered {
  const tally: Record<string, number> = {};
  for (const part of parts)
    for (const [kind, count] of Object.entries(part.tally)) tally[kind] = (tally[kind] ?? 0) + count;
  const firstOther = parts.find((part) => part.firstOther !== null)?.firstOther ?? null;
  return { tally, latency: merged(parts), firstOther };
}

function delivered(parts: readonly Deliveries[]): Delivered {
  const total = (name: 'frames' | 'bytes' | 'messages') => sum(parts.map((part) => part[name]));
  return {
    frames: total('frames'),
    bytes: total('bytes'),
    messages: total('messages'),
    sequences: [...new Set(parts.flatMap(({ sequences }) => sequences))],
    latency: merged(parts),
  };
}

function merged(parts: readonly { latencyCounts: Float64Array }[]): Percentiles {
  const all = new LatencyHistogram();
  for (const { latencyCounts } of parts) all.merge(latencyCounts);
  return all.percentiles();
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
