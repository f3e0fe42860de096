/** A set-up problem that one sentence explains: shown to people without a stack. */
export class SetupError extends Error {}

/** @param {string} line */
export const say = (line) => console.log(`[set-up] ${line}`);

/** A step that takes its time says at this interval how far it is. */
const heartbeatMs = 15_000;

/**
 * Says what is being done, runs it, and says how long it took.
 *
 * @template T
 * @param {string} title what is being done, as in "installing dependencies"
 * @param {(tell: (progress: number) => void) => T | Promise<T>} work may tell how far it is, 0 to 1
 * @returns {Promise<T>}
 */
export async function step(title, work) {
  const startedAtMs = Date.now();
  const seconds = () => `${((Date.now() - startedAtMs) / 1000).toFixed(1)} s`;
  let percent = '';
  say(`${title} …`);
  const heartbeat = setInterval(() => say(`${title}: ${percent}${seconds()} so far`), heartbeatMs);
  try {
    const result = await work((progress) => (percent = `${Math.round(progress * 100)} %, `));
    say(`${title}: done in ${seconds()}`);
    return result;
  } finally {
    clearInterval(heartbeat);
  }
}

/**
 * One sentence for what a person can mend; everything for what they can't.
 *
 * @param {unknown} error
 * @param {string} root the checkout
 */
export function sentenceOf(error, root) {
  if (error instanceof SetupError) return `[set-up] ${error.message}`;
  const { code, path } = /** @type {NodeJS.ErrnoException} */ (error);
  const mayNot = code === 'EACCES' || code === 'EPERM' || code === 'EROFS';
  if (mayNot) return `[set-up] ${path ?? root} can't be written to (${code}): start as the owner of this checkout.`;
  if (code === 'ENOSPC') return `[set-up] The disk is full: ${path ?? root} can't be written.`;
  return error;
}
