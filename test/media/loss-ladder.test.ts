import { createWorker } from 'mediasoup';
import type { Consumer, Worker } from 'mediasoup/types';
import { afterAll, afterEach, beforeAll, expect, inject, test, vi } from 'vitest';
import { createLossLadder } from '../../media/loss-ladder.ts';

const codec = { mimeType: 'video/VP8', clockRate: 90_000, payloadType: 96, parameters: {}, rtcpFeedback: [] };
let worker: Worker;
let consumer: Consumer;

beforeAll(async () => {
  worker = await createWorker({ workerBin: inject('workerBin') as string });
  const router = await worker.createRouter({ mediaCodecs: [{ ...codec, kind: 'video', preferredPayloadType: 96 }] });
  const transport = await router.createPlainTransport({ listenInfo: { protocol: 'udp', ip: '127.0.0.1' } });
  const encodings = [1, 2, 3].map((ssrc) => ({ ssrc, scalabilityMode: 'L1T1' }));
  const producer = await transport.produce({ kind: 'video', rtpParameters: { codecs: [codec], encodings } });
  const rtpCapabilities = { codecs: [{ ...codec, kind: 'video' as const, preferredPayloadType: 96 }] };
  consumer = await transport.consume({ producerId: producer.id, rtpCapabilities });
});
afterEach(() => void vi.useRealTimers());
afterAll(() => worker.close());

test('a viewer who loses gets a smaller picture, and the large one again once the line is calm', () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  const layers: number[] = [];
  vi.spyOn(consumer, 'setPreferredLayers').mockImplementation(
    async ({ spatialLayer }) => void layers.push(spatialLayer),
  );
  const score = vi.spyOn(consumer, 'score', 'get');
  const report = (now: number): void => {
    score.mockReturnValue({ score: now, producerScore: 10, producerScores: [10, 10, 10] });
    consumer.emit('score', consumer.score);
  };
  createLossLadder(Date.now).watch(consumer);

  report(3);
  expect(layers).toEqual([1]);

  // It is calm at once, which is told once, and nothing afterwards. Whoever lost so early waits twice as long.
  report(10);
  vi.advanceTimersByTime(15_000);
  expect(layers).toEqual([1]);
  vi.advanceTimersByTime(2_000);
  expect(layers).toEqual([1, 2]);

  // It goes on losing as it does: its score stays the same, so nothing is told.
  report(3);
  vi.advanceTimersByTime(40_000);
  expect(layers).toEqual([1, 2, 1]);
});
