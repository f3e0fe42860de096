/** Samples remembered; the one with the shortest way there and back is believed. */
const samplesMax = 8;

export type ServerClock = ReturnType<typeof createServerClock>;

/**
 * What time it is at the server. Countdowns are shown by it, so that a wrong clock at home opens no sale early.
 *
 * @param onSample told after each sample of how far the server is ahead, ms; before the first one nothing is known.
 */
export function createServerClock(nowMs: () => number, onSample: (offsetMs: number) => void = () => undefined) {
  const samples: { offsetMs: number; roundTripMs: number }[] = [];
  let offsetMs = 0;

  return {
    nowMs: (): number => nowMs() + offsetMs,
    /** Server minus local, ms. */
    offsetMs: (): number => offsetMs,
    /** The server said `serverMs` in the answer to a request sent at `sentMs` of the local clock. */
    sample(serverMs: number, sentMs: number): void {
      const receivedMs = nowMs();
      samples.push({ offsetMs: serverMs - (sentMs + receivedMs) / 2, roundTripMs: receivedMs - sentMs });
      if (samples.length > samplesMax) samples.shift();
      offsetMs = samples.reduce((best, next) => (next.roundTripMs < best.roundTripMs ? next : best)).offsetMs;
      onSample(offsetMs);
    },
    /** Something was sent at `serverMs`, some unknown time ago: the server's clock shows at least that. */
    atLeast(serverMs: number): void {
      offsetMs = Math.max(offsetMs, serverMs - nowMs());
    },
  };
}
