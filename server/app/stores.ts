import { join } from 'node:path';
import { startEmbeddedPostgres } from '../platform/embedded/postgres.ts';
import { startEmbeddedRedis } from '../platform/embedded/redis.ts';
import type { Log } from '../platform/log.ts';
import type { Config } from './config.ts';

export type Stores = Awaited<ReturnType<typeof openStores>>;

/** Where the two databases are: those of the settings, or embedded ones that live and die with this process. */
export async function openStores(config: Config, log: Log) {
  const say = (line: string): void => log.debug(line);
  const dataDir = config.NIGHTMARKET_DATA_DIR;
  const [postgres, redis] = await Promise.all([
    config.DATABASE_URL ? null : startEmbeddedPostgres({ dataDir: join(dataDir, 'postgres'), log: say }),
    config.REDIS_URL ? null : startEmbeddedRedis({ dataDir: join(dataDir, 'redis'), log: say }),
  ]);
  return {
    databaseUrl: config.DATABASE_URL ?? postgres!.url,
    redisUrl: config.REDIS_URL ?? redis!.url,
    close: async (): Promise<void> => {
      await Promise.all([postgres?.stop(), redis?.stop()]);
    },
  };
}
