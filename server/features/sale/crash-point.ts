/** Named moments of the path at which a test may stop the process. See docs/decisions/0040-the-path-of-a-purchase.md. */
export type CrashPoint =
  | 'before-commit'
  | 'after-commit-before-answer'
  | 'before-clearing-marks'
  | 'after-ending-before-release'
  | 'loading-a-gate'
  | 'gate-has-new-terms';

/** Read once and only in tests: in production this is a constant that nothing compares with. */
let armed = process.env['NODE_ENV'] === 'test' ? process.env['CRASH_AT'] : undefined;

/** SIGKILL dies like a power cut: nothing is flushed, closed or told. SIGSTOP falls asleep, until a test says SIGCONT. */
const signal = process.env['CRASH_WITH'] === 'SIGSTOP' ? 'SIGSTOP' : 'SIGKILL';

export function crashAt(point: CrashPoint): void {
  if (armed !== point) return;
  armed = undefined;
  process.kill(process.pid, signal);
}
