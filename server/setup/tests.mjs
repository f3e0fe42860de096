import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureDebianPackages, isDebian, onPath } from './debian.mjs';
import { runInForeground } from './run.mjs';
import { SetupError } from './say.mjs';
import { afterSecondTry, filesToTryAgain, totalsOf } from './second-try.mjs';

/** What the tests need of the system besides the server's own needs: any of the programs, or else the Debian package. */
const needs = [
  { programs: ['redis-server', 'valkey-server'], package: 'redis-server' },
  { programs: ['chromium', 'chromium-browser', 'google-chrome'], package: 'chromium' },
];
/** Chinese texts on the pages are boxes without it, and boxes have other widths. */
const fonts = 'fonts-noto-cjk';

/** Redis and a browser, from Debian when they are missing. */
export async function ensureTestPrograms() {
  const missing = needs.filter(({ programs }) => !programs.some(onPath)).map((need) => need.package);
  if (isDebian()) return ensureDebianPackages([...missing, fonts], 'the tests');
  if (missing.length > 0)
    throw new SetupError(`The tests need ${missing.join(' and ')}: please install and put on the PATH.`);
}

/**
 * Runs vitest and says last how many tests passed, failed and were skipped. A run of everything tries the few files that
 * failed once more, alone, and names what failed only beside others.
 *
 * @param {object} needs
 * @param {string} needs.root
 * @param {string} needs.node
 * @param {string[]} needs.args for vitest, such as a path
 * @returns {Promise<number>} the exit code
 */
export async function runTests({ root, node, args }) {
  const first = await runOnce({ root, node, args });
  const again = args.length === 0 ? filesToTryAgain(first.outcomes) : [];
  if (again.length === 0) return end(first);

  console.log(`Once more, alone: ${again.join(', ')}`);
  const second = await runOnce({ root, node, args: [...again, '--maxWorkers=1'] });
  const { outcomes, unsteady } = afterSecondTry(first.outcomes, second.outcomes);
  for (const name of unsteady) console.log(`UNSTEADY, passed only at the second try: ${name}`);
  return end({ code: second.code, outcomes });
}

/** @param {{ root: string, node: string, args: string[] }} needs */
async function runOnce({ root, node, args }) {
  const folder = mkdtempSync(join(tmpdir(), 'nightmarket-summary-'));
  const summaryFile = join(folder, 'summary.json');
  const reporters = ['--reporter=default', '--reporter=./test/support/summary-reporter.ts'];
  const code = await runInForeground({
    root,
    node,
    args: ['node_modules/vitest/vitest.mjs', 'run', ...reporters, ...args],
    env: { TEST_SUMMARY_FILE: summaryFile },
  });
  const outcomes = outcomesIn(summaryFile);
  rmSync(folder, { recursive: true });
  return { code, outcomes };
}

/** @param {{ code: number, outcomes: import('./second-try.mjs').FileOutcome[] }} run */
function end({ code, outcomes }) {
  console.log(totalsOf(outcomes));
  return code;
}

/**
 * @param {string} file
 * @returns {import('./second-try.mjs').FileOutcome[]}
 */
function outcomesIn(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return [{ file: '', passed: 0, failed: ['vitest did not get as far as running tests'], skipped: 0 }];
  }
}
