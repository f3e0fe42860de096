/** Samples remembered; the one with the shortest way there and back is believed. */
const samplesMax = 8;
/** A sample that differs by more than the ways there and back explain, and by this, ms, was taken by a clock that was set. */
const jumpMs = 1_000;

type Sample = { offsetMs: number; roundTripMs: number };

export type ServerClock = ReturnType<typeof createServerClock>;

/**
 * What time it is at the server. Countdowns are shown by it, so that a wrong clock at home opens no sale early.
 *
 * @param onSample told after each sample of how far the server is ahead, ms; before the first one nothing is known.
 */
export function createServerClock(nowMs: () => number, onSample: (offsetMs: number) => void = () => undefined) {
  const samples: Sample[] = [];
  let offsetMs = 0;

  return {
    nowMs: (): number => nowMs() + offsetMs,
    /** Server minus local, ms. */
    offsetMs: (): number => offsetMs,
    /** The server said `serverMs` in the answer to a request sent at `sentMs` of the local clock. */
    sample(serverMs: number, sentMs: number): void {
      const receivedMs = nowMs();
      const roundTripMs = receivedMs - sentMs;
      if (roundTripMs < 0) return; // The clock was set back on the way.
      const next = { offsetMs: serverMs - (sentMs + receivedMs) / 2, roundTripMs };
      if (samples.length > 0 && isJump(next, shortestOf(samples))) samples.length = 0;
      samples.push(next);
      if (samples.length > samplesMax) samples.shift();
      offsetMs = shortestOf(samples).offsetMs;
      onSample(offsetMs);
    },
    /** Something was sent at `serverMs`, some unknown time ago: the server's clock shows at least that. */
    atLeast(serverMs: number): void {
      offsetMs = Math.max(offsetMs, serverMs - nowMs());
    },
  };
}

const shortestOf = (samples: readonly Sample[]): Sample =>
  samples.reduce((best, next) => (next.roundTripMs < best.roundTripMs ? next : best));

const isJump = (one: Sample, other: Sample): boolean =>
  Math.abs(one.offsetMs - other.offsetMs) > (one.roundTripMs + other.roundTripMs) / 2 + jumpMs;
