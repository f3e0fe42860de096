import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

/**
 * Starts js-redis-server in a thread of its own, so that its work does not hold up the event loop.
 * It has no persistence and no password; js-redis.worker.ts binds it to loopback.
 */
export async function startJsRedis(): Promise<{ url: string; stop(): Promise<void> }> {
  const worker = new Worker(new URL('./js-redis.worker.ts', import.meta.url));
  const [port] = (await once(worker, 'message')) as [number];
  return {
    url: `redis://127.0.0.1:${port}`,
    stop: async () => {
      await worker.terminate();
    },
  };
}
