import { Redis } from 'ioredis';
import { expect, onTestFinished, test } from 'vitest';
import { claimFolder } from '../../server/platform/embedded/folder-claim.ts';
import { startEmbeddedRedis } from '../../server/platform/embedded/redis.ts';
import { eventually } from '../support/eventually.ts';
import { pathOf, startOwner } from './owner.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const log = (): undefined => undefined;

function connect(url: string): Redis {
  const redis = new Redis(url, { retryStrategy: () => 20 });
  redis.on('error', () => undefined);
  onTestFinished(() => redis.disconnect());
  return redis;
}

/** As a client that does not try again: what it gets now is the answer. */
async function answers(url: string): Promise<boolean> {
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: null });
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    await redis.ping();
    return true;
  } catch {
    return false;
  } finally {
    redis.disconnect();
  }
}

const processIdOf = async (redis: Redis): Promise<number> =>
  Number(/process_id:(\d+)/.exec(await redis.info('server'))![1]);

/** What is needed here and no setpriv, as on macOS. */
const withoutSetpriv = ['sh', 'cat', 'redis-server', 'valkey-server'];

test.each(['redis-server', 'js-redis-server'] as const)(
  '%s runs scripts, streams and publish/subscribe',
  async (kind) => {
    const embedded = await startEmbeddedRedis({ dataDir: temporaryFolder(), log, kind });
    onTestFinished(() => embedded.stop());
    const [redis, subscriber] = [connect(embedded.url), connect(embedded.url)];
    const heard = new Promise((resolve) => subscriber.once('message', (_channel, message) => resolve(message)));
    await subscriber.subscribe('news');

    const taken = await redis.eval("return redis.call('HINCRBY', KEYS[1], 'units', ARGV[1])", 1, '{room:1}:stock', -2);
    const id = await redis.xadd('{room:1}:log', '7-0', 'text', 'hello');
    await redis.publish('news', 'opened');

    expect(taken).toBe(-2);
    expect(await redis.xrange('{room:1}:log', '-', '+')).toEqual([[id, ['text', 'hello']]]);
    expect(await heard).toBe('opened');
  },
);

test('dies with its owner even by kill -9', async () => {
  const owner = await startOwner('redis', temporaryFolder());

  await owner.kill('SIGKILL');

  await eventually(async () => !(await answers(owner.url)));
});

test('dies with its owner also where the kernel does not see to it', async () => {
  const owner = await startOwner('redis', temporaryFolder(), { PATH: pathOf(withoutSetpriv) });
  expect(await answers(owner.url)).toBe(true);

  await owner.kill('SIGKILL');

  await eventually(async () => !(await answers(owner.url)));
});

test('comes back on the same address, with its data, when Redis alone is killed', async () => {
  const embedded = await startEmbeddedRedis({
    dataDir: temporaryFolder(),
    log,
    kind: 'redis-server',
    settings: { appendfsync: 'always' },
  });
  onTestFinished(() => embedded.stop());
  const redis = connect(embedded.url);
  await redis.set('units', 42);
  const killed = await processIdOf(redis);

  process.kill(killed, 'SIGKILL');
  await eventually(async () => (await processIdOf(redis)) !== killed);

  expect(await redis.get('units')).toBe('42');
});

test.each(['redis-server', 'js-redis-server'] as const)(
  'a second %s on a folder is refused in a sentence, and the folder is free when the first has stopped',
  async (kind) => {
    const options = { dataDir: temporaryFolder(), log, kind };
    const first = await startEmbeddedRedis(options);

    await expect(claimFolder(options.dataDir, 0)).rejects.toThrow(
      `is in use by another server (process ${process.pid}`,
    );
    await first.stop();
    const second = await startEmbeddedRedis(options);

    expect(await answers(second.url)).toBe(true);
    await second.stop();
  },
);

test('the folder of a server that was killed is free once its Redis has ended too, and not before', async () => {
  const dataDir = temporaryFolder();
  const owner = await startOwner('redis', dataDir);
  const redis = connect(owner.url);
  await redis.set('units', 42);
  const left = await processIdOf(redis);
  redis.disconnect();
  process.kill(left, 'SIGSTOP');

  await owner.kill('SIGKILL');
  await expect(claimFolder(dataDir, 0)).rejects.toThrow(`(process ${left})`);
  process.kill(left, 'SIGCONT');
  const next = await startEmbeddedRedis({ dataDir, log });
  onTestFinished(() => next.stop());

  expect(await connect(next.url).get('units')).toBe('42');
});

test('its end is told with its last words', async () => {
  const told: string[] = [];
  const embedded = await startEmbeddedRedis({
    dataDir: temporaryFolder(),
    log,
    onTrouble: (what) => told.push(what),
    kind: 'redis-server',
  });
  onTestFinished(() => embedded.stop());
  const redis = connect(embedded.url);

  process.kill(await processIdOf(redis), 'SIGTERM');

  expect(await eventually(() => told[0])).toMatch(/^redis-server ended .*starting it again[^]*bye bye/);
});

test('lets nobody in without the password', async () => {
  const embedded = await startEmbeddedRedis({ dataDir: temporaryFolder(), log, kind: 'redis-server' });
  onTestFinished(() => embedded.stop());
  const withoutPassword = new URL(embedded.url);
  withoutPassword.password = '';

  await expect(connect(withoutPassword.href).get('units')).rejects.toThrow('NOAUTH');
});
