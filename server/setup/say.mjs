/** A set-up problem that one sentence explains: shown to people without a stack. */
export class SetupError extends Error {}

/** @param {string} line */
export const say = (line) => console.log(`[set-up] ${line}`);

/** A step of unknown length says at this interval that it is still alive. */
const heartbeatMs = 15_000;

/**
 * Says what is being done, runs it, and says how long it took.
 *
 * @template T
 * @param {string} title what is being done, as in "installing dependencies"
 * @param {() => T | Promise<T>} work
 * @returns {Promise<T>}
 */
export async function step(title, work) {
  const startedAtMs = Date.now();
  const seconds = () => ((Date.now() - startedAtMs) / 1000).toFixed(1);
  say(`${title} …`);
  const heartbeat = setInterval(() => say(`${title}: ${seconds()} s so far`), heartbeatMs);
  try {
    const result = await work();
    say(`${title}: done in ${seconds()} s`);
    return result;
  } finally {
    clearInterval(heartbeat);
  }
}
