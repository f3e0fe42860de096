/** Told at most this often, ms: nobody reads faster. */
const tellEveryMs = 500;

/**
 * Counts the products of a file as they are written. `tell` hears of none as they begin, for what came before (sending, reading, waiting
 * for a place) is over then, and of how many are done every now and then.
 */
export function createImportProgress(nowMs: () => number, tell: (done: number) => void): () => void {
  let done = 0;
  let toldAtMs = nowMs();
  tell(done);
  return () => {
    done += 1;
    if (nowMs() - toldAtMs < tellEveryMs) return;
    toldAtMs = nowMs();
    tell(done);
  };
}
