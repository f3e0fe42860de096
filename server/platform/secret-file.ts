import { existsSync, linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { makeFolder } from './make-folder.ts';
import { StartError } from './start-error.ts';

/**
 * The secret in `file`, made on first use and readable by this user alone.
 *
 * It is written elsewhere and linked into place: a crash leaves no half-written secret, and of two processes one wins.
 *
 * @throws StartError when the file is there and empty, or its folder can't be made.
 */
export function secretFile(file: string, make: () => string): string {
  if (!existsSync(file)) {
    makeFolder(dirname(file));
    const draft = `${file}.${process.pid}`;
    writeFileSync(draft, make(), { mode: 0o600 });
    try {
      linkSync(draft, file);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    } finally {
      rmSync(draft, { force: true });
    }
  }
  const secret = readFileSync(file, 'utf8');
  if (!secret) throw new StartError(`The secret in ${file} is empty: remove the file, and a new one is made.`);
  return secret;
}
