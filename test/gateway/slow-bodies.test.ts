import { once } from 'node:events';
import { createServer, type Server, type ServerOptions } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import express, { type Express } from 'express';
import { expect, onTestFinished, test } from 'vitest';
import { bodyUpTo } from '../../server/gateway/body-up-to.ts';
import { bodyInTime } from '../../server/gateway/body-in-time.ts';
import { answerUnreadable } from '../../server/gateway/raw-answers.ts';

async function listening(app: Express, options: ServerOptions = {}): Promise<number> {
  const server: Server = createServer(options, app).on('clientError', answerUnreadable).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

async function answerTo(port: number, bytes: string): Promise<string> {
  const connection = connect(port, '127.0.0.1');
  connection.write(bytes);
  return text(connection);
}

const begun = 'POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n';
const late = /^HTTP\/1\.1 408 [^]*"code":"REQUEST_TIMEOUT"/;

function appWith(bodyMs: number, bodyMax = 100_000): Express {
  const app = express();
  app.use(
    bodyInTime(bodyMs),
    bodyUpTo(bodyMax, (limit) => express.json({ limit })),
  );
  app.post('/', (request, response) => void response.json(request.body));
  return app;
}

test.each([
  ['of a known length', `${begun}Content-Length: 100\r\n\r\n{`],
  ['in pieces', `${begun}Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n`],
])('a body %s that does not come is given up with a code', async (_what, bytes) => {
  expect(await answerTo(await listening(appWith(30)), bytes)).toMatch(late);
});

test('a body that is announced as large gets the time a slow line needs for it', async () => {
  const port = await listening(appWith(1, 1_000_000));
  const body = JSON.stringify({ rows: 'x'.repeat(900_000) });
  const connection = connect(port, '127.0.0.1');
  connection.write(`${begun}Connection: close\r\nContent-Length: ${body.length}\r\n\r\n${body.slice(0, 30_000)}`);
  const answer = text(connection);
  // Longer than a small one may take.
  setTimeout(() => connection.write(body.slice(30_000)), 100);

  expect(await answer).toMatch(/^HTTP\/1\.1 200 /);
});

test.each([
  ['is announced as too large', `Content-Length: 99999999999\r\n\r\n{`],
  ['grows too large', `Transfer-Encoding: chunked\r\n\r\n${(100_001).toString(16)}\r\n${' '.repeat(100_001)}\r\n`],
])('a body that %s is refused before it ends, and its connection is not kept', async (_what, bytes) => {
  const port = await listening(appWith(30_000));

  expect(await answerTo(port, begun + bytes)).toMatch(/^HTTP\/1\.1 413 [^]*"code":"PAYLOAD_TOO_LARGE"/);
});

test('headers that do not end are given up by Node with a code too', async () => {
  const port = await listening(appWith(30), { headersTimeout: 50, connectionsCheckingInterval: 20 });

  expect(await answerTo(port, 'GET / HTTP/1.1\r\nHost: x\r\n')).toMatch(late);
});
