import {
  accessSync,
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { ensureDebianPackages, isDebian } from './debian.mjs';
import { run } from './run.mjs';
import { say, SetupError, step } from './say.mjs';
import { cachedWorkerBin, workerCacheDir } from './worker-cache.mjs';

/** mediasoup's archive has some 10 MB; a network that swallows packets must not hold the set-up for ever. */
const downloadDeadlineMs = 60_000;

/**
 * The mediasoup worker for this machine: the one named in the environment, else a cached one, else a prebuilt one by
 * mediasoup's own installer, else one built from the sources in the npm package against Debian's libraries.
 *
 * @param {object} needs
 * @param {string} needs.root the checkout, its dependencies installed
 * @param {string} needs.node
 * @param {(progress: number) => void} needs.onProgress how far the build is, 0 to 1
 * @returns {Promise<string>} path of the worker
 */
export async function ensureWorker({ root, node, onProgress }) {
  const given = process.env['MEDIASOUP_WORKER_BIN'];
  if (given && !isProgram(given)) throw new SetupError(`MEDIASOUP_WORKER_BIN: there is no program at ${given}.`);
  const there = given || cachedWorkerBin(root);
  if (there) return there;
  if (await step('looking for a prebuilt mediasoup worker', () => download(root, node))) return binIn(root);
  say('no prebuilt mediasoup worker to be had; building it from source, some 5 minutes, once');
  await build(root, onProgress);
  return binIn(root);
}

/** @param {string} file */
function isProgram(file) {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** @param {string} root */
function binIn(root) {
  const bin = cachedWorkerBin(root);
  if (!bin) throw new SetupError(`The mediasoup worker is not in ${workerCacheDir(root)} although it was made.`);
  return bin;
}

/**
 * Runs mediasoup's installer, which also checks that what it got runs on this machine.
 *
 * @param {string} root
 * @param {string} node
 * @returns {Promise<boolean>} whether the worker is now in the cache
 */
async function download(root, node) {
  const mediasoup = join(root, 'node_modules/mediasoup');
  // Where the download fails the installer goes on to build with tools from the internet; without a Python it can't.
  const env = { MEDIASOUP_WORKER_BIN: '', PYTHON: 'false' };
  try {
    await run(node, ['npm-scripts.mjs', 'postinstall'], { cwd: mediasoup, env, deadlineMs: downloadDeadlineMs });
  } catch {
    return false;
  }
  const downloaded = join(mediasoup, 'worker/out/Release/mediasoup-worker');
  if (existsSync(downloaded)) keep(downloaded, workerCacheDir(root));
  return existsSync(downloaded);
}

/** @param {string} file @param {string} cacheDir */
function keep(file, cacheDir) {
  mkdirSync(cacheDir, { recursive: true });
  const partial = join(cacheDir, `mediasoup-worker.${process.pid}`);
  copyFileSync(file, partial);
  renameSync(partial, join(cacheDir, 'mediasoup-worker'));
}

/**
 * @param {string} root
 * @param {(progress: number) => void} onProgress
 */
async function build(root, onProgress) {
  if (!isDebian()) {
    throw new SetupError(
      `No prebuilt mediasoup worker for ${process.platform} ${process.arch} could be had, and only Debian's libraries are known to build one: set MEDIASOUP_WORKER_BIN.`,
    );
  }
  const recipe = join(root, 'media/worker-build');
  const packages = readFileSync(join(recipe, 'debian-packages.txt'), 'utf8').trim().split('\n');
  await ensureDebianPackages(packages, 'the mediasoup worker');

  // With a low priority: the server may already be answering beside it.
  const args = [
    '-n',
    '10',
    'bash',
    join(recipe, 'build.sh'),
    join(root, 'node_modules/mediasoup'),
    workerCacheDir(root),
  ];
  await step('building the mediasoup worker', (tell) => {
    const onLine = (/** @type {string} */ line) => {
      if (line.startsWith('waiting')) say(line);
      const progress = ninjaProgress(line);
      if (progress === undefined) return;
      tell(progress);
      onProgress(progress);
    };
    return run('nice', args, { onLine });
  });
}

/**
 * @param {string} line of ninja's output
 * @returns {number | undefined} 0 to 1, when the line is one of `[done/total] …`
 */
export function ninjaProgress(line) {
  const found = /^\[(\d+)\/(\d+)\]/.exec(line);
  return found ? Number(found[1]) / Number(found[2]) : undefined;
}
