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
  /** Numbers that were skipped on some socket. */
  missed: number;
  /** Messages that came again, or after a later one. */
  disordered: number;
  latencyCounts: Float64Array;
};

/** Counts what all sockets of a thread receive. */
export class DeliveryCounter {
  #counts = { frames: 0, bytes: 0, messages: 0, missed: 0, disordered: 0 };
  #latency = new LatencyHistogram();
  #times: SendTimes = { startMs: 0, intervalMs: 0, first: 0 };
  /** Number of the newest message per socket. */
  #newest: Int32Array;
  readonly #nowMs: () => number;

  constructor(sockets: number, nowMs: () => number) {
    this.#newest = new Int32Array(sockets);
    this.#nowMs = nowMs;
  }

  /** Starts counting afresh: the next message that counts is number `times.first`. */
  expect(times: SendTimes): void {
    this.#times = times;
    this.#counts = { frames: 0, bytes: 0, messages: 0, missed: 0, disordered: 0 };
    this.#latency = new LatencyHistogram();
    this.#newest.fill(times.first - 1);
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
    return { ...this.#counts, latencyCounts: this.#latency.counts };
  }

  #count(socket: number, number: number, nowMs: number): void {
    const { startMs, intervalMs, first } = this.#times;
    this.#counts.messages += 1;
    this.#latency.addMs(nowMs - (startMs + (number - first) * intervalMs));
    const newest = this.#newest[socket]!;
    if (number <= newest) this.#counts.disordered += 1;
    else {
      this.#counts.missed += number - newest - 1;
      this.#newest[socket] = number;
    }
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
