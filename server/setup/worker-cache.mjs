import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { contentHash } from './content-hash.mjs';

const recipe = 'media/worker-build';

/**
 * Where the worker that this checkout needs on this machine is kept: per user and outside the checkout, so that a fresh
 * clone does not build again.
 *
 * The folder is named by 16 hex digits over mediasoup's version, the build recipe and the system whose libraries it
 * links: same name, same binary.
 *
 * @param {string} root the checkout; its dependencies are installed
 */
export function workerCacheDir(root) {
  const { version } = JSON.parse(readFileSync(join(root, 'node_modules/mediasoup/package.json'), 'utf8'));
  // Whatever lies beside the recipe may decide what is built; only its README does not.
  const files = readdirSync(join(root, recipe)).filter((name) => name !== 'README.md');
  const recipeHash = contentHash(
    root,
    files.sort().map((name) => `${recipe}/${name}`),
  );
  const made = JSON.stringify([version, process.platform, process.arch, systemRelease(), recipeHash]);
  const cacheHome = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  const name = createHash('sha256').update(made).digest('hex').slice(0, 16);
  return join(cacheHome, 'nightmarket/mediasoup-worker', name);
}

/**
 * @param {string} root the checkout
 * @returns {string | null} the worker in the cache, if it is there; it appears whole or not at all
 */
export function cachedWorkerBin(root) {
  const file = join(workerCacheDir(root), 'mediasoup-worker');
  return existsSync(file) ? file : null;
}

/** "debian 12" on Debian 12; the libraries of another release have other version numbers in their names. */
function systemRelease() {
  if (!existsSync('/etc/os-release')) return process.platform;
  const text = readFileSync('/etc/os-release', 'utf8');
  const field = (/** @type {string} */ name) => new RegExp(`^${name}="?([^"\n]*)"?$`, 'm').exec(text)?.[1] ?? '';
  return `${field('ID')} ${field('VERSION_ID')}`;
}
