import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureDebianPackages, isDebian, onPath } from './debian.mjs';
import { runInForeground } from './run.mjs';
import { SetupError } from './say.mjs';

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
 * Runs vitest and says last how many tests passed, failed and were skipped.
 *
 * @param {object} needs
 * @param {string} needs.root
 * @param {string} needs.node
 * @param {string[]} needs.args for vitest, such as a path
 * @returns {Promise<number>} the exit code
 */
export async function runTests({ root, node, args }) {
  const folder = mkdtempSync(join(tmpdir(), 'nightmarket-summary-'));
  const summaryFile = join(folder, 'summary');
  const reporters = ['--reporter=default', '--reporter=./test/support/summary-reporter.ts'];
  const code = await runInForeground({
    root,
    node,
    args: ['node_modules/vitest/vitest.mjs', 'run', ...reporters, ...args],
    env: { TEST_SUMMARY_FILE: summaryFile },
  });
  console.log(summaryIn(summaryFile));
  rmSync(folder, { recursive: true });
  return code;
}

/** @param {string} file */
function summaryIn(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // vitest did not get as far as running tests.
    return '0 passed, 1 failed, 0 skipped';
  }
}
