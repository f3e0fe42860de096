import { setTimeout as wait } from 'node:timers/promises';

const pollEveryMs = 5;

type Truthy<T> = Exclude<T, false | 0 | '' | null | undefined>;

/**
 * Waits until `predicate` gives something true and returns it; what it throws counts as "not yet".
 * Tests use this instead of sleeping: it ends as soon as it can.
 *
 * @throws Error with the last value or error when `deadlineMs` (default 10 s) has passed.
 */
export async function eventually<T>(
  predicate: () => T | Promise<T>,
  { deadlineMs = 10_000 }: { deadlineMs?: number } = {},
): Promise<Truthy<T>> {
  const giveUpAtMs = Date.now() + deadlineMs;
  for (;;) {
    let last: unknown;
    try {
      const value = await predicate();
      if (value) return value as Truthy<T>;
      last = value;
    } catch (error) {
      last = error;
    }
    if (Date.now() > giveUpAtMs)
      throw new Error(`not so after ${deadlineMs} ms; last: ${String(last)}`, { cause: last });
    await wait(pollEveryMs);
  }
}
