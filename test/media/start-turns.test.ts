import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Consumer } from 'mediasoup/types';
import { mediaProcessLimits } from '../../media/limits.ts';
import { createStarts, rushTurnMs } from '../../media/room/starts.ts';

// The worker merges requests of consumers that are resumed together: each moment at which some are is one key frame.

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const producerId = 'a camera';

test('two hundred who come within a second share two key frames, also where the core needs half a second more', async () => {
  for (const readyOverMs of [1_000, 1_500]) {
    const { keyFrames, waitedMs } = await rush(200, { readyOverMs });

    expect(keyFrames).toBe(2);
    expect(Math.max(...waitedMs)).toBeLessThanOrEqual(rushTurnMs);
    expect(median(waitedMs)).toBeLessThan(600);
  }
});

test('a rush without end has no more key frames than turns, and nobody waits longer than one', async () => {
  const { keyFrames, waitedMs } = await rush(6_000, { readyOverMs: 30_000 });

  expect(keyFrames).toBeLessThanOrEqual(2 + 30_000 / rushTurnMs);
  expect(waitedMs).toHaveLength(6_000);
  expect(Math.max(...waitedMs)).toBeLessThanOrEqual(rushTurnMs);
});

test('who comes alone waits for nothing, and who comes behind them for no more than a turn', async () => {
  const viewers = watch();
  viewers.isReady();
  expect(viewers.waitedMs).toEqual([0]);

  await vi.advanceTimersByTimeAsync(50);
  viewers.isReady();
  await vi.advanceTimersByTimeAsync(mediaProcessLimits.keyFrameRequestEveryMs);

  expect(viewers.waitedMs).toEqual([0, mediaProcessLimits.keyFrameRequestEveryMs - 50]);
});

test('all who are let in at the same moment are through as soon as it is clear that no more come', async () => {
  const viewers = watch();
  for (let i = 0; i < 60; i++) viewers.isReady();
  await vi.advanceTimersByTimeAsync(rushTurnMs);

  expect(viewers.keyFrames()).toBe(2);
  expect(Math.max(...viewers.waitedMs)).toBe(mediaProcessLimits.keyFrameRequestEveryMs);
});

test('a few who come in a crowd, and the sound of everybody, are not held up by a rush that is none', async () => {
  const viewers = watch();
  for (let i = 0; i < 6; i++) viewers.comes();
  viewers.isReady();
  viewers.isReady('audio');
  expect(viewers.waitedMs).toEqual([0]); // The sound.

  await vi.advanceTimersByTimeAsync(mediaProcessLimits.keyFrameRequestEveryMs);
  expect(viewers.waitedMs).toEqual([0, mediaProcessLimits.keyFrameRequestEveryMs]);
});

/** Viewers who open a session one after another, and are ready a tenth of a second later, at the pace of a core. */
async function rush(count: number, { readyOverMs }: { readyOverMs: number }) {
  const viewers = watch();
  const everyMs = readyOverMs / count;
  for (let i = 0; i < count; i++) {
    const dueMs = i * everyMs;
    setTimeout(viewers.comes, dueMs);
    setTimeout(() => viewers.isReady(), dueMs + 100);
  }
  await vi.advanceTimersByTimeAsync(readyOverMs + 100 + 2 * rushTurnMs);
  return { keyFrames: viewers.keyFrames(), waitedMs: viewers.waitedMs };
}

function watch() {
  const { comes, start } = createStarts(Date.now);
  const waitedMs: number[] = [];
  const moments = new Set<number>();
  return {
    comes,
    waitedMs,
    keyFrames: () => moments.size,
    isReady(kind: Consumer['kind'] = 'video'): void {
      const readyMs = Date.now();
      const resume = async (): Promise<void> => {
        waitedMs.push(Date.now() - readyMs);
        moments.add(Date.now());
      };
      const consumer: Pick<Consumer, 'kind' | 'resume'> = { kind, resume };
      start(consumer as Consumer, producerId);
    },
  };
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;
