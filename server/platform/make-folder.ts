import { mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { StartError } from './start-error.ts';

/**
 * Makes a folder for this user alone, and those above it that are missing.
 *
 * @throws StartError naming the folder and what stands in the way.
 */
export function makeFolder(folder: string): void {
  try {
    make(resolve(folder));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new StartError(`The folder ${folder} can't be made (${code ?? message}): check NIGHTMARKET_DATA_DIR.`);
  }
}

/** Step by step: mkdir's own `recursive` tries for ever where the system answers ENOENT for good, as below /proc. */
function make(folder: string): void {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return;
  if (dirname(folder) !== folder) make(dirname(folder));
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    // Somebody else was quicker, or it is there and no folder.
    if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) throw error;
  }
}
