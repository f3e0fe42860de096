import { once } from 'node:events';
import { createServer, type ServerOptions } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import express from 'express';
import { expect, onTestFinished, test } from 'vitest';
import { createUploads, type UploadLimits } from '../../server/features/catalog/uploads.ts';
import { createImportPlaces } from '../../server/features/catalog/import-places.ts';
import { answerErrors } from '../../server/gateway/http-errors.ts';
import { answerUnreadable } from '../../server/gateway/raw-answers.ts';
import { catalogLimits } from '../../shared/limits.ts';
import { eventually } from '../support/eventually.ts';

const limits: UploadLimits = {
  filesMax: 5,
  bytesMax: 1_000,
  pace: { ms: 60_000, bytes: 100 },
  givesWayAfterMs: 60_000,
  lingerMs: 1_000,
};
const sizeOf = async (file: readonly Buffer[]): Promise<number> => Buffer.concat(file).length;
const sending = (bytes: number): PassThrough => {
  const file = new PassThrough();
  file.write(Buffer.alloc(bytes, 'x'));
  return file;
};
const error = (promise: Promise<unknown>): Promise<unknown> => promise.catch((thrown: unknown) => thrown);

/** A server that imports with these limits; the work of a file answers how many bytes it has, when `isFree`. */
async function serverWith(
  uploads: UploadLimits,
  { work = sizeOf, ...options }: ServerOptions & { work?: typeof sizeOf } = {},
) {
  const places = createImportPlaces(createUploads(uploads));
  const app = express();
  app.post('/:shopId', async (request, response) => {
    response.json(await places.inPlace(request.params.shopId, request, work));
  });
  app.use(answerErrors((thrown) => thrown as never));
  const server = createServer(options, app).on('clientError', answerUnreadable).listen(0, '127.0.0.1');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    /** Sends the head of a file of 100 bytes and some of it. */
    begin(shopId: string, bytes: number) {
      const connection = connect(port, '127.0.0.1');
      connection.write(`POST /${shopId} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 100\r\n\r\n`);
      connection.write('x'.repeat(bytes));
      return { answer: text(connection), rest: () => connection.write('x'.repeat(100 - bytes)) };
    },
    post: (shopId: string, body: Buffer) => fetch(`http://127.0.0.1:${port}/${shopId}`, { method: 'POST', body }),
  };
}

test('four who send slowly keep no place from a fifth', async () => {
  const places = createImportPlaces(createUploads(limits));
  const slow = ['a', 'b', 'c', 'd'].map((shopId) => [shopId, sending(1)] as const);
  const theirs = slow.map(([shopId, file]) => places.inPlace(shopId, file, sizeOf));

  expect(await places.inPlace('e', sending(90).end(), sizeOf)).toBe(90);
  for (const [, file] of slow) file.end();
  expect(await Promise.all(theirs)).toEqual([1, 1, 1, 1]);
});

test('who does not keep the pace is told so, and cut off a moment later', async () => {
  const { begin } = await serverWith({ ...limits, pace: { ms: 50, bytes: 50 }, lingerMs: 50 });

  // Ends with the connection, which the sender does not close.
  expect(await begin('slow', 49).answer).toMatch(/^HTTP\/1\.1 408 [^]*"code":"REQUEST_TIMEOUT"/);
});

test.each([
  ['bytes', { bytesMax: 250 }],
  ['files', { filesMax: 2 }],
])('when there is no room for more %s, who has been sending for long gives way', async (_what, less) => {
  const { whole } = createUploads({ ...limits, ...less, givesWayAfterMs: 0 });
  const [slow, waiting] = [sending(100), Promise.withResolvers<undefined>()];
  const theirs = error(whole('slow', slow, sizeOf));
  const waits = whole('waits', sending(100).end(), () => waiting.promise);
  await eventually(() => slow.readableLength === 0);

  expect(await whole('quick', sending(100).end(), sizeOf)).toBe(100);
  expect(await theirs).toMatchObject({ code: 'RETRY' });
  waiting.resolve(undefined);
  await waits; // Was there as a whole already.
});

test.each([
  ['bytes', { bytesMax: 250 }],
  ['files', { filesMax: 2 }],
])(
  'when there is no room for more %s, and nobody has been sending for long, the newest is told to come again',
  async (_what, less) => {
    const { whole } = createUploads({ ...limits, ...less });
    const [one, other] = [sending(100), sending(100)];
    const theirs = Promise.all([whole('one', one, sizeOf), whole('other', other, sizeOf)]);
    await eventually(() => one.readableLength + other.readableLength === 0);

    expect(await error(whole('newest', sending(100).end(), sizeOf))).toMatchObject({ code: 'RETRY' });
    one.end();
    other.end();
    expect(await theirs).toEqual([100, 100]);
    // What was held is free again.
    expect(await whole('newest', sending(100).end(), sizeOf)).toBe(100);
  },
);

test.each([
  ['another file of the shop', 'busy', catalogLimits.importBytesMax, { status: 503, code: 'RETRY' }],
  ['a file that is too large', 'free', catalogLimits.importBytesMax + 1, { status: 413, code: 'PAYLOAD_TOO_LARGE' }],
])('the answer to %s reaches who is still sending', async (_what, shopId, bytes, { status, code }) => {
  const server = await serverWith({ ...limits, bytesMax: 2 * catalogLimits.importBytesMax });
  const busy = server.begin('busy', 1);
  await eventually(async () => (await server.post('busy', Buffer.alloc(1))).status === 503);

  const response = await server.post(shopId, Buffer.alloc(bytes));

  expect(response.status).toBe(status);
  expect(await response.json()).toMatchObject({ error: { code } });
  busy.rest();
  expect(await busy.answer).toMatch(/^HTTP\/1\.1 200 /);
});

test('a file takes the memory of its bytes, however small the pieces it comes in', async () => {
  const bytes = 100_000;
  const { whole } = createUploads({ ...limits, bytesMax: bytes });
  const text = Buffer.from(Array.from({ length: bytes }, (_, i) => i % 251));
  const file = new PassThrough();
  const work = async (blocks: readonly Buffer[]) => blocks;
  const taken = whole('shop', file, work);
  for (const byte of text) file.write(Buffer.from([byte]));
  file.end();

  const blocks = await taken;
  expect(Buffer.concat(blocks).equals(text)).toBe(true);
  expect(blocks).toHaveLength(2);
});

test('nobody gives way to a file that has no room even so', async () => {
  const { whole } = createUploads({ ...limits, bytesMax: 250, givesWayAfterMs: 0 });
  const [waiting, slow] = [Promise.withResolvers<undefined>(), sending(10)];
  const waits = whole('waits', sending(200).end(), () => waiting.promise);
  const theirs = whole('slow', slow, sizeOf);
  await eventually(() => slow.readableLength === 0);

  expect(await error(whole('big', sending(100).end(), sizeOf))).toMatchObject({ code: 'RETRY' });
  slow.end();
  expect(await theirs).toBe(10);
  waiting.resolve(undefined);
  await waits;
});

test('a sender who leaves frees the turn of their shop', async () => {
  const { whole } = createUploads(limits);
  const gone = sending(10);
  const theirs = error(whole('shop', gone, sizeOf));
  gone.destroy();

  expect(await theirs).toBeInstanceOf(Error);
  expect(await whole('shop', sending(10).end(), sizeOf)).toBe(10);
});

test('a file that waits for its place outlives the time limit of a request', async () => {
  const free = Promise.withResolvers<undefined>();
  let waiting = 0;
  const server = await serverWith(
    { ...limits, filesMax: 6 },
    {
      requestTimeout: 300,
      connectionsCheckingInterval: 20,
      work: async (file) => {
        waiting += 1;
        await free.promise;
        return sizeOf(file);
      },
    },
  );
  const shops = ['a', 'b', 'c', 'd', 'e'];
  const whole = shops.map((shopId) => server.begin(shopId, 100));
  await eventually(() => waiting === 4);

  // The clock of this test: begun after all of them, and given up by the server while they wait.
  const unfinished = server.begin('f', 1);
  expect(await unfinished.answer).toMatch(/^HTTP\/1\.1 408 /);
  free.resolve(undefined);

  for (const { answer } of whole) expect(await answer).toMatch(/^HTTP\/1\.1 200 [^]*100$/);
  expect(waiting).toBe(5);
});
