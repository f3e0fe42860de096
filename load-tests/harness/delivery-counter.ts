import { LatencyHistogram } from './latency-histogram.ts';

/**
 * Load messages carry `~` and a number of seven digits in their text: whatever frames them, they can be found, counted and
 * checked for order without parsing.
 */
const markByte = 0x7e;
const digits = 7;

/** The mark of message `number`, to be put into its text. */
export const markOf = (number: number): string => `~${String(number).padStart(digits, '0')}`;

/** When the messages were meant to be sent: number `first` at `startMs`, then one every `intervalMs`. */
export type SendTimes = { startMs: number; intervalMs: number; first: number };

export type Deliveries = {
  frames: number;
  bytes: number;
  messages: number;
  /** One for each different row of messages that sockets saw: all saw the same, in the same order, when there is one. */
  sequences: string[];
  latencyCounts: Float64Array;
};

/** Counts what all sockets of a thread receive. */
export class DeliveryCounter {
  #counts = { frames: 0, bytes: 0, messages: 0 };
  #latency = new LatencyHistogram();
  #times: SendTimes = { startMs: 0, intervalMs: 0, first: 0 };
  /** Per socket: how many messages, the sum of their numbers, and a hash that depends on their order. */
  readonly #seen: { counts: Uint32Array; sums: Float64Array; hashes: Int32Array };
  readonly #nowMs: () => number;

  constructor(sockets: number, nowMs: () => number) {
    this.#seen = {
      counts: new Uint32Array(sockets),
      sums: new Float64Array(sockets),
      hashes: new Int32Array(sockets),
    };
    this.#nowMs = nowMs;
  }

  /** Starts counting afresh: the next message that counts is number `times.first`. */
  expect(times: SendTimes): void {
    this.#times = times;
    this.#counts = { frames: 0, bytes: 0, messages: 0 };
    this.#latency = new LatencyHistogram();
    for (const perSocket of Object.values(this.#seen)) perSocket.fill(0);
  }

  /** Looks for messages in one event that socket number `socket` received. */
  see(socket: number, bytes: Buffer, start: number, end: number): void {
    const event = bytes.subarray(start, end);
    let at = event.indexOf(markByte);
    if (at < 0) return;
    this.#counts.frames += 1;
    this.#counts.bytes += event.length;
    const nowMs = this.#nowMs();
    for (; at >= 0; at = event.indexOf(markByte, at + 1)) {
      const number = numberAt(event, at + 1);
      if (number >= this.#times.first) this.#count(socket, number, nowMs);
    }
  }

  get messages(): number {
    return this.#counts.messages;
  }

  report(): Deliveries {
    return { ...this.#counts, sequences: this.#sequences(), latencyCounts: this.#latency.counts };
  }

  #count(socket: number, number: number, nowMs: number): void {
    const { startMs, intervalMs, first } = this.#times;
    this.#counts.messages += 1;
    this.#latency.addMs(nowMs - (startMs + (number - first) * intervalMs));
    const { counts, sums, hashes } = this.#seen;
    counts[socket]! += 1;
    sums[socket]! += number - first;
    hashes[socket] = (Math.imul(hashes[socket]!, 31) + number) | 0;
  }

  #sequences(): string[] {
    const { counts, sums, hashes } = this.#seen;
    const each = Array.from(
      counts,
      (count, socket) => `${count} messages, sum ${sums[socket]!}, hash ${hashes[socket]!}`,
    );
    return [...new Set(each)];
  }
}

/** -1 when these are not the digits of a mark. */
function numberAt(bytes: Buffer, start: number): number {
  let number = 0;
  for (let at = start; at < start + digits; at++) {
    const digit = (bytes[at] ?? 0) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    number = number * 10 + digit;
  }
  return number;
}
