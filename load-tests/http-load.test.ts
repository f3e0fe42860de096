import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { httpLoad } from './harness/http-load.ts';

async function withServer(listener: RequestListener, use: (url: string) => Promise<void>): Promise<void> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.close();
    await once(server, 'close');
  }
}

test('every request is answered once, whatever the length of the answer says', async () => {
  const bodies: string[] = [];
  const answers: RequestListener = (request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      bodies.push(body);
      if (request.url === '/none') response.statusCode = 204;
      if (request.url === '/chunks') response.write('first ');
      response.end(request.url === '/none' ? undefined : 'last');
    });
  };
  const paths = ['/none', '/chunks', '/length'];
  await withServer(answers, async (url) => {
    const result = await httpLoad({
      url,
      count: 60,
      perSecond: 1_000,
      connections: 4,
      request: (index) => ({ method: 'POST', path: paths[index % 3]!, body: { index, text: 'é' } }),
    });
    expect(result.statuses).toEqual({ 200: 40, 204: 20 });
  });
  expect(new Set(bodies).size).toBe(60);
  expect(bodies).toContain('{"index":7,"text":"é"}');
});

test('a server that stands still is charged for all who came meanwhile', async () => {
  let first = true;
  const standsStill: RequestListener = (_request, response) => {
    setTimeout(() => response.end('x'), first ? 200 : 0);
    first = false;
  };
  await withServer(standsStill, async (url) => {
    const request = () => ({ method: 'GET', path: '/' });
    const { latency } = await httpLoad({ url, count: 40, perSecond: 400, connections: 1, request });
    // 40 requests in 100 ms, all behind one of 200 ms: half of them waited longer than 100 ms.
    expect(latency.p50Ms).toBeGreaterThan(100);
  });
});

test('a connection that the server closes is an error, not a number', async () => {
  await withServer(
    (request) => request.socket.destroy(),
    async (url) => {
      const request = () => ({ method: 'GET', path: '/' });
      await expect(httpLoad({ url, count: 1, perSecond: 10, connections: 1, request })).rejects.toThrow();
    },
  );
});
