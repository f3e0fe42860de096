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
import { run, runInForeground } from './run.mjs';
import { say, sentenceOf } from './say.mjs';
import { runServer } from './server.mjs';
import { ensureTestPrograms, runTests } from './tests.mjs';
import { ensureWorker } from './worker.mjs';
import { cachedWorkerBin } from './worker-cache.mjs';
import { writeWorkerStatus } from './worker-status.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** What went wrong beside the server is told at once, and is not told again where it ends the set-up. */
const explained = new Set();
/** Whatever the server's stop takes along has not gone wrong. */
let stopping = false;
const statusFile = join(root, '.nightmarket/worker-status.json');

const start = () => serve(() => undefined);

/** The server, and a show on it for people to look at. The show ends first: afterwards nobody could take it off the home page. */
async function demo() {
  const ending = new AbortController();
  const { signal } = ending;
  /** @type {Promise<void>} */
  let show = Promise.resolve();
  const endShow = () => {
    ending.abort();
    return show;
  };
  const onReady = (/** @type {string} */ node, /** @type {string} */ url) => {
    if (signal.aborted) return;
    show = run(node, ['load-tests/demo.ts', url], { cwd: root, onLine: say, signal }).catch(
      (error) => void (signal.aborted || explain(error)),
    );
  };
  const code = await serve(onReady, endShow);
  await endShow();
  return code;
}

/**
 * Runs the server as soon as it can run; its media worker, where it has to be made, comes beside it.
 *
 * @param {(node: string, url: string) => void} onReady
 * @param {() => Promise<void>} [beforeStop] what ends before the server is told to stop
 */
async function serve(onReady, beforeStop) {
  const node = await installed();
  void worker(node).catch(() => undefined); // The status file has told the server, and `explain` the terminal.
  await pages(node);
  const env = { NIGHTMARKET_WORKER_STATUS_FILE: statusFile };
  return runServer({
    root,
    node,
    env,
    onStop: () => {
      stopping = true;
      return beforeStop?.();
    },
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
    const binPath = await withLock(
      join(root, '.nightmarket/worker.lock'),
      () => say('waiting for another set-up of this checkout to make the media worker …'),
      () => {
        // Not before its turn: a set-up that has it tells how far it is in the same file.
        if (!cachedWorkerBin(root)) onProgress(0);
        return ensureWorker({ root, node, onProgress });
      },
    );
    writeWorkerStatus(statusFile, { state: 'ready', progress: 1, message: 'The media worker is ready.', binPath });
  } catch (error) {
    if (!stopping) explain(error);
    writeWorkerStatus(statusFile, { state: 'failed', progress: 0, message: firstLine(error) });
    throw error;
  }
}

/** @param {unknown} error */
function explain(error) {
  if (!explained.has(error)) console.error(sentenceOf(error, root));
  explained.add(error);
}

/** @param {unknown} error */
const firstLine = (error) => (error instanceof Error ? error.message : String(error)).split('\n', 1)[0] ?? '';

/** @param {string[]} args a proof document, by file or address */
const verifyDraw = async (args) =>
  runInForeground({ root, node: await installed(), args: ['shared/raffle/verify-cli.ts', ...args] });

/** @type {Record<string, (args: string[]) => Promise<number>>} */
const verbs = { start, test, setup, demo, 'verify-draw': verifyDraw };
const takesArguments = new Set(['test', 'verify-draw']);
const usage = `npm start             sets up what is missing, starts everything, prints the addresses
npm test [-- PATH]    sets up what is missing, runs the tests
npm run setup         sets up what is missing
npm run demo          npm start, and a show to look at
npm run verify-draw -- FILE|URL    checks a draw

Settings are environment variables: docs/configuration.md.`;

const [verb = '', ...args] = process.argv.slice(2);
const chosen = verbs[verb];
// Only the tests and the check of a draw take words of their own; anything else was meant as a question.
if (!chosen || (args.length > 0 && !takesArguments.has(verb))) {
  console.error(usage);
  process.exit(args.some((word) => /^(-h|--help|help)$/.test(word)) ? 0 : 2);
}
chosen(args).then(
  (code) => process.exit(code),
  (error) => {
    explain(error);
    process.exit(1);
  },
);
