import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import type { Reporter, SerializedError, TestModule } from 'vitest/node';
import type { FileOutcome } from '../../server/setup/second-try.mjs';

/**
 * Writes what came of each file, as JSON, to the file named by TEST_SUMMARY_FILE. What goes wrong outside of a test (a file
 * that can't be loaded, a leak found after it, an error nobody caught) counts as one failure each.
 */
export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly SerializedError[]): void {
    const outcomes = new Map<string, FileOutcome>();
    for (const module of modules) outcomes.set(module.moduleId, outcomeOf(module));
    for (const error of unhandledErrors) {
      const { VITEST_TEST_PATH: told } = error;
      const path = typeof told === 'string' ? told : '';
      const outcome = outcomes.get(path) ?? { file: '', passed: 0, failed: [], skipped: 0 };
      outcome.failed.push(`an error nobody caught: ${error.message}`);
      outcomes.set(path, outcome);
    }
    writeFileSync(process.env['TEST_SUMMARY_FILE']!, JSON.stringify([...outcomes.values()]));
  }
}

function outcomeOf(module: TestModule): FileOutcome {
  const outcome: FileOutcome = { file: relative(process.cwd(), module.moduleId), passed: 0, failed: [], skipped: 0 };
  if (module.errors().length > 0) outcome.failed.push('the file itself');
  for (const suite of module.children.allSuites()) if (suite.errors().length > 0) outcome.failed.push(suite.fullName);
  for (const test of module.children.allTests()) {
    const { state } = test.result();
    if (state === 'passed') outcome.passed += 1;
    else if (state === 'skipped') outcome.skipped += 1;
    // A test that never got a result (the file broke off before it) is in no way passed.
    else outcome.failed.push(test.fullName);
  }
  return outcome;
}
