import { createSfu } from '../../../media/sfu.ts';
import { serveEdge, silent } from './edge-serving.ts';

// A media server that other media servers may use, as a process of its own.

const sfu = createSfu({
  workerBin: Promise.resolve(process.env['MEDIASOUP_WORKER_BIN']!),
  preparation: () => ({ state: 'ready', progress: 1, message: '' }),
  count: 1,
  listenIps: () => ['127.0.0.1'],
  announcedAddress: undefined,
  firstPort: 0,
  publisherBitrateMaxBps: 8_000_000,
  log: silent,
  nowMs: () => performance.now(),
});
const { url } = await serveEdge(sfu);
while (!sfu.running()) await new Promise((resolve) => setTimeout(resolve, 10));
process.send!(url);
process.on('disconnect', () => process.exit());
