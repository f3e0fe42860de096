/** Named moments of the path at which a test may kill the process. See docs/decisions/0040-the-path-of-a-purchase.md. */
export type CrashPoint = 'before-commit' | 'after-commit-before-answer' | 'before-clearing-marks';

/** Read once and only in tests: in production this is a constant that nothing compares with. */
const armed = process.env['NODE_ENV'] === 'test' ? process.env['CRASH_AT'] : undefined;

/** Dies like a power cut: nothing is flushed, closed or told. */
export function crashAt(point: CrashPoint): void {
  if (armed === point) process.kill(process.pid, 'SIGKILL');
}
