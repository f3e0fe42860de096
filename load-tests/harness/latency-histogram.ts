/** Each power of two of microseconds is cut into this many steps: percentiles are right within 1/64. */
const stepsPerOctave = 64;
const octaves = 27; // 1 µs to 134 s; what takes longer counts as that.
const bucketCount = octaves * stepsPerOctave;

export type Percentiles = { p50Ms: number; p99Ms: number; p999Ms: number; maxMs: number };

/** Latencies in bounded memory. Threads fill one each and send `counts` over; `merge` adds them up. */
export class LatencyHistogram {
  readonly counts = new Float64Array(bucketCount);

  addMs(latencyMs: number): void {
    this.counts[bucketOf(latencyMs * 1_000)]! += 1;
  }

  merge(counts: Float64Array): void {
    for (let bucket = 0; bucket < bucketCount; bucket++) this.counts[bucket]! += counts[bucket]!;
  }

  get total(): number {
    return this.counts.reduce((sum, count) => sum + count, 0);
  }

  percentiles(): Percentiles {
    return { p50Ms: this.#atMs(0.5), p99Ms: this.#atMs(0.99), p999Ms: this.#atMs(0.999), maxMs: this.#atMs(1) };
  }

  /** The upper end of the bucket that the quantile falls into; 0 when nothing was added. */
  #atMs(quantile: number): number {
    let left = Math.ceil(this.total * quantile);
    if (left === 0) return 0;
    const bucket = this.counts.findIndex((count) => (left -= count) <= 0);
    return upperUs(bucket) / 1_000;
  }
}

function bucketOf(latencyUs: number): number {
  if (latencyUs < 1) return 0;
  const octave = Math.floor(Math.log2(latencyUs));
  const step = Math.floor((latencyUs / 2 ** octave - 1) * stepsPerOctave);
  return Math.min(bucketCount - 1, octave * stepsPerOctave + step);
}

const upperUs = (bucket: number): number =>
  2 ** Math.floor(bucket / stepsPerOctave) * (1 + ((bucket % stepsPerOctave) + 1) / stepsPerOctave);
