import { spawn, spawnSync } from 'node:child_process';
import { constants } from 'node:os';
import { createInterface } from 'node:readline';
import { SetupError } from './say.mjs';

/** Lines of output kept to explain a failure. */
const linesKeptMax = 40;

/**
 * Runs a program to its end. It dies with this one (where the system can do that).
 *
 * @param {string} command
 * @param {string[]} args
 * @param {object} [options]
 * @param {string} [options.cwd]
 * @param {NodeJS.ProcessEnv} [options.env] added to the environment
 * @param {number} [options.deadlineMs] the program and all it started are killed after this long; default: never
 * @param {AbortSignal} [options.signal] asks it to end (TERM)
 * @param {(line: string) => void} [options.onLine] every line of its output, either stream
 * @returns {Promise<void>}
 * @throws {SetupError} with the end of its output when it fails
 */
export function run(command, args, { cwd, env, deadlineMs, signal, onLine } = {}) {
  const [program, ...rest] = dyingWithUs([command, ...args]);
  const child = spawn(program ?? command, rest, {
    ...(cwd && { cwd }),
    // A group of its own: what a program leaves behind holds its output, and with it us.
    detached: deadlineMs !== undefined,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  /** @type {string[]} */
  const lastLines = [];
  const hear = (/** @type {string} */ line) => {
    lastLines.push(line);
    if (lastLines.length > linesKeptMax) lastLines.shift();
    onLine?.(line);
  };
  createInterface({ input: child.stdout }).on('line', hear);
  createInterface({ input: child.stderr }).on('line', hear);

  const end = () => void child.kill('SIGTERM');
  signal?.addEventListener('abort', end, { once: true });
  const overdue = deadlineMs && child.pid && setTimeout(killGroup, deadlineMs, child.pid);
  return new Promise((resolve, reject) => {
    child.once('error', (error) => reject(new SetupError(`${command} could not be started: ${error.message}`)));
    child.once('close', (code, killedBy) => {
      if (overdue) clearTimeout(overdue);
      signal?.removeEventListener('abort', end);
      if (code === 0) return resolve();
      const how = `${command} ${args[0] ?? ''} ended with ${killedBy ?? `code ${code}`}`;
      reject(new SetupError([how, ...lastLines].join('\n')));
    });
  });
}

/** @param {number} pid of the first of the group */
function killGroup(pid) {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nobody of it is left.
  }
}

/**
 * Prefixes a command so that the Linux kernel sends it TERM when this program dies, however it dies.
 *
 * @param {string[]} command
 */
export const dyingWithUs = (command) => (canBindLife ? ['setpriv', '--pdeathsig', 'TERM', ...command] : command);

const canBindLife =
  process.platform === 'linux' &&
  spawnSync('setpriv', ['--pdeathsig', 'TERM', 'true'], { stdio: 'ignore' }).status === 0;

/**
 * Runs a program to its end on our terminal.
 *
 * @param {object} needs
 * @param {string} needs.root the folder it runs in
 * @param {string} needs.node
 * @param {string[]} needs.args
 * @param {NodeJS.ProcessEnv} [needs.env] added to the environment
 * @returns {Promise<number>} its exit code; 128 + number when a signal ended it
 */
export function runInForeground({ root, node, args, env }) {
  const [command = node, ...rest] = dyingWithUs([node, ...args]);
  const child = spawn(command, rest, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
  });
}
