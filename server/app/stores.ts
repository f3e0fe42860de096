import { join } from 'node:path';
import { startEmbeddedPostgres } from '../platform/embedded/postgres.ts';
import { startEmbeddedRedis } from '../platform/embedded/redis.ts';
import type { Log } from '../platform/log.ts';
import type { Config } from './config.ts';

export type Stores = Awaited<ReturnType<typeof openStores>>;

/**
 * Where the two databases are: those of the settings, or embedded ones that live and die with this process. One after the other:
 * a second server on the folder is refused by the first of them, and has not touched the other.
 */
export async function openStores(config: Config, log: Log) {
  const postgres = config.DATABASE_URL ? null : await startEmbeddedPostgres(optionsOf('postgres'));
  const redis = config.REDIS_URL
    ? null
    : await startEmbeddedRedis(optionsOf('redis')).catch(async (error: unknown) => {
        await postgres?.stop();
        throw error;
      });
  return {
    databaseUrl: config.DATABASE_URL ?? postgres!.url,
    redisUrl: config.REDIS_URL ?? redis!.url,
    close: async (): Promise<void> => {
      await Promise.all([postgres?.stop(), redis?.stop()]);
    },
  };

  function optionsOf(store: 'postgres' | 'redis') {
    return {
      dataDir: join(config.NIGHTMARKET_DATA_DIR, store),
      log: (line: string): void => log.debug({ store }, line),
      // It comes back by itself, but what was running met an outage, and it may not come back for good.
      onTrouble: (what: string): void => log.error({ store }, `embedded database: ${what}`),
    };
  }
}
