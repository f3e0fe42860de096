import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { startEmbeddedPostgres } from '../../server/platform/embedded/postgres.ts';
import { startEmbeddedRedis } from '../../server/platform/embedded/redis.ts';
import { call, guest, openSocket, send, startTestApp } from '../support/app.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

// Making a cluster takes a second of a whole core; the tests of other files may want that core too.
vi.setConfig({ testTimeout: 90_000 });

/** What `npm start` runs on where nothing at all is installed. */
async function embeddedStores(dataDir: string): Promise<{ databaseUrl: string; redisUrl: string }> {
  const options = { dataDir: join(dataDir, 'stores'), log: () => undefined };
  const [postgres, redis] = await Promise.all([
    startEmbeddedPostgres({ ...options, settings: { fsync: 'off' } }),
    startEmbeddedRedis({ ...options, kind: 'js-redis-server' }),
  ]);
  onTestFinished(async () => {
    await Promise.all([postgres.stop(), redis.stop()]);
  });
  return { databaseUrl: postgres.url, redisUrl: redis.url };
}

test('a guest signs in, opens a socket, is known there, and is shown out, on the embedded pair', async () => {
  const app = await startTestApp(await embeddedStores(temporaryFolder()));
  onTestFinished(() => app.close());
  const session = await guest(app, 'Ana');
  const socket = await openSocket(app, session);
  const closed = new Promise((resolve) => socket.once('disconnect', resolve));

  const ready = await fetch(`${app.url}/readyz`);
  const who = await send(socket, 'session:who', {});
  const out = await call(app, 'POST', '/api/session/sign-out', { token: session.accessToken, body: {} });

  expect(ready.status).toBe(200);
  expect(who).toMatchObject({ ok: true, data: { name: 'Ana' } });
  expect(out.body).toMatchObject({ ok: true, data: { ended: 1 } });
  await closed;
});
