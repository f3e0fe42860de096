import { execFile, type ChildProcess } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { promisify } from 'node:util';
import { createWorker } from 'mediasoup';
import type { TransportListenInfo, WebRtcServer, Worker } from 'mediasoup/types';

/**
 * Sockets and files of one worker, far more than its viewers need. mediasoup takes every TCP connection, asks it for nothing, and keeps
 * 64 KiB for each that has sent half a packet: past this one is refused, and the memory of all of them is bounded.
 */
const openFilesMax = 8_192;

type Wanted = { binPath: string; listenInfos: TransportListenInfo[]; answerWithinMs: number };

/**
 * Starts a worker process and opens its ports: there is both or nothing. mediasoup waits for the first answers of a process for ever;
 * one that gives none in time is killed.
 *
 * @throws Error of the worker, or of mediasoup: the program does not run, a port is taken
 */
export async function openWorker({
  binPath,
  listenInfos,
  answerWithinMs,
}: Wanted): Promise<{ worker: Worker; webRtcServer: WebRtcServer }> {
  const [starting, child] = withChild(() => createWorker({ workerBin: binPath, logLevel: 'warn' }));
  if (child) endWithUs(child);
  const hung = setTimeout(() => child?.kill('SIGKILL'), answerWithinMs);
  try {
    const worker = await starting;
    const webRtcServer = await worker.createWebRtcServer({ listenInfos }).catch((error: unknown) => {
      worker.close();
      throw error;
    });
    void boundFiles(worker.pid); // Not waited for: who gets the worker must hear at once when it dies.
    return { worker, webRtcServer };
  } finally {
    clearTimeout(hung);
  }
}

/** mediasoup asks a process to end, and leaves it to it: one that hangs would keep its port, and is killed. */
export function closeWorker(worker: Worker, withinMs: number): void {
  const hung = setTimeout(killWorker, withinMs, worker);
  worker.once('subprocessclose', () => clearTimeout(hung));
  worker.close();
}

export function killWorker({ pid }: Worker): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended just now.
  }
}

/** Processes of workers that have not ended. */
const living = new Set<ChildProcess>();

/** One that hangs does not hear that we end, and would keep its port from the next start for ever. */
function endWithUs(child: ChildProcess): void {
  if (living.size === 0) process.on('exit', killLiving);
  living.add(child);
  child.once('close', () => {
    living.delete(child);
    if (living.size === 0) process.off('exit', killLiving);
  });
}

function killLiving(): void {
  for (const child of living) child.kill('SIGKILL');
}

/** By a program of Linux; elsewhere, and without it, the bound of the system counts. */
async function boundFiles(pid: number): Promise<void> {
  await promisify(execFile)('prlimit', ['--pid', String(pid), `--nofile=${openFilesMax}`]).catch(() => undefined);
}

/** What `spawn` gives, and the process it has begun: mediasoup tells its process id only once it has answered. */
function withChild<T>(spawn: () => T): [T, ChildProcess | undefined] {
  let child: ChildProcess | undefined;
  const hear = (message: unknown): void => void (child = (message as { process: ChildProcess }).process);
  subscribe('child_process', hear);
  try {
    const spawned = spawn();
    return [spawned, child];
  } finally {
    unsubscribe('child_process', hear);
  }
}
