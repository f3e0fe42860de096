import { setImmediate as nextTurn } from 'node:timers/promises';

/** How long a slice keeps the event loop, ms: short beside what a person or a time limit notices, long beside a turn of the loop. */
const defaultSliceMs = 5;

/**
 * Work of a loop in slices, so that everything else of the process goes on between them. Await what this returns between two steps:
 * it takes a turn of the event loop when the slice is used up, and nothing else. A single step must be short by itself.
 */
export function createSlices(sliceMs: number = defaultSliceMs): () => Promise<void> {
  let begunMs = performance.now();
  return async () => {
    if (performance.now() - begunMs < sliceMs) return;
    await nextTurn();
    begunMs = performance.now();
  };
}
