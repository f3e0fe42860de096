import type { EventEmitter } from 'node:events';
import type { Connection } from './frames.ts';

/**
 * What one connection may send: packets a second, each with a KiB of its length as one more, and a burst on top. More than a
 * person's commands come to: it is for what costs before anybody looks who it is from, and for what is no command.
 */
const packetsPerSecond = 200;
const burstPackets = 1_000;
/** Who is ahead by more than ten seconds' worth is no client of ours. */
const debtPacketsMax = 2_000;

/**
 * Stops reading from a connection that sends too much until its time has come, so that TCP holds it back; cuts it off when what
 * came at once is beyond measure. See docs/decisions/0013-who-floods.md. Call before anything can have arrived.
 */
export function slowDown(conn: EventEmitter & Connection): void {
  const ws = conn.transport.socket;
  let credit = burstPackets;
  let countedAtMs = performance.now();
  let waiting = false;
  conn.on('packet', ({ data }: { data?: string | Buffer }) => charge(1 + (data?.length ?? 0) / 1_024));

  function charge(cost: number): void {
    const nowMs = performance.now();
    credit = Math.min(burstPackets, credit + ((nowMs - countedAtMs) / 1_000) * packetsPerSecond) - cost;
    countedAtMs = nowMs;
    if (credit < -debtPacketsMax) return ws?.terminate();
    if (credit >= 0 || waiting) return;
    waiting = true;
    ws?.pause();
    wait();
  }

  /** What was read already may come while nothing more is read: then the wait is longer. */
  function wait(): void {
    setTimeout(
      () => {
        charge(0);
        if (credit < 0) return wait();
        waiting = false;
        ws?.resume();
      },
      (-credit / packetsPerSecond) * 1_000,
    ).unref();
  }
}
