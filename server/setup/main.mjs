/**
 * What `npm start`, `npm test`, `npm run setup` and `npm run demo` do. Runs on Node 20, before anything is installed, so it
 * imports nothing but Node and its neighbours. Safe to interrupt and to repeat: every step looks at what is there.
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureDependencies } from './dependencies.mjs';
import { withLock } from './lock.mjs';
import { findNode } from './node.mjs';
import { ensurePages } from './pages.mjs';
import { run } from './run.mjs';
import { say, SetupError } from './say.mjs';
import { runServer } from './server.mjs';
import { ensureTestPrograms, runTests } from './tests.mjs';
import { ensureWorker } from './worker.mjs';
import { cachedWorkerBin } from './worker-cache.mjs';
import { writeWorkerStatus } from './worker-status.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const statusFile = join(root, '.nightmarket/worker-status.json');

const start = () => serve(() => undefined);

/** The server, and a show on it for people to look at. */
const demo = () =>
  serve((node, url) => void run(node, ['load-tests/demo.ts', url], { cwd: root, onLine: say }).catch(explain));

/**
 * Runs the server as soon as it can run; its media worker, where it has to be made, comes beside it.
 *
 * @param {(node: string, url: string) => void} onReady
 */
async function serve(onReady) {
  const node = await installed();
  void worker(node).catch(() => undefined); // The status file has told the server, and `explain` the terminal.
  await pages(node);
  const env = { NIGHTMARKET_WORKER_STATUS_FILE: statusFile };
  return runServer({
    root,
    node,
    env,
    onReady: (url) => {
      say(`ready ${(performance.now() / 1000).toFixed(1)} s after the command`);
      onReady(node, url);
    },
  });
}

/** @param {string[]} args for vitest */
async function test(args) {
  const node = await installed();
  await ensureTestPrograms();
  await Promise.all([worker(node), pages(node)]);
  return runTests({ root, node, args });
}

async function setup() {
  const node = await installed();
  await Promise.all([worker(node), pages(node)]);
  say('everything is there');
  return 0;
}

/** Dependencies, and the Node to run them with. */
const installed = () =>
  inTurn(async () => {
    await ensureDependencies(root);
    return findNode(root);
  });

/** @param {string} node */
const pages = (node) => inTurn(() => ensurePages(root, node));

/**
 * @template T
 * @param {() => Promise<T>} work
 */
const inTurn = (work) =>
  withLock(join(root, '.nightmarket/setup.lock'), () => say('waiting for another set-up of this checkout …'), work);

/** @param {string} node */
async function worker(node) {
  const message = 'The media worker is being built.';
  const onProgress = (/** @type {number} */ progress) =>
    writeWorkerStatus(statusFile, { state: 'building', progress, message });
  try {
    if (!cachedWorkerBin(root)) onProgress(0);
    const binPath = await withLock(
      join(root, '.nightmarket/worker.lock'),
      () => say('waiting for another set-up of this checkout to make the media worker …'),
      () => ensureWorker({ root, node, onProgress }),
    );
    writeWorkerStatus(statusFile, { state: 'ready', progress: 1, message: 'The media worker is ready.', binPath });
  } catch (error) {
    explain(error);
    writeWorkerStatus(statusFile, { state: 'failed', progress: 0, message: firstLine(error) });
    throw error;
  }
}

/** @param {unknown} error */
const explain = (error) => console.error(error instanceof SetupError ? `[set-up] ${error.message}` : error);

/** @param {unknown} error */
const firstLine = (error) => (error instanceof Error ? error.message : String(error)).split('\n', 1)[0] ?? '';

/** @type {Record<string, (args: string[]) => Promise<number>>} */
const verbs = { start, test, setup, demo };

const [verb = '', ...args] = process.argv.slice(2);
const chosen = verbs[verb];
if (!chosen) {
  console.error(`usage: node server/setup/main.mjs ${Object.keys(verbs).join('|')}`);
  process.exit(2);
}
chosen(args).then(
  (code) => process.exit(code),
  (error) => {
    explain(error);
    process.exit(1);
  },
);
