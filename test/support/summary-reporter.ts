import { writeFileSync } from 'node:fs';
import type { Reporter, SerializedError, TestModule } from 'vitest/node';

type Counts = { passed: number; failed: number; skipped: number };

/**
 * Writes `N passed, N failed, N skipped` to the file named by TEST_SUMMARY_FILE. What goes wrong outside of a test (a file
 * that can't be loaded, a leak found after it, an error nobody caught) counts as one failure each.
 */
export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly SerializedError[]): void {
    const counts: Counts = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
    for (const module of modules) count(module, counts);
    writeFileSync(
      process.env['TEST_SUMMARY_FILE']!,
      `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`,
    );
  }
}

function count(module: TestModule, counts: Counts): void {
  if (module.errors().length > 0) counts.failed += 1;
  for (const suite of module.children.allSuites()) if (suite.errors().length > 0) counts.failed += 1;
  // A test that never got a result (the file broke off before it) is in no way passed.
  for (const test of module.children.allTests()) counts[outcomeOf(test.result().state)] += 1;
}

const outcomeOf = (state: 'passed' | 'failed' | 'skipped' | 'pending'): keyof Counts =>
  state === 'pending' ? 'failed' : state;
