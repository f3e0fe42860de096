import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { responseIn } from './http-response.ts';
import { LatencyHistogram, type Percentiles } from './latency-histogram.ts';
import { openLoop, preciseNowMs } from './open-loop.ts';

export type HttpRequest = {
  method: string;
  path: string;
  headers?: Readonly<Record<string, string>>;
  /** JSON, when it is not a text already. */
  body?: unknown;
};

export type HttpLoadOptions = {
  url: string;
  /** Request number `index`; made before the run starts. */
  request: (index: number) => HttpRequest;
  count: number;
  perSecond: number;
  /** Kept open; a request that finds none free waits, and its latency counts the wait. */
  connections: number;
  /** Answers that are not there this long after the last request count as `unanswered`. */
  deadlineMs?: number;
};

export type HttpLoadResult = { statuses: Record<string, number>; latency: Percentiles; bytes: number };

const deadlineDefaultMs = 30_000;

/**
 * Requests on an open-loop schedule over raw connections: what autocannon does, but by intended time, so that a server
 * that stands still is charged for all who came meanwhile.
 *
 * @throws Error when a connection breaks.
 */
export async function httpLoad(options: HttpLoadOptions): Promise<HttpLoadResult> {
  const { url, request, count, perSecond, deadlineMs = deadlineDefaultMs } = options;
  const target = new URL(url);
  const texts = Array.from({ length: count }, (_, index) => requestText(target, request(index)));
  const result = { statuses: new Map<number, number>(), latency: new LatencyHistogram(), bytes: 0, answered: 0 };
  const waiting: number[] = [];
  const done = Promise.withResolvers<undefined>();
  const lanes = await Promise.all(
    Array.from({ length: options.connections }, () => openLane(target, { onAnswer, onBroken: done.reject })),
  );
  const free = [...lanes];
  const times = { startMs: preciseNowMs(), intervalMs: 1_000 / perSecond };
  const late = AbortSignal.timeout(times.intervalMs * count + deadlineMs);
  late.addEventListener('abort', () => done.resolve(undefined));
  if (count === 0) done.resolve(undefined);

  try {
    await Promise.race([openLoop({ ...times, count, send }), done.promise]);
    await done.promise;
  } finally {
    for (const lane of lanes) lane.close();
  }
  const unanswered = count - result.answered;
  return {
    statuses: { ...Object.fromEntries(result.statuses), ...(unanswered > 0 ? { unanswered } : {}) },
    latency: result.latency.percentiles(),
    bytes: result.bytes,
  };

  function send(index: number): void {
    const lane = free.pop();
    if (lane) lane.ask(index, texts[index]!);
    else waiting.push(index);
  }

  function onAnswer(lane: Lane, index: number, status: number, bytes: number): void {
    result.statuses.set(status, (result.statuses.get(status) ?? 0) + 1);
    result.latency.addMs(preciseNowMs() - (times.startMs + index * times.intervalMs));
    result.bytes += bytes;
    result.answered += 1;
    if (result.answered === count) done.resolve(undefined);
    const next = waiting.shift();
    if (next === undefined) free.push(lane);
    else lane.ask(next, texts[next]!);
  }
}

type Lane = { ask(index: number, text: string): void; close(): void };
type Hearing = {
  onAnswer: (lane: Lane, index: number, status: number, bytes: number) => void;
  onBroken: (error: Error) => void;
};

/** One connection: one request under way at a time. */
async function openLane(target: URL, { onAnswer, onBroken }: Hearing): Promise<Lane> {
  const socket: Socket = connect({ host: target.hostname, port: Number(target.port), noDelay: true });
  await once(socket, 'connect');
  let received = Buffer.alloc(0);
  let asked = -1;
  const lane: Lane = {
    ask(index, text) {
      asked = index;
      socket.write(text);
    },
    close: () => socket.destroy(),
  };
  socket.on('error', onBroken);
  socket.on('end', () => onBroken(new Error('the server closed a connection')));
  socket.on('data', (chunk) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
    const response = responseIn(received);
    if (!response) return;
    received = received.subarray(response.bytes);
    onAnswer(lane, asked, response.status, response.bytes);
  });
  return lane;
}

function requestText(target: URL, { method, path, headers = {}, body }: HttpRequest): string {
  const content = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body);
  const all = {
    host: target.host,
    ...(content ? { 'content-type': 'application/json', 'content-length': `${Buffer.byteLength(content)}` } : {}),
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${content}`;
}
