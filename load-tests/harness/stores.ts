import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import pg from 'pg';
import { startEmbeddedPostgres } from '../../server/platform/embedded/postgres.ts';
import { startEmbeddedRedis } from '../../server/platform/embedded/redis.ts';
import { cpuMsOf } from './cpu.ts';

/** A PostgreSQL and a Redis of the run's own, real ones, durable as in production. */
export type Stores = { databaseUrl: string; redisUrl: string; close(): Promise<void> };

/** CPU time of the databases, listed apart from the server's. */
export type StoreCpu = { redisMs: number; postgresMs: number };

export async function startStores(): Promise<Stores> {
  const folder = mkdtempSync(join(tmpdir(), 'nightmarket-load-'));
  const log = (): undefined => undefined;
  const [postgres, redis] = await Promise.all([
    startEmbeddedPostgres({ dataDir: join(folder, 'postgres'), log, settings: { max_connections: '200' } }),
    startEmbeddedRedis({ dataDir: join(folder, 'redis'), log, kind: 'redis-server' }),
  ]);
  return {
    databaseUrl: postgres.url,
    redisUrl: redis.url,
    async close(): Promise<void> {
      await Promise.all([postgres.stop(), redis.stop()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Finds both servers by asking them, so that it works for any pair of URLs on this machine. */
export async function watchStores({ databaseUrl, redisUrl }: Pick<Stores, 'databaseUrl' | 'redisUrl'>) {
  const [redisPid, postgresPid] = await Promise.all([pidOfRedis(redisUrl), pidOfPostgres(databaseUrl)]);
  return (): StoreCpu => ({ redisMs: cpuMsOf(redisPid), postgresMs: cpuMsOf(postgresPid) });
}

async function pidOfRedis(url: string): Promise<number> {
  const redis = new Redis(url);
  try {
    return Number(/^process_id:(\d+)/m.exec(await redis.info('server'))?.[1]);
  } finally {
    redis.disconnect();
  }
}

/** The postmaster writes its process id into the first line of a file that every backend can read. */
async function pidOfPostgres(url: string): Promise<number> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    const { rows } = await client.query<{ line: string }>(
      `SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1) AS line`,
    );
    return Number(rows[0]!.line);
  } finally {
    await client.end();
  }
}
