import { rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { holdersOf, shareLock, tryLock } from '../../setup/lock.mjs';
import { makeFolder } from '../make-folder.ts';
import { StartError } from '../start-error.ts';

export type FolderClaim = {
  /** Names the child that works on the folder: should it outlive this program for a moment, nobody else comes in meanwhile. */
  shareWith(childPid: number): void;
  release(): void;
};

const pollEveryMs = 50;

/**
 * Makes a folder and claims it for this process: two servers on it would write over each other. The claim of a process that was
 * killed is taken over once the child it named has ended too, which is given `patienceMs`.
 *
 * @throws StartError when the folder can't be made or somebody else keeps it.
 */
export async function claimFolder(folder: string, patienceMs: number): Promise<FolderClaim> {
  makeFolder(folder);
  const file = join(folder, 'owner.lock');
  const giveUpAtMs = performance.now() + patienceMs;
  while (!tryLock(file)) {
    if (performance.now() > giveUpAtMs) throw inUse(folder, holdersOf(file));
    await wait(pollEveryMs);
  }
  return {
    shareWith: (childPid) => shareLock(file, childPid),
    release: () => rmSync(file, { force: true }),
  };
}

const inUse = (folder: string, pids: readonly number[]): StartError =>
  new StartError(
    `Nightmarket is already running on this folder: ${resolve(folder)} is in use by another server (process ${pids.join(', ')}). Stop it, or set NIGHTMARKET_DATA_DIR and PORT.`,
  );
