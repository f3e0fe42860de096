import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Lifecycle } from '../../platform/lifecycle.ts';
import type { FeedClock } from './feed.ts';

export type FrameWindow = {
  /** ms a frame collects entries, at the least and at the most. */
  minMs: number;
  maxMs: number;
};

/** Share of a gateway's time that one room's frames may take before they are spaced out. */
const flushShareMax = 0.4;

/**
 * How often frames leave. A small room on an idle gateway gets them every `minMs`; the window grows with what a frame costs to
 * write and with the delay of the event loop, so that a gateway under load writes fewer and larger frames.
 */
export function createFrameClock(nowMs: () => number, window: FrameWindow, lifecycle: Lifecycle): FeedClock {
  const delay = monitorEventLoopDelay({ resolution: 20 });
  delay.enable();
  let loopDelayMs = 0;
  const sample = setInterval(() => {
    // The monitor counts its own resolution in.
    loopDelayMs = Math.max(0, delay.mean / 1e6 - 20) || 0;
    delay.reset();
  }, 500).unref();
  lifecycle.onClose('frame clock', () => {
    clearInterval(sample);
    delay.disable();
  });

  return {
    nowMs,
    elapsedMs: () => performance.now(),
    after(ms, run) {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
    windowMs(flushCostMs) {
      return Math.min(window.maxMs, Math.max(window.minMs, flushCostMs / flushShareMax + loopDelayMs));
    },
  };
}
