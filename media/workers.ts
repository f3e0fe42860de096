import { createWorker } from 'mediasoup';
import type { TransportListenInfo, WebRtcServer, Worker } from 'mediasoup/types';
import { AppError } from '../shared/errors.ts';
import type { MediaLog } from './log.ts';

/** One mediasoup worker process: a core's worth of media, behind one UDP and one TCP port. */
export type MediaWorker = {
  index: number;
  worker: Worker;
  webRtcServer: WebRtcServer;
  /** Share of a core it used over the last second, 0 to 1, plus an estimate for who joined since. */
  load(): number;
  /** Tells that a session was put here, so that a rush within one second does not all go to the same worker. */
  expectMore(): void;
};

export type WorkerSettings = {
  binPath: string;
  count: number;
  listenIp: string;
  announcedAddress: string | undefined;
  /** Port of the first worker; the next ones follow. 0: each takes a free one. */
  firstPort: number;
};

type Needs = WorkerSettings & { log: MediaLog };

/** How often the processor time of the workers is read. */
const measureEveryMs = 1_000;
/** What a session that was just put on a worker will cost, as a share of a core; the next measurement replaces the guess. */
const expectedLoadPerSession = 0.0015;
/** Pauses between tries to start a dead worker again; the last one repeats. */
const restartAfterMs = [0, 100, 300, 1_000, 3_000];

export type Workers = Awaited<ReturnType<typeof startWorkers>>;

/** Keeps `count` workers running. One that dies takes only its own routers along, and is replaced on the same port. */
export async function startWorkers({ log, ...settings }: Needs) {
  const slots: (MediaWorker | null)[] = Array.from({ length: settings.count }, () => null);
  const measured = new Map<Worker, Measurement>();
  let closing = false;
  let restarts = 0;

  await Promise.all(slots.map((_, index) => start(index)));
  const measuring = setInterval(() => void measure(), measureEveryMs);

  return {
    count: settings.count,
    running,
    /** Workers that were started again because one had died. */
    restarts: (): number => restarts,
    /** @throws AppError RETRY while all of them are being replaced. */
    leastLoaded: (): MediaWorker => {
      const [first, ...others] = running();
      if (!first) throw new AppError('RETRY', 'Media is starting again.', { retryAfterMs: 300 });
      return others.reduce((least, other) => (other.load() < least.load() ? other : least), first);
    },
    close(): void {
      closing = true;
      clearInterval(measuring);
      for (const slot of slots) slot?.worker.close();
    },
  };

  function running(): MediaWorker[] {
    return slots.filter((slot) => slot !== null);
  }

  async function start(index: number, attempt = 0): Promise<void> {
    const worker = await createWorker({ workerBin: settings.binPath, logLevel: 'warn' });
    worker.on('died', (error) => {
      slots[index] = null;
      log.error({ err: error, worker: index }, 'media worker died');
      void restart(index);
    });
    try {
      const webRtcServer = await worker.createWebRtcServer({ listenInfos: listenInfos(index) });
      if (closing) return worker.close();
      slots[index] = { index, worker, webRtcServer, ...loadOf(worker) };
    } catch (error) {
      worker.close();
      throw error;
    }
    if (attempt > 0) log.info({ worker: index }, 'media worker is back');
  }

  async function restart(index: number, attempt = 0): Promise<void> {
    const pauseMs = restartAfterMs[Math.min(attempt, restartAfterMs.length - 1)]!;
    if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
    if (closing) return;
    restarts += 1;
    await start(index, attempt + 1).catch((error: unknown) => {
      log.error({ err: error, worker: index }, 'media worker could not be started again');
      return restart(index, attempt + 1);
    });
  }

  /** UDP first: what can use it, should. */
  function listenInfos(index: number): TransportListenInfo[] {
    const { listenIp, announcedAddress, firstPort } = settings;
    return (['udp', 'tcp'] as const).map((protocol) => ({
      protocol,
      ip: listenIp,
      ...(announcedAddress ? { announcedAddress } : {}),
      ...(firstPort > 0 ? { port: firstPort + index } : {}),
    }));
  }

  function loadOf(worker: Worker): Pick<MediaWorker, 'load' | 'expectMore'> {
    return {
      load: () => (measured.get(worker)?.load ?? 0) + (measured.get(worker)?.expected ?? 0),
      expectMore: () => {
        const current = measured.get(worker) ?? { cpuMs: 0, atMs: performance.now(), load: 0, expected: 0 };
        measured.set(worker, { ...current, expected: current.expected + expectedLoadPerSession });
      },
    };
  }

  async function measure(): Promise<void> {
    for (const worker of measured.keys()) if (worker.closed) measured.delete(worker);
    for (const slot of slots) {
      if (!slot) continue;
      const { worker } = slot;
      const usage = await worker.getResourceUsage().catch(() => null); // Dead by now: `died` deals with it.
      if (!usage) continue;
      const [cpuMs, atMs] = [usage.ru_utime + usage.ru_stime, performance.now()];
      const before = measured.get(worker);
      const load = before ? (cpuMs - before.cpuMs) / (atMs - before.atMs) : 0;
      measured.set(worker, { cpuMs, atMs, load, expected: 0 });
    }
  }
}

type Measurement = { cpuMs: number; atMs: number; load: number; expected: number };
