import { Redis } from 'ioredis';
import { expect, onTestFinished, test } from 'vitest';
import { createLog } from '../../server/platform/log.ts';
import { createRedis } from '../../server/platform/redis.ts';
import { eventually } from '../support/eventually.ts';
import { freshStores } from '../support/app.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';

const commandTimeoutMs = 200;

/** A client behind a proxy that has subscribed to `news`, and what it hears there. */
async function newsReader() {
  const { redisUrl } = await freshStores();
  const proxy = await startTcpProxy(redisUrl);
  const redis = createRedis({ url: proxy.url, log: createLog('silent'), commandTimeoutMs });
  const heard: string[] = [];
  onTestFinished(async () => {
    redis.close();
    await proxy.close();
  });
  await redis.connect();
  await redis.subscriber.subscribe('news');
  redis.subscriber.on('message', (_channel, text) => heard.push(text));
  return { redisUrl, proxy, redis, heard };
}

test('a connection whose host is gone is left for a new one, by commands and subscriptions', async () => {
  const { proxy, redis, heard } = await newsReader();

  proxy.strand();
  await expect(redis.commands.ping()).rejects.toThrow('Command timed out');

  await eventually(async () => {
    await Promise.all([redis.subscriber.ping(), redis.commands.publish('news', 'back')]);
    return heard.length > 0;
  });
});

test('a server that comes back and then is silent costs no process, and its subscriptions count when it answers', async () => {
  const { redisUrl, proxy, redis, heard } = await newsReader();
  const other = new Redis(redisUrl);
  const unhandled: unknown[] = [];
  const note = (reason: unknown): void => void unhandled.push(reason);
  process.on('unhandledRejection', note);
  onTestFinished(() => {
    process.off('unhandledRejection', note);
    other.disconnect();
  });

  proxy.cut();
  // Not `once` of node:events: it rejects for the error that the cut is told with.
  await new Promise((resolve) => redis.subscriber.once('ready', resolve));
  proxy.stall();
  // Sent after ioredis has subscribed again by itself: when this has timed out, that has.
  await expect(redis.subscriber.ping()).rejects.toThrow('Command timed out');
  expect(unhandled).toEqual([]);

  proxy.resume();
  await eventually(async () => {
    await other.publish('news', 'back');
    return heard.length > 0;
  });
});
