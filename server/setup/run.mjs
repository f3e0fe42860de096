import { spawn, spawnSync } from 'node:child_process';
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
 * @param {number} [options.deadlineMs] the program is stopped after this long; default: never
 * @param {(line: string) => void} [options.onLine] every line of its output, either stream
 * @returns {Promise<void>}
 * @throws {SetupError} with the end of its output when it fails
 */
export function run(command, args, { cwd, env, deadlineMs, onLine } = {}) {
  const [program, ...rest] = dyingWithUs([command, ...args]);
  const child = spawn(program ?? command, rest, {
    ...(cwd && { cwd }),
    ...(deadlineMs && { timeout: deadlineMs }),
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

  return new Promise((resolve, reject) => {
    child.once('error', (error) => reject(new SetupError(`${command} could not be started: ${error.message}`)));
    child.once('close', (code, signal) => {
      if (code === 0) return resolve();
      reject(
        new SetupError([`${command} ${args[0] ?? ''} ended with ${signal ?? `code ${code}`}`, ...lastLines].join('\n')),
      );
    });
  });
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
