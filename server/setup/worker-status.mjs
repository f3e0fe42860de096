import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * How far the mediasoup worker is, for the server that already runs; media/worker-binary.ts reads it.
 *
 * @typedef {object} WorkerStatus
 * @property {'building' | 'ready' | 'failed'} state
 * @property {number} progress 0 to 1
 * @property {string} message one sentence for people
 * @property {string} [binPath] the worker, when it is ready
 */

/**
 * Replaces the status file in one piece: its reader never sees half of it.
 *
 * @param {string} file
 * @param {WorkerStatus} status
 */
export function writeWorkerStatus(file, status) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.partial`, JSON.stringify(status));
  renameSync(`${file}.partial`, file);
}
