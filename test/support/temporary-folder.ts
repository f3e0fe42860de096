import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { givenBack } from './given-back.ts';

/** An empty folder that goes away with the test that asked for it. */
export function temporaryFolder(): string {
  const folder = newFolder();
  onTestFinished(() => remove(folder));
  return folder;
}

/** An empty folder that goes away with the test file: for what takes long to make, and serves more than one test. */
export function folderOfFile(): string {
  const folder = newFolder();
  givenBack.push(async () => {
    remove(folder);
    return [];
  });
  return folder;
}

const newFolder = (): string => mkdtempSync(join(tmpdir(), 'nightmarket-'));

// A server that was just killed may still be writing its last file.
const remove = (folder: string): void =>
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
