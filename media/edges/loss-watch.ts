/** What had been sent over a pipe, read after the answer to a beat was heard. */
type Sample = { beat: number; bytes: number; atMs: number };
/** What an edge says with a beat: nothing has come over a pipe since it answered the beat of number `since`. */
export type Starved = { since: number };

/** What was sent so long before the edge was asked has arrived by then, or never will. */
const arrivesWithinMs = 300;
/** Samples that are kept, the latest. Of what was sent earlier nothing is said. */
const samplesMax = 4;
/** More than two packets. Where so little is sent, one packet that is lost alone must move nobody: it has to be lost twice. */
const littleBytes = 3_000;

/**
 * Tells a pipe that loses everything from one over which nothing is sent. Beats put both ends in order, without a clock that they share:
 * what was sent after the answer to a beat was heard here came after it there, or not at all.
 */
export function createLossWatch() {
  let samples: Sample[] = [];

  return {
    sampled(sample: Sample): void {
      samples = [...samples, sample].slice(-samplesMax);
    },
    /** @param askedAtMs when the edge was asked for what it says now */
    isLost({ since }: Starved, askedAtMs: number): boolean {
      const counted = samples.filter(({ beat, atMs }) => beat >= since && atMs <= askedAtMs - arrivesWithinMs);
      const grown = counted.slice(1).map(({ bytes }, i) => bytes - counted[i]!.bytes);
      const lost = grown.filter((bytes) => bytes > 0);
      return lost.length > 1 || lost.some((bytes) => bytes > littleBytes);
    },
  };
}
export type LossWatch = ReturnType<typeof createLossWatch>;
