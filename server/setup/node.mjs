import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
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
  const pinned = pinnedNode(root);
  if (pinned && spawnSync(pinned, ['--version'], { stdio: 'ignore' }).status === 0) return pinned;
  if (isNewEnough(process.versions.node)) return process.execPath;
  throw new SetupError(
    `Node ${versionMin.join('.')} or newer is needed, this is ${process.versions.node}, and no newer one is packaged for ${process.platform} ${process.arch}.`,
  );
}

/**
 * The pinned Node as `node_modules/.bin/node`, where npm puts it first on the PATH of every script. npm 10 unpacks the
 * package but now and then leaves the link out, so it is made here.
 *
 * @param {string} root
 */
function pinnedNode(root) {
  const link = join(root, 'node_modules/.bin/node');
  const packageFolder = `node-${process.platform}-${process.arch}`;
  if (!existsSync(link) && existsSync(join(root, 'node_modules', packageFolder, 'bin/node'))) {
    mkdirSync(join(root, 'node_modules/.bin'), { recursive: true });
    symlinkSync(`../${packageFolder}/bin/node`, link);
  }
  return existsSync(link) ? link : undefined;
}

/** @param {string} version as in process.versions.node */
export function isNewEnough(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > versionMin[0] || (major === versionMin[0] && minor >= versionMin[1]);
}
