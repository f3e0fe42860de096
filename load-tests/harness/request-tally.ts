import { LatencyHistogram } from './latency-histogram.ts';
import type { Answers } from './fleet-tasks.ts';

/** Sorts the answers to a run of requests. `answered` resolves when all are there, or when `giveUp` is called. */
export class RequestTally {
  readonly #kinds: readonly Buffer[];
  readonly #counts = new Map<string, number>();
  readonly #latency = new LatencyHistogram();
  readonly #expected: number;
  #seen = 0;
  #firstOther: string | null = null;
  #finish!: () => void;
  readonly answered = new Promise<void>((resolve) => (this.#finish = resolve));

  constructor(kinds: readonly string[], expected: number) {
    this.#kinds = kinds.map((kind) => Buffer.from(kind));
    this.#expected = expected;
    if (expected === 0) this.#finish();
  }

  add(latencyMs: number, bytes: Buffer, start: number, end: number): void {
    const answer = bytes.subarray(start, end);
    const kind = this.#kinds.find((text) => answer.includes(text))?.toString() ?? 'other';
    if (kind === 'other') this.#firstOther ??= answer.toString('utf8', 0, 500);
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
    this.#latency.addMs(latencyMs);
    this.#seen += 1;
    if (this.#seen === this.#expected) this.#finish();
  }

  giveUp(): void {
    this.#finish();
  }

  answers(): Answers {
    const tally = { ...Object.fromEntries(this.#counts), unanswered: this.#expected - this.#seen };
    return { tally, latencyCounts: this.#latency.counts, firstOther: this.#firstOther };
  }
}
