import { setTimeout as wait } from 'node:timers/promises';

const pauseMinMs = 5;
const pauseMaxMs = 50;

type Truthy<T> = Exclude<T, false | 0 | '' | null | undefined>;

/**
 * Waits until `predicate` gives something true and returns it; what it throws counts as "not yet".
 * Tests use this instead of sleeping: it ends as soon as it can.
 *
 * Who waits long asks more seldom: asking over the network 200 times a second would use up the caller's commands, and the
 * next call of the test would be refused for it.
 *
 * @throws Error with the last value or error when `deadlineMs` (default 20 s) has passed.
 */
export async function eventually<T>(
  predicate: () => T | Promise<T>,
  { deadlineMs = 20_000 }: { deadlineMs?: number } = {},
): Promise<Truthy<T>> {
  const startedAtMs = Date.now();
  for (;;) {
    let last: unknown;
    try {
      const value = await predicate();
      if (value) return value as Truthy<T>;
      last = value;
    } catch (error) {
      last = error;
    }
    const waitedMs = Date.now() - startedAtMs;
    if (waitedMs > deadlineMs) throw new Error(`not so after ${deadlineMs} ms; last: ${String(last)}`, { cause: last });
    await wait(Math.min(pauseMaxMs, Math.max(pauseMinMs, waitedMs / 10)));
  }
}
