import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { SetupError } from './say.mjs';

/** Runs TypeScript as it is, without a flag. */
const versionMin = /** @type {const} */ ([22, 18]);

/**
 * The Node that runs the program: the one pinned in the lockfile, or ours where there is none for this platform.
 *
 * @param {string} root the checkout
 * @returns {string} its path
 */
export function findNode(root) {
  const pinned = join(root, 'node_modules/.bin/node');
  if (spawnSync(pinned, ['--version'], { stdio: 'ignore' }).status === 0) return pinned;
  if (isNewEnough(process.versions.node)) return process.execPath;
  throw new SetupError(
    `Node ${versionMin.join('.')} or newer is needed, this is ${process.versions.node}, and no newer one is packaged for ${process.platform} ${process.arch}.`,
  );
}

/** @param {string} version as in process.versions.node */
export function isNewEnough(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > versionMin[0] || (major === versionMin[0] && minor >= versionMin[1]);
}
