import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { join } from 'node:path';
import { dyingWithUs } from './run.mjs';

/** @type {NodeJS.Signals[]} */
const forwarded = ['SIGINT', 'SIGTERM', 'SIGHUP'];
const parentCheckEveryMs = 500;

/**
 * Runs the server in the foreground until it ends: its output is ours, our signals are its signals.
 *
 * @param {object} needs
 * @param {string} needs.root
 * @param {string} needs.node
 * @param {NodeJS.ProcessEnv} needs.env added to the environment
 * @param {(url: string) => void} needs.onReady called once, when the server says that it answers
 * @param {() => Promise<void> | undefined} needs.onStop called when we are told to stop; the server is told when that has ended, or
 *   when we are told again
 * @returns {Promise<number>} its exit code; 128 + number when a signal ended it
 */
export function runServer({ root, node, env, onReady, onStop }) {
  const [command = node, ...args] = dyingWithUs([node, 'server/main.ts']);
  // A process group of its own: Ctrl-C in a terminal reaches it once, through us, not twice.
  const server = spawn(command, args, {
    cwd: root,
    // What Node has made of the sources, kept for the next start: it halves the time a start needs before it does anything.
    env: { NODE_COMPILE_CACHE: join(root, '.nightmarket/compile-cache'), ...process.env, ...env },
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    detached: true,
  });
  server.once('message', (message) => onReady(/** @type {{ ready: string }} */ (message).ready));
  let isStopping = false;
  const stop = async (/** @type {NodeJS.Signals} */ signal) => {
    if (!isStopping) {
      isStopping = true;
      await onStop();
    }
    server.kill(signal);
  };
  for (const signal of forwarded) process.on(signal, () => void stop(signal === 'SIGHUP' ? 'SIGTERM' : signal));
  const parentWatch = whenNpmIsGone(() => void stop('SIGTERM'));

  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.once('close', (code, signal) => {
      clearInterval(parentWatch);
      resolve(code ?? 128 + (signal ? constants.signals[signal] : 0));
    });
  });
}

/**
 * `kill -9` on npm leaves its script running without anybody who could stop it, on a port that the next start wants.
 *
 * @param {() => void} stop
 */
function whenNpmIsGone(stop) {
  if (!process.env['npm_lifecycle_event']) return undefined;
  const npmPid = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === npmPid) return;
    clearInterval(watch);
    stop();
  }, parentCheckEveryMs);
  return watch;
}
