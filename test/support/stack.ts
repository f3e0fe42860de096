import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import pg from 'pg';
import { inject } from 'vitest';
import { startEmbeddedRedis } from '../../server/platform/embedded/redis.ts';
import { eventually } from './eventually.ts';
import { givenBack } from './given-back.ts';
import { runSql, urlOfDatabase } from './sql.ts';

/** What may take its time to close after the last test of a file. */
const closedDeadlineMs = 5_000;

/**
 * A migrated, empty PostgreSQL database for this test file alone; dropped after it.
 * Call it in `beforeAll` or in a test. A connection to it that is still open at the end of the file fails the file.
 */
export async function freshDatabase(): Promise<string> {
  const server = inject('postgresUrl');
  const name = `test_${process.pid}_${randomBytes(4).toString('hex')}`;
  await runSql(server, `CREATE DATABASE ${name} TEMPLATE ${inject('templateDatabase')}`);
  givenBack.push(async () => {
    const left = await leftovers(() => connectionsTo(server, name));
    await runSql(server, `DROP DATABASE ${name} WITH (FORCE)`);
    return left.map((statement) => `a PostgreSQL connection, last statement: ${statement}`);
  });
  return urlOfDatabase(server, name);
}

async function connectionsTo(server: string, database: string): Promise<string[]> {
  const client = new pg.Client(server);
  await client.connect();
  try {
    const { rows } = await client.query<{ query: string }>('SELECT query FROM pg_stat_activity WHERE datname = $1', [
      database,
    ]);
    return rows.map(({ query }) => query);
  } finally {
    await client.end();
  }
}

export type FreshRedisOptions = {
  /** Beyond the defaults, as in redis.conf; for tests of faults for example `appendonly: 'yes'`. */
  settings?: Record<string, string>;
};

/**
 * A real, empty redis-server for this test file alone (it starts in some 30 ms); stopped after it.
 * A connection to it that is still open at the end of the file fails the file.
 */
export async function freshRedis({ settings }: FreshRedisOptions = {}): Promise<string> {
  const dataDir = mkdtempSync(join(tmpdir(), 'nightmarket-redis-'));
  const redis = await startEmbeddedRedis({
    dataDir,
    log: () => undefined,
    settings: { appendonly: 'no', 'enable-debug-command': 'local', ...settings },
  });
  if (redis.kind === 'js-redis-server')
    throw new Error('The tests need a real Redis: put redis-server or valkey-server on PATH');
  givenBack.push(async () => {
    const left = await leftovers(() => otherClientsOf(redis.url));
    await redis.stop();
    rmSync(dataDir, { recursive: true, force: true });
    return left.map((client) => `a Redis connection: ${client}`);
  });
  return redis.url;
}

/** Name and last command of every client but the one that asks. None when the test has shut the server down itself. */
async function otherClientsOf(url: string): Promise<string[]> {
  const redis = new Redis(url, { lazyConnect: true, maxRetriesPerRequest: 0, retryStrategy: null });
  try {
    await redis.connect();
    const clients = (await redis.client('LIST')) as string;
    return clients
      .trim()
      .split('\n')
      .filter((line) => !line.includes('cmd=client|list'))
      .map(shortClient);
  } catch {
    return [];
  } finally {
    redis.disconnect();
  }
}

const shortClient = (line: string): string => /name=\S*/.exec(line)![0] + ' ' + /cmd=\S*/.exec(line)![0];

/** What `list` still names when the time to close is over. */
async function leftovers(list: () => Promise<string[]>): Promise<string[]> {
  const isEmpty = async (): Promise<boolean> => (await list()).length === 0;
  const emptied = await eventually(isEmpty, { deadlineMs: closedDeadlineMs }).catch(() => false);
  return emptied ? [] : list();
}
