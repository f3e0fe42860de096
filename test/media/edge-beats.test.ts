import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { createEdge } from '../../media/edges/edge.ts';
import { eventually } from '../support/eventually.ts';
import { silent } from './support/edge-serving.ts';

/** An edge that answers each beat at once, whatever this process does. */
const answering = `
  const { createServer } = require('node:http');
  const { parentPort } = require('node:worker_threads');
  const data = { link: 'known', load: 0.2, loadPerViewer: 0.1, starved: [], events: [], qualities: [] };
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ ok: true, data }));
    });
  });
  server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
`;

async function begin(beatWithinMs: number) {
  const worker = new Worker(answering, { eval: true });
  const [port] = (await once(worker, 'message')) as [number];
  let losses = 0;
  const edge = createEdge({
    address: { url: `http://127.0.0.1:${port}`, token: 'a token' },
    log: silent,
    nowMs: () => performance.now(),
    relays: () => [],
    hear: () => undefined,
    onBeat: () => undefined,
    onLost: () => (losses += 1),
    beatWithinMs,
  });
  await eventually(edge.isUp, { deadlineMs: 5_000 });
  return { worker, edge, losses: () => losses };
}

/** One turn of the event loop that takes so long. */
async function standStill(ms: number): Promise<void> {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
  await setImmediate();
}

test('a home that is busy loses no edge whose answers it has not read, and one that is gone it does', async () => {
  const { worker, edge, losses } = await begin(300);
  for (let turn = 0; turn < 8; turn++) await standStill(430);
  expect(losses()).toBe(0);
  expect(edge.isUp()).toBe(true);

  await worker.terminate();
  await eventually(() => losses() === 1, { deadlineMs: 5_000 });
  edge.close();
});

test('viewers on their way to an edge weigh there until it counts them itself', async () => {
  const { worker, edge } = await begin(1_000);
  expect(edge.load()).toBeCloseTo(0.2);
  const arrived = [edge.expect(), edge.expect()];
  expect(edge.load()).toBeCloseTo(0.4);
  arrived[0]!();
  expect(edge.load()).toBeCloseTo(0.4);
  // The next answer counts who has arrived.
  await eventually(() => edge.load()! < 0.35, { deadlineMs: 5_000 });
  expect(edge.load()).toBeCloseTo(0.3);
  arrived[1]!();
  edge.close();
  await worker.terminate();
});
