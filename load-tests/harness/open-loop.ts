import { setTimeout as pause } from 'node:timers/promises';

/** Unix epoch, ms, with fractions; the same in all threads of this machine. */
export const preciseNowMs = (): number => performance.timeOrigin + performance.now();

/**
 * Calls `send(i)` at `startMs + i * intervalMs`, `count` times, whether or not earlier ones were answered. What is late is sent
 * at once, and its latency counts from the intended time: waiting is not forgotten.
 */
export async function openLoop({
  startMs,
  intervalMs,
  count,
  send,
}: {
  startMs: number;
  intervalMs: number;
  count: number;
  send: (index: number) => void;
}): Promise<void> {
  for (let index = 0; index < count;) {
    const due = Math.min(count, Math.floor((preciseNowMs() - startMs) / intervalMs) + 1);
    for (; index < due; index++) send(index);
    if (index < count) await pause(1);
  }
}
