import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { createWorker } from 'mediasoup';
import { expect, inject, onTestFinished, test } from 'vitest';
import { watchWorkerBinary } from '../../media/worker-binary.ts';
import { writeWorkerStatus } from '../../server/setup/worker-status.mjs';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { eventually } from '../support/eventually.ts';

function aStatusFile() {
  const file = join(temporaryFolder(), 'status.json');
  const binary = watchWorkerBinary(file, null);
  onTestFinished(() => binary.close());
  return { file, binary };
}

test('the server follows the set-up from the first step of the build to the finished worker', async () => {
  const { file, binary } = aStatusFile();
  expect(binary.current()).toMatchObject({ state: 'preparing', progress: 0 });

  writeWorkerStatus(file, { state: 'building', progress: 0.5, message: 'half' });
  const half = { state: 'preparing', progress: 0.5, message: 'half' };
  await eventually(() => isDeepStrictEqual(binary.current(), half));
  writeWorkerStatus(file, { state: 'ready', progress: 1, message: 'done', binPath: '/cache/mediasoup-worker' });

  expect(await binary.ready).toBe('/cache/mediasoup-worker');
  expect(binary.current()).toEqual({ state: 'ready', binPath: '/cache/mediasoup-worker' });
});

test('a build that failed is told with its reason', async () => {
  const { file, binary } = aStatusFile();

  writeWorkerStatus(file, { state: 'failed', progress: 0, message: 'g++ is missing' });

  await expect(binary.ready).rejects.toThrow('g++ is missing');
  expect(binary.current()).toEqual({ state: 'failed', message: 'g++ is missing' });
});

test('a worker named in the settings is used as it is, or its absence told', async () => {
  expect(await watchWorkerBinary('/no/status', process.execPath).ready).toBe(process.execPath);
  expect(watchWorkerBinary(null, '/not/there').current()).toMatchObject({ state: 'failed' });
  await expect(watchWorkerBinary(null, '/not/there').ready).rejects.toThrow('/not/there');
});

test('the worker that the set-up made runs and gives a router', async () => {
  const workerBin = inject('workerBin');
  expect(workerBin, 'no worker in the cache: npm run setup makes it').not.toBeNull();

  const worker = await createWorker({ workerBin: workerBin!, logLevel: 'error' });
  const router = await worker.createRouter({
    mediaCodecs: [{ kind: 'audio', mimeType: 'audio/opus', clockRate: 48_000, channels: 2 }],
  });
  const codecs = router.rtpCapabilities.codecs!.map((codec) => codec.mimeType);
  worker.close();

  expect(codecs).toContain('audio/opus');
});
