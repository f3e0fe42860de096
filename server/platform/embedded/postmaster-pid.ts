import { existsSync, readFileSync, rmSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { StartError } from '../start-error.ts';

/**
 * Clears the way for a PostgreSQL on `clusterDir` after a crash.
 *
 * PostgreSQL removes a stale postmaster.pid itself, unless the number in it has meanwhile been given to another program
 * (common in containers, where numbers repeat): then it refuses to start. A PostgreSQL that is still there is on its way
 * out, since it dies with its server, so it gets a few seconds.
 *
 * @throws Error when the folder is really in use.
 */
export async function clearPostmasterPid(clusterDir: string, deadlineMs: number): Promise<void> {
  const file = join(clusterDir, 'postmaster.pid');
  const giveUpAtMs = Date.now() + deadlineMs;
  while (existsSync(file)) {
    const pid = Number.parseInt(readFileSync(file, 'utf8'), 10);
    if (!commandOf(pid).includes(clusterDir)) return rmSync(file, { force: true });
    if (Date.now() > giveUpAtMs)
      throw new StartError(
        `Nightmarket is already running on this folder: ${clusterDir} is in use by another server (PostgreSQL is process ${pid}). Stop it, or set NIGHTMARKET_DATA_DIR and PORT.`,
      );
    await wait(50);
  }
}

/** The command line of a process, '' when there is none. */
function commandOf(pid: number): string {
  try {
    if (process.platform === 'linux') return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    return execFileSync('ps', ['-o', 'command=', '-p', `${pid}`], { encoding: 'utf8' });
  } catch {
    return '';
  }
}
