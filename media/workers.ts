import type { TransportListenInfo, WebRtcServer, Worker } from 'mediasoup/types';
import { AppError } from '../shared/errors.ts';
import type { MediaLog } from './log.ts';
import { leaves } from './networks.ts';
import { closeWorker, killWorker, openWorker } from './open-worker.ts';

/** One mediasoup worker process: a core's worth of media, behind one UDP and one TCP port. */
export type MediaWorker = {
  index: number;
  worker: Worker;
  webRtcServer: WebRtcServer;
  /** Addresses it listens on. */
  ips: readonly string[];
  /** Share of a core it uses, 0 to 1, and of what those will use who were put here and cost nothing yet. */
  load(): number;
  /** What it used over the last second alone. */
  usedShare(): number;
  /** Counts so many sessions as what they will cost; a negative number counts them no more: they are measured by now, or gone. */
  expect(sessions: number): void;
};

export type WorkerSettings = {
  binPath: string;
  count: number;
  /** Asked again and again: networks come and go. The better ones first. */
  listenIps: () => string[];
  /** How often. Default: each minute. */
  networksEveryMs?: number;
  announcedAddress: string | undefined;
  /** Port of the first worker; the next ones follow. 0: each takes a free one. */
  firstPort: number;
  /** Whether they listen on TCP too. Default true. */
  tcp?: boolean;
  /** A worker that answers nothing for so long carries nothing either: it is killed, and replaced. Default 5 s. */
  answerWithinMs?: number;
};

type Needs = WorkerSettings & { log: MediaLog };

/** How often the processor time of the workers is read. */
export const measureEveryMs = 1_000;
/** What a session that costs nothing yet will cost, as a share of a core. */
export const expectedLoadPerSession = 0.0015;
/** Pauses between tries to start a worker; the last one repeats. A worker that lived for a while starts from the front again. */
const restartAfterMs = [0, 100, 300, 1_000, 3_000];
const livedForAWhileMs = 60_000;
/** At the start it is not waited longer for all of them, once one runs. */
const allWithinMs = 3_000;

export type Workers = ReturnType<typeof startWorkers>;

/** Keeps `count` workers running. One that dies takes only its own routers along, and is replaced on the same port. */
export function startWorkers({ log, answerWithinMs = 5_000, networksEveryMs = 60_000, ...settings }: Needs) {
  const slots: (MediaWorker | null)[] = Array.from({ length: settings.count }, () => null);
  const measured = new Map<Worker, Measurement>();
  /** Workers that owe an answer. */
  const asked = new Set<Worker>();
  let closing = false;
  let restarts = 0;
  let failure: string | null = null;

  const ready = startSome(slots.map((_, index) => start(index)));
  const measuring = setInterval(() => void measure(), measureEveryMs);
  const following = setInterval(() => {
    followNetworks().catch((error: unknown) =>
      log.warn({ err: error }, 'the networks of this machine can not be read'),
    );
  }, networksEveryMs);

  return {
    /** Resolves when they run, all or, after a while, some; and when they are closed before. */
    ready,
    count: settings.count,
    running,
    /** Why none can be started just now, though it is tried again and again. */
    failure: (): string | null => (running().length > 0 ? null : failure),
    /** Workers that were started again because one had died. */
    restarts: (): number => restarts,
    /** @throws AppError RETRY while all of them are being replaced. */
    leastLoaded: (): MediaWorker => {
      const [first, ...others] = running();
      if (!first) throw new AppError('RETRY', 'Media is starting again.', { retryAfterMs: 300 });
      return others.reduce((least, other) => (other.load() < least.load() ? other : least), first);
    },
    close(): void {
      clearInterval(measuring);
      clearInterval(following);
      closing = true;
      for (const { worker } of running()) closeWorker(worker, answerWithinMs);
    },
  };

  function running(): MediaWorker[] {
    return slots.filter((slot) => slot !== null);
  }

  async function open(index: number): Promise<MediaWorker> {
    const { binPath } = settings;
    const ips = settings.listenIps();
    const opened = await openWorker({ binPath, answerWithinMs, listenInfos: listenInfos(index, ips) });
    return { index, ips, ...opened, ...loadOf(opened.worker) };
  }

  /** Gives a worker its place, until it dies. */
  function settle(index: number, slot: MediaWorker, attempt: number): void {
    if (closing) return closeWorker(slot.worker, answerWithinMs);
    slots[index] = slot;
    failure = null;
    const sinceMs = performance.now();
    slot.worker.once('died', (error) => {
      slots[index] = null;
      log.error({ err: error, worker: index }, 'media worker died');
      const livedMs = performance.now() - sinceMs;
      void startAgain(index, livedMs > livedForAWhileMs ? 0 : attempt);
    });
  }

  /** Tries until it runs: the port may still belong to a server that was just killed, or to a program that will go. */
  async function start(index: number, firstAttempt = 0): Promise<void> {
    for (let attempt = firstAttempt; !closing; attempt++) {
      await pauseBefore(attempt);
      try {
        return settle(index, await open(index), attempt + 1);
      } catch (error) {
        log.error({ err: error, worker: index }, 'media worker could not be started');
        failure = error instanceof Error ? error.message : String(error);
      }
    }
  }

  async function startAgain(index: number, firstAttempt: number): Promise<void> {
    restarts += 1;
    await start(index, firstAttempt);
    if (!closing) log.info({ worker: index }, 'media worker is back');
  }

  /** A worker can't change where it listens: another one takes its place and its port. */
  async function followNetworks(): Promise<void> {
    const ips = settings.listenIps();
    await Promise.all(running().map((each) => follow(each, ips)));
  }

  async function follow({ index, worker, ips: before }: MediaWorker, ips: readonly string[]): Promise<void> {
    if (!(await leaves(before, ips, () => isIdle(worker))) || worker.closed) return;
    log.info({ worker: index, ips }, 'the networks have changed: the media worker listens anew');
    slots[index] = null;
    worker.once('subprocessclose', () => void start(index));
    closeWorker(worker, answerWithinMs);
  }

  /** UDP first: what can use it, should. */
  function listenInfos(index: number, ips: readonly string[]): TransportListenInfo[] {
    const { announcedAddress, firstPort, tcp = true } = settings;
    const protocols = tcp ? (['udp', 'tcp'] as const) : (['udp'] as const);
    return protocols.flatMap((protocol) =>
      ips.map((ip) => ({
        protocol,
        ip,
        ...(announcedAddress ? { announcedAddress } : {}),
        ...(firstPort > 0 ? { port: firstPort + index } : {}),
      })),
    );
  }

  function loadOf(worker: Worker): Pick<MediaWorker, 'load' | 'usedShare' | 'expect'> {
    let expected = 0;
    const usedShare = (): number => measured.get(worker)?.load ?? 0;
    return {
      usedShare,
      load: () => usedShare() + expected * expectedLoadPerSession,
      expect: (sessions) => void (expected += sessions),
    };
  }

  async function measure(): Promise<void> {
    for (const worker of measured.keys()) if (worker.closed) measured.delete(worker);
    await Promise.all(running().map(measureOne));
  }

  async function measureOne({ worker, index }: MediaWorker): Promise<void> {
    if (asked.has(worker)) return;
    asked.add(worker);
    const hung = setTimeout(() => {
      log.error({ worker: index }, 'media worker does not answer and is killed');
      killWorker(worker);
    }, answerWithinMs);
    const atMs = performance.now(); // It answers at once; when we read it, a standstill of this process decides.
    const usage = await worker.getResourceUsage().catch(() => null); // Dead by now: `died` deals with it.
    clearTimeout(hung);
    asked.delete(worker);
    if (!usage) return;
    const cpuMs = usage.ru_utime + usage.ru_stime;
    const before = measured.get(worker);
    const load = before ? (cpuMs - before.cpuMs) / (atMs - before.atMs) : 0;
    measured.set(worker, { cpuMs, atMs, load });
  }
}

/** One that has died by now is replaced anyway. */
const isIdle = async (worker: Worker): Promise<boolean> =>
  (await worker.dump().catch(() => null))?.routerIds.length === 0;

/** Waits for all, but not long: those there are do the work of one whose port is taken. */
async function startSome(starts: readonly Promise<void>[]): Promise<void> {
  const patience = Promise.withResolvers<undefined>();
  const timer = setTimeout(patience.resolve, allWithinMs, undefined);
  await Promise.race([Promise.all(starts), patience.promise.then(() => Promise.race(starts))]);
  clearTimeout(timer);
}

function pauseBefore(attempt: number): Promise<void> {
  const pauseMs = restartAfterMs[Math.min(attempt, restartAfterMs.length - 1)]!;
  return new Promise((resolve) => setTimeout(resolve, pauseMs));
}

type Measurement = { cpuMs: number; atMs: number; load: number };
