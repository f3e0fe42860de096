import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { Writable } from 'node:stream';
import express, { type Request } from 'express';
import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { answerErrors } from '../../server/gateway/http-errors.ts';
import { withRequestId } from '../../server/gateway/http-log.ts';
import { createUnderstanding } from '../../server/gateway/understand-error.ts';
import { createLog } from '../../server/platform/log.ts';
import { eventually } from '../support/eventually.ts';

/** A route whose work is what `work` does, and the lines of its log. */
async function aRoute(work: (request: Request) => Promise<unknown>) {
  const lines: Record<string, unknown>[] = [];
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(JSON.parse(chunk.toString()) as Record<string, unknown>);
      done();
    },
  });
  const app = express();
  app.use(withRequestId);
  app.post('/hook', async (request, response) => void response.json(await work(request)));
  app.use(answerErrors(createUnderstanding(createLog('info', sink))));
  const server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
  const post = async () => {
    const answer = await fetch(url, { method: 'POST', headers: { connection: 'close' } });
    return { status: answer.status, body: (await answer.json()) as { error: { code: string; message: string } } };
  };
  return { post, lines, url };
}

test('a database that is away is told once for a burst of requests to a route, and how many met it', async () => {
  const { post, lines } = await aRoute(() => new pg.Client('postgres://u:p@127.0.0.1:1/x').connect());

  const answers = await Promise.all([post(), post(), post()]);

  for (const { status, body } of answers)
    expect({ status, code: body.error.code }).toEqual({ status: 503, code: 'RETRY' });
  await eventually(() => lines.length === 2);
  expect(lines[0]).toMatchObject({ level: 40, msg: 'requests met an outage', route: '/hook', failed: 1 });
  expect(lines[1]).toMatchObject({ msg: 'requests met an outage', failed: 2 });
});

test('a bug of ours is told each time, with its stack, and the caller hears nothing of it', async () => {
  const { post, lines } = await aRoute(() => Promise.reject(new Error('negative stock of units')));

  const { body } = await post();
  await post();

  expect(body.error.code).toBe('INTERNAL');
  expect(JSON.stringify(body)).not.toContain('negative stock');
  expect(lines).toHaveLength(2);
  expect(lines[0]).toMatchObject({
    level: 50,
    route: '/hook',
    err: { stack: expect.stringContaining('outages.test') },
  });
});

test('a caller who breaks off in the middle is no outage', async () => {
  let brokenOff: unknown;
  const { lines, url } = await aRoute((request) =>
    buffer(request).catch((error: unknown) => {
      brokenOff = error;
      throw error;
    }),
  );
  const caller = connect(Number(new URL(url).port), '127.0.0.1');
  caller.write('POST /hook HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf', () => caller.destroy());

  await eventually(() => brokenOff);
  expect(lines).toEqual([]);
});
