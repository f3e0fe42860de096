import type { FeedClock } from './feed.ts';

export type FrameWindow = {
  /** ms a frame collects entries, at the least and at the most. */
  minMs: number;
  maxMs: number;
};

/** Share of a gateway's time that one room's frames may take before they are spaced out. */
const flushShareMax = 0.4;
/** What the latest frame says of the delay of the event loop counts so much, all before it the rest. */
const latestShare = 0.2;
/** And nothing any more when no frame has left for so long, ms. */
const forgottenAfterMs = 2_000;
/** A timer comes so much late on an idle event loop, ms. */
const usualMs = 1;

/**
 * How often frames leave. A small room on an idle gateway gets them every `minMs`; the window grows with what a frame costs to
 * write and with the delay of the event loop, so that a gateway under load writes fewer and larger frames. The delay is that of the
 * frames themselves: Node's monitor of it would wake an idle process fifty times a second.
 */
export function createFrameClock(nowMs: () => number, window: FrameWindow): FeedClock {
  let late = { ms: 0, atMs: -Infinity };

  return {
    nowMs,
    elapsedMs: () => performance.now(),
    after(ms, run) {
      const dueMs = performance.now() + ms;
      const timer = setTimeout(() => {
        note(dueMs);
        run();
      }, ms);
      return () => clearTimeout(timer);
    },
    windowMs(flushCostMs) {
      return Math.min(window.maxMs, Math.max(window.minMs, flushCostMs / flushShareMax + loopDelayMs()));
    },
  };

  function note(dueMs: number): void {
    const atMs = performance.now();
    const latestMs = Math.max(0, atMs - dueMs - usualMs);
    late = { ms: latestShare * latestMs + (1 - latestShare) * loopDelayMs(), atMs };
  }

  function loopDelayMs(): number {
    return performance.now() - late.atMs > forgottenAfterMs ? 0 : late.ms;
  }
}
