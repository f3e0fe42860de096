/**
 * What came of one file of tests. `file` is relative to the root, '' for what belongs to none; `failed` names its failures.
 *
 * @typedef {{ file: string, passed: number, failed: string[], skipped: number }} FileOutcome
 */

/** More files than this that fail are no matter of chance, and trying them again would only take time. */
const triedAgainMax = 3;

/**
 * The files that get a second run, alone on the machine (docs/decisions/0082); none when what went wrong is more than chance.
 *
 * @param {readonly FileOutcome[]} outcomes
 * @returns {string[]}
 */
export function filesToTryAgain(outcomes) {
  const files = outcomes.filter(({ failed }) => failed.length > 0).map(({ file }) => file);
  return files.length > triedAgainMax || files.includes('') ? [] : files;
}

/**
 * The second run counts for the files that had one; what failed only at first is named.
 *
 * @param {readonly FileOutcome[]} first
 * @param {readonly FileOutcome[]} second
 * @returns {{ outcomes: FileOutcome[], unsteady: string[] }}
 */
export function afterSecondTry(first, second) {
  const again = new Map(second.map((outcome) => [outcome.file, outcome]));
  const unsteady = first.flatMap(({ file, failed }) => {
    const still = again.get(file)?.failed ?? failed;
    return failed.filter((name) => !still.includes(name)).map((name) => `${file} > ${name}`);
  });
  const known = new Set(first.map(({ file }) => file));
  const outcomes = first.map((outcome) => again.get(outcome.file) ?? outcome);
  return { outcomes: [...outcomes, ...second.filter(({ file }) => !known.has(file))], unsteady };
}

/**
 * `N passed, N failed, N skipped`.
 *
 * @param {readonly FileOutcome[]} outcomes
 */
export function totalsOf(outcomes) {
  /** @param {(outcome: FileOutcome) => number} count */
  const sum = (count) => outcomes.reduce((total, outcome) => total + count(outcome), 0);
  return `${sum((one) => one.passed)} passed, ${sum((one) => one.failed.length)} failed, ${sum((one) => one.skipped)} skipped`;
}
