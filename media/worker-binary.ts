import { existsSync, readFileSync } from 'node:fs';
import { workerBin as installedBin } from 'mediasoup';
import { z } from 'zod';

/** How far the mediasoup worker program is. `preparing` can take minutes on the first start of a machine. */
export type WorkerBinaryStatus =
  /** `progress` 0 to 1. */
  | { state: 'preparing'; progress: number; message: string }
  | { state: 'ready'; binPath: string }
  | { state: 'failed'; message: string };

export type WorkerBinary = {
  current(): WorkerBinaryStatus;
  /** Path of the program, as soon as it is there. Rejects when it can't be had; stays pending after `close()`. */
  ready: Promise<string>;
  /** Stops looking at the status file. */
  close(): void;
};

/** What the set-up writes (server/setup/worker-status.mjs). */
const StatusFile = z.object({
  state: z.enum(['building', 'ready', 'failed']),
  progress: z.number().min(0).max(1),
  message: z.string(),
  binPath: z.string().optional(),
});

const lookEveryMs = 250;

/**
 * Follows the making of the mediasoup worker, which the set-up does beside the running server.
 *
 * @param statusFile  written by the set-up; null when the server was started without it.
 * @param explicitBin a worker to use in any case; null to go by the status file, or without one by mediasoup's own installer.
 */
export function watchWorkerBinary(statusFile: string | null, explicitBin: string | null): WorkerBinary {
  const given = explicitBin ?? (statusFile === null ? installedBin : null);
  if (given !== null || statusFile === null) return settled(lookAt(given ?? installedBin));

  let status = readStatus(statusFile);
  const { promise: ready, resolve, reject } = Promise.withResolvers<string>();
  ready.catch(() => undefined); // Whoever only asks current() must not crash on a failure.
  const look = (): void => {
    status = readStatus(statusFile);
    if (status.state === 'preparing') return;
    clearInterval(timer);
    if (status.state === 'ready') resolve(status.binPath);
    else reject(new Error(status.message));
  };
  // By reading it again: a watch sets out from a first look of its own, and what was written before that goes unnoticed.
  const timer = setInterval(look, lookEveryMs).unref();
  look();
  return { current: () => status, ready, close: () => clearInterval(timer) };
}

const lookAt = (binPath: string): WorkerBinaryStatus =>
  existsSync(binPath)
    ? { state: 'ready', binPath }
    : {
        state: 'failed',
        message: `There is no mediasoup worker at ${binPath}: start by npm start, or set MEDIASOUP_WORKER_BIN.`,
      };

function settled(status: WorkerBinaryStatus): WorkerBinary {
  const ready = status.state === 'ready' ? Promise.resolve(status.binPath) : failed(status);
  return { current: () => status, ready, close: () => undefined };
}

function failed(status: WorkerBinaryStatus): Promise<string> {
  const rejected = Promise.reject<string>(new Error('message' in status ? status.message : status.state));
  rejected.catch(() => undefined);
  return rejected;
}

/** A file that is not there yet, or from an older set-up, is one that is still being written. */
function readStatus(file: string): WorkerBinaryStatus {
  const unknown = { state: 'preparing', progress: 0, message: 'The media worker is being prepared.' } as const;
  if (!existsSync(file)) return unknown;
  const parsed = StatusFile.safeParse(JSON.parse(readFileSync(file, 'utf8')));
  if (!parsed.success) return unknown;
  const { state, progress, message, binPath } = parsed.data;
  if (state === 'ready' && binPath !== undefined) return { state, binPath };
  return state === 'failed' ? { state, message } : { state: 'preparing', progress, message };
}
