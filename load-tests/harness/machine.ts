import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { arch, availableParallelism, cpus, release, totalmem } from 'node:os';
import { cores } from './cores.ts';

/** Where and of what a figure was measured. */
export type Origin = {
  measuredAt: string;
  /** Commit of the checkout; `dirty` when files differ from it, and then nothing can be quoted. */
  commit: string;
  dirty: boolean;
  command: string;
  machine: {
    cpu: string;
    coreCount: number;
    memoryGiB: number;
    kernel: string;
    arch: string;
    node: string;
    /** Null when the server could not be pinned to a core of its own. */
    pinning: typeof cores;
    /** Processes that wanted a core over the minute before the run. */
    loadBefore: number;
  };
};

export function originOf(command: string): Origin {
  return {
    measuredAt: new Date().toISOString(),
    commit: git('rev-parse', '--short=12', 'HEAD') || 'unknown',
    dirty: git('status', '--porcelain', '--', 'server', 'shared', 'media', 'load-tests', 'package-lock.json') !== '',
    command,
    machine: {
      cpu: cpus()[0]?.model ?? 'unknown',
      coreCount: availableParallelism(),
      memoryGiB: Math.round(totalmem() / 2 ** 30),
      kernel: release(),
      arch: arch(),
      node: process.version,
      pinning: cores,
      loadBefore: Number(readFileSync('/proc/loadavg', 'utf8').split(' ')[0]),
    },
  };
}

const git = (...args: string[]): string => spawnSync('git', args, { encoding: 'utf8' }).stdout.trim();
