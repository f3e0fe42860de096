import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import pino from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { sentenceOf } from '../../server/app/start-sentence.ts';
import { migrate } from '../../server/platform/migrate.ts';
import { createRedis } from '../../server/platform/redis.ts';

const log = pino({ level: 'silent' });

/** Something that is neither PostgreSQL nor Redis: it closes what is opened. */
async function closer(): Promise<string> {
  const server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const sentenceOfFailed = (start: Promise<unknown>): Promise<string> => start.then(() => 'it started', sentenceOf);

test.each([
  ['that is something else', async () => `postgres://nobody:secret@${await closer()}/x`],
  [
    'with a certificate that is not there',
    async () => `postgres://nobody@${await closer()}/x?sslrootcert=/not/there.pem`,
  ],
  ['that is cut short', async () => 'postgres://:::/'],
])('a PostgreSQL address %s is told in a sentence', async (_what, address) => {
  const sentence = await sentenceOfFailed(migrate(await address(), log));

  expect(sentence).toMatch(/^(PostgreSQL can't be used \(.+\): check DATABASE_URL\.|A connection was cut .+)$/);
  expect(sentence).not.toContain('secret');
});

test.each([
  ['that is something else', async () => `redis://:secret@${await closer()}`],
  ['with a password that is not encoded', async () => `redis://:se%zzcret@${await closer()}`],
])('a Redis address %s is told in a sentence', async (_what, address) => {
  const url = await address();
  const started = async (): Promise<void> => {
    const redis = createRedis({ url, log });
    onTestFinished(redis.close);
    await redis.connect();
  };

  const sentence = await sentenceOfFailed(started());

  expect(sentence).toMatch(/^Redis can't be used \((it closes the connection|URI malformed)\): check REDIS_URL\.$/);
  expect(sentence).not.toMatch(/secret|zzcret/);
});
