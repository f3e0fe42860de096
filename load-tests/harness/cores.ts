import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

/** Which CPU cores do what. `null`: this machine can't pin, and no figure of the run can be quoted. */
export type Cores = { server: string; load: string } | null;

/** The server gets one core to itself; load and databases share the others. */
export const cores: Cores = canPin() ? { server: '0', load: `1-${availableParallelism() - 1}` } : null;

function canPin(): boolean {
  return availableParallelism() >= 2 && spawnSync('taskset', ['-c', '0', 'true'], { stdio: 'ignore' }).status === 0;
}

let pinned = false;

/**
 * Puts this process, and with it every child it starts without `onCore`, on the load's cores. Without it nothing is pinned: a
 * smoke run shares the cores with other tests.
 */
export function pinThisProcess(): void {
  pinned = cores !== null;
  if (cores) spawnSync('taskset', ['-acp', cores.load, `${process.pid}`], { stdio: 'ignore' });
}

const allCores = `0-${availableParallelism() - 1}`;

/** Gives this process the whole machine again: for a side that is promised for all of it. */
export function unpinThisProcess(): void {
  if (pinned) spawnSync('taskset', ['-acp', allCores, `${process.pid}`], { stdio: 'ignore' });
}

/** Prefixes a command so that it runs on these cores; taskset becomes the program, so the process id stays. */
export const onCore = (core: string | undefined, command: string[]): string[] =>
  core === undefined || !pinned ? command : ['taskset', '-c', core, ...command];
