import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Folders that hold results, never sources. */
const skipped = new Set(['dist', 'node_modules']);

/**
 * One hash over names and contents of files and folders; the same on every machine.
 *
 * @param {string} root
 * @param {string[]} paths relative to root; ones that do not exist count as empty
 */
export function contentHash(root, paths) {
  const hash = createHash('sha256');
  for (const path of paths.flatMap((path) => filesBelow(root, path))) {
    const content = readFileSync(join(root, path));
    hash.update(`${path}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

/** @param {string} root @param {string} path @returns {string[]} */
function filesBelow(root, path) {
  const found = statSync(join(root, path), { throwIfNoEntry: false });
  if (!found?.isDirectory()) return found ? [path] : [];
  const names = readdirSync(join(root, path)).filter((name) => !skipped.has(name));
  return names.sort().flatMap((name) => filesBelow(root, `${path}/${name}`));
}
