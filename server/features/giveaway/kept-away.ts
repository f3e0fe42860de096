import type { PutOut } from '../moderation/put-outs.ts';

/** Who may come in again still needs a moment to do so, ms. */
const returnMs = 120_000;

/**
 * People whom those who run the room kept away from its close, and since when without a break, Unix ms: put out again before one was back
 * is the same absence. Nobody may make others absent so that a friend gets the prize.
 *
 * @param putOuts by person and then by time.
 */
export function keptAwaySince(putOuts: readonly PutOut[], closesAtMs: number): ReadonlyMap<string, number> {
  const since = new Map<string, number>();
  for (const [personId, times] of Map.groupBy(putOuts, (one) => one.personId)) {
    const fromMs = lastAbsence(times, closesAtMs);
    if (fromMs !== null) since.set(personId, fromMs);
  }
  return since;
}

/** When the absence began that lasted to the close; null when there was time to come back before it. */
function lastAbsence(times: readonly PutOut[], closesAtMs: number): number | null {
  let fromMs = 0;
  let backMs = -Infinity;
  for (const time of times) {
    if (time.fromMs > backMs) ({ fromMs } = time);
    backMs = Math.max(backMs, (time.untilMs ?? Infinity) + returnMs);
  }
  return backMs > closesAtMs ? fromMs : null;
}
