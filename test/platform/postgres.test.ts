import type { Pool } from 'pg';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest';
import { createAdvisoryLocks } from '../../server/platform/advisory-locks.ts';
import { createLog } from '../../server/platform/log.ts';
import { migrate } from '../../server/platform/migrate.ts';
import { createPostgres, inTransaction } from '../../server/platform/postgres.ts';
import { runSql, urlOfDatabase } from '../support/sql.ts';
import { freshDatabase } from '../support/stack.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';

const log = createLog('silent');

describe('postgres', () => {
  let db: Pool;

  beforeAll(async () => {
    db = createPostgres({ url: await freshDatabase(), log, connectionsMax: 3, statementTimeoutMs: 500 });
    await db.query('CREATE TABLE notes (text text NOT NULL)');
  });
  afterAll(() => db.end());

  const count = async () => (await db.query<{ count: number }>('SELECT count(*) FROM notes')).rows[0]!.count;

  test('a transaction that throws leaves nothing behind', async () => {
    const attempt = inTransaction(db, async (client) => {
      await client.query(`INSERT INTO notes VALUES ('draft')`);
      throw new Error('changed my mind');
    });

    await expect(attempt).rejects.toThrow('changed my mind');
    expect(await count()).toBe(0);
  });

  test('a connection killed in the middle of a transaction fails that transaction and no other', async () => {
    const attempt = inTransaction(db, async (client) => {
      const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      await db.query('SELECT pg_terminate_backend($1)', [rows[0]!.pid]);
      await client.query('SELECT 1');
    });

    await expect(attempt).rejects.toThrow();
    expect(await inTransaction(db, async (client) => (await client.query('SELECT 1')).rowCount)).toBe(1);
  });

  test('a statement that takes too long is cancelled', async () => {
    await expect(db.query('SELECT pg_sleep(5)')).rejects.toThrow('statement timeout');
  });

  test('an int8 beyond the safe integers is refused rather than rounded', async () => {
    await expect(db.query('SELECT 9007199254740993::int8')).rejects.toThrow(RangeError);
  });
});

test('a migration that came later runs although its number is below those that ran', async () => {
  const url = await freshDatabase();
  await runSql(url, `DROP TRIGGER offers_in_currency_of_shop ON offers`);
  await runSql(url, `DROP FUNCTION offer_in_currency_of_shop`);
  await runSql(url, `DELETE FROM migrations WHERE name = '0048_currency_of_shop'`);

  await migrate(url, log);

  await expect(runSql(url, `DROP TRIGGER offers_in_currency_of_shop ON offers`)).resolves.toBeUndefined();
});

test('any number of processes may migrate an empty database at once', async () => {
  const server = inject('postgresUrl');
  const name = `test_migrate_${process.pid}`;
  await runSql(server, `CREATE DATABASE ${name}`);
  const url = urlOfDatabase(server, name);

  await Promise.all([migrate(url, log), migrate(url, log), migrate(url, log)]);

  const client = new pg.Client(url);
  await client.connect();
  const { rows } = await client.query<{ name: string; times: number }>(
    'SELECT name, count(*) AS times FROM migrations GROUP BY name',
  );
  await client.end();
  expect(rows.length).toBeGreaterThan(0);
  expect(rows.every(({ times }) => times === 1)).toBe(true);
  await runSql(server, `DROP DATABASE ${name}`);
});

describe('a host that is gone without a word', () => {
  test('is noticed by the server within half a minute', async () => {
    const db = createPostgres({ url: await freshDatabase(), log });
    onTestFinished(() => db.end());

    const { rows } = await db.query<Record<string, string>>(`
      SELECT current_setting('tcp_keepalives_idle') AS idle, current_setting('tcp_keepalives_interval') AS interval,
        current_setting('tcp_keepalives_count') AS count, current_setting('tcp_user_timeout') AS unacknowledged`);

    expect(rows).toEqual([{ idle: '10', interval: '5', count: '3', unacknowledged: '20000' }]);
  });

  test('holds up exclusive work of this process for one statement only: its locks move to another connection', async () => {
    const proxy = await startTcpProxy(await freshDatabase());
    const db = createPostgres({ url: proxy.url, log, statementTimeoutMs: 200 });
    const locks = createAdvisoryLocks(db);
    onTestFinished(async () => {
      await locks.close();
      await db.end();
      await proxy.close();
    });
    const ran: string[] = [];
    const run = (name: string): Promise<void> => locks.withLock(name, async () => ran.push(name));
    await run('before');

    proxy.strand();

    await expect(run('meanwhile')).rejects.toThrow('timeout');
    await run('after');
    expect(ran).toEqual(['before', 'after']);
  });
});
