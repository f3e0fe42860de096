import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './run.mjs';
import { step } from './say.mjs';

/**
 * @typedef {{ version?: string, optional?: boolean, devOptional?: boolean, os?: string[], cpu?: string[], libc?: string[] }} LockedPackage
 * @typedef {{ packages: Record<string, LockedPackage> }} Lockfile
 */

/**
 * Installs the packages of the lockfile if they are not all there in their versions.
 *
 * @param {string} root the checkout
 */
export async function ensureDependencies(root) {
  if (dependenciesAreThere(root)) return;
  await step('installing dependencies (npm ci)', () => npmCi(root));
}

/**
 * Whether all packages of the lockfile are there in their versions.
 *
 * @param {string} root
 */
export function dependenciesAreThere(root) {
  // npm writes this file after everything else, and removes it first: it says what an unbroken install left.
  const installedFile = join(root, 'node_modules/.package-lock.json');
  return (
    existsSync(installedFile) &&
    missingPackages(readJson(join(root, 'package-lock.json')), readJson(installedFile)).length === 0
  );
}

/**
 * Paths of the packages that the lockfile wants and node_modules lacks, or has in another version. An optional one that names
 * the machines it is for is wanted on those (the pinned Node, PostgreSQL's programs); of the others absence says nothing.
 *
 * @param {Lockfile} wanted
 * @param {Lockfile} installed
 */
export function missingPackages(wanted, installed) {
  return Object.entries(wanted.packages)
    .filter(([path, locked]) => path !== '' && isWanted(locked))
    .filter(([path, { version }]) => installed.packages[path]?.version !== version)
    .map(([path]) => path);
}

/** @param {LockedPackage} locked */
function isWanted({ optional, devOptional, os, cpu, libc }) {
  if (!optional && !devOptional) return true;
  // Which C library this is can't be told cheaply: npm decides on those.
  return os !== undefined && cpu !== undefined && !libc && os.includes(process.platform) && cpu.includes(process.arch);
}

/**
 * With the npm that runs us, under the Node that runs it: ours may be the one in node_modules that is about to go.
 *
 * @param {string} root
 */
function npmCi(root) {
  const { npm_execpath: npm, npm_node_execpath: npmNode } = process.env;
  const [command, ...args] = npm ? [npmNode ?? process.execPath, npm] : ['npm'];
  // mediasoup's install script would download or build a worker and take the whole install with it where it can't; it
  // leaves that to us when it is told of one. (npm 11 reads allowScripts in package.json, npm 10 runs every script.)
  // Nor does an install of ours report to anybody.
  const env = { MEDIASOUP_WORKER_BIN: join(root, 'set-up-makes-the-worker'), SCARF_ANALYTICS: 'false' };
  return run(command ?? 'npm', [...args, 'ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: root, env });
}

/** @param {string} file @returns {Lockfile} */
const readJson = (file) => JSON.parse(readFileSync(file, 'utf8'));
