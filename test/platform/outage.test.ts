import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLog } from '../../server/platform/log.ts';
import { asOutage, isRedisBug } from '../../server/platform/outage.ts';
import { createPostgres, type Db } from '../../server/platform/postgres.ts';
import { freshDatabase } from '../support/stack.ts';

const failureOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

describe('what a database error means to a caller', () => {
  let db: Db;
  beforeAll(async () => {
    db = createPostgres({ url: await freshDatabase(), log: createLog('silent'), statementTimeoutMs: 200 });
  });
  afterAll(() => db.end());

  test.each([
    ['a statement that takes too long', 'SELECT pg_sleep(2)', 'RETRY'],
    ['a backend that is told to go', 'SELECT pg_terminate_backend(pg_backend_pid())', 'RETRY'],
  ])('%s: the same request may succeed later', async (_what, statement, code) => {
    expect(asOutage(await failureOf(db.query(statement)))?.code).toBe(code);
  });

  test('a NUL in a text is the fault of the request', async () => {
    expect(asOutage(await failureOf(db.query('SELECT $1::text', ['a\0b'])))?.code).toBe('BAD_INPUT');
  });

  test.each([
    ['a person who is not there is not found', 'person_id', 'NOT_FOUND'],
    ['any other row that is not there is a bug of ours', 'basket_id', undefined],
  ])('%s', async (_what, column, code) => {
    await db.query(`CREATE TABLE IF NOT EXISTS parents (id int PRIMARY KEY);
      CREATE TABLE children_by_${column} (${column} int REFERENCES parents)`);

    expect(asOutage(await failureOf(db.query(`INSERT INTO children_by_${column} VALUES (1)`)))?.code).toBe(code);
  });

  test('a statement that is wrong is a bug of ours', async () => {
    expect(asOutage(await failureOf(db.query('SELECT nothing FROM nowhere')))).toBeUndefined();
    expect(asOutage(new TypeError('x is not a function'))).toBeUndefined();
  });

  test.each([
    ['MISCONF Errors writing to the AOF file: No space left on device', 'RETRY'],
    ['NOREPLICAS Not enough good replicas to write.', 'RETRY'],
    ['BUSY Redis is busy running a script.', 'RETRY'],
    ['BUSYGROUP Consumer Group name already exists', undefined],
    ['ERR value is not an integer or out of range', undefined],
  ])('of Redis: %s', (message, code) => {
    const error = Object.assign(new Error(message), { name: 'ReplyError' });

    expect([asOutage(error)?.code, isRedisBug(error)]).toEqual([code, code === undefined]);
  });

  test('nobody listening is an outage, of PostgreSQL and of Redis', async () => {
    const away = createPostgres({ url: 'postgres://u:p@127.0.0.1:1/x', log: createLog('silent') });
    const redis = new Redis('redis://127.0.0.1:1', {
      lazyConnect: true,
      enableOfflineQueue: false,
      retryStrategy: null,
    });
    redis.on('error', () => undefined);

    expect(asOutage(await failureOf(away.query('SELECT 1')))?.code).toBe('RETRY');
    expect(asOutage(await failureOf(redis.get('x')))?.code).toBe('RETRY');
    redis.disconnect();
    await away.end();
  });
});
