import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createDeadJobs } from '../../server/platform/dead-jobs.ts';
import { createJobs, migrateJobs } from '../../server/platform/jobs.ts';
import { createLifecycle } from '../../server/platform/lifecycle.ts';
import { createLog } from '../../server/platform/log.ts';
import { createMetrics } from '../../server/platform/metrics.ts';
import { createPostgres, type Db } from '../../server/platform/postgres.ts';
import { eventually } from '../support/eventually.ts';
import { startCuttingProxy } from '../support/cutting-proxy.ts';
import { freshDatabase } from '../support/stack.ts';

const log = createLog('silent');

describe('jobs while PostgreSQL comes and goes', () => {
  let proxy: Awaited<ReturnType<typeof startCuttingProxy>>;
  let db: Db;
  let lifecycle: ReturnType<typeof createLifecycle>;
  let runs: number;
  let add: () => Promise<void>;
  beforeEach(async () => {
    const url = await freshDatabase();
    await migrateJobs(url, log);
    proxy = await startCuttingProxy(url);
    db = createPostgres({ url: proxy.url, log });
    lifecycle = createLifecycle({ log, deadlineMs: 8_000 });
    runs = 0;
    const jobs = createJobs({ db, log, lifecycle, roles: new Set(['worker']) });
    jobs.define('count', () => {
      runs += 1;
      return Promise.resolve();
    });
    add = () => jobs.add(db, { name: 'count', payload: {} });
    await jobs.start();
  });
  afterEach(async () => {
    await lifecycle.close();
    await db.end();
    await proxy.close();
  });

  const jobsLeft = async (): Promise<number> => (await db.query('SELECT FROM graphile_worker.jobs')).rows.length;

  test.each(['delete from', 'get_job'])(
    'the answer to "%s" is lost: the process lives on, and the next job is done',
    async (statement) => {
      proxy.cutAnswerTo(statement);
      await add();
      await eventually(() => proxy.cuts() === 1);

      await add();
      await eventually(async () => runs >= 1 && (await jobsLeft()) === 0, { deadlineMs: 10_000 });
    },
  );

  test('while PostgreSQL starts up the queue asks on, and a stop waits for nothing', async () => {
    proxy.restart();
    await eventually(() => proxy.refusals() >= 6, { deadlineMs: 10_000 });
    const beganMs = performance.now();

    await lifecycle.close();

    expect(performance.now() - beganMs).toBeLessThan(3_000);
  });
});

describe('jobs of a process that is killed', () => {
  const hangingWorker = fileURLToPath(new URL('./hanging-worker.ts', import.meta.url));

  test('are done by another when it was silent for long enough, and those of a process that lives are not', async () => {
    const url = await freshDatabase();
    await migrateJobs(url, log);
    const db = createPostgres({ url, log });
    const lifecycle = createLifecycle({ log, deadlineMs: 8_000 });
    const jobs = createJobs({ db, log, lifecycle, roles: new Set(['worker']), silenceMs: 2_000 });
    const runs: unknown[] = [];
    const slowJob = Promise.withResolvers<undefined>();
    jobs.define('count', (payload) => {
      runs.push(payload);
      return Promise.resolve();
    });
    jobs.define('slow', (payload) => {
      runs.push(payload);
      return slowJob.promise;
    });
    const child = fork(hangingWorker, { env: { PATH: process.env['PATH'], DATABASE_URL: url }, stdio: 'ignore' });
    const exited = once(child, 'exit');
    try {
      await jobs.add(db, { name: 'count', payload: { of: 'killed' } });
      await once(child, 'message');
      child.kill('SIGKILL');
      await exited;
      await jobs.start();
      await jobs.add(db, { name: 'slow', payload: { of: 'living' } });

      await eventually(() => runs.length === 2, { deadlineMs: 10_000 });
      await eventually(async () => (await oldestLockMs(db)) > 3_000);

      expect(runs).toEqual(expect.arrayContaining([{ of: 'killed' }, { of: 'living' }]));
      expect(runs).toHaveLength(2);
    } finally {
      child.kill('SIGKILL');
      slowJob.resolve(undefined);
      await lifecycle.close();
      await db.end();
    }
  });
});

test('a job that has failed at all its tries is counted, and gets another one an hour later', async () => {
  const url = await freshDatabase();
  await migrateJobs(url, log);
  const db = createPostgres({ url, log });
  const lifecycle = createLifecycle({ log, deadlineMs: 8_000 });
  const jobs = createJobs({ db, log, lifecycle, roles: new Set(['worker']) });
  const metrics = createMetrics({ processFigures: false });
  const { look } = createDeadJobs({ db, log, metrics });
  const deadJobs = async () => (await metrics.getSingleMetricAsString('nightmarket_jobs_dead')).split('\n')[2];
  let runs = 0;
  jobs.define('pay back', () => {
    runs += 1;
    return Promise.resolve();
  });
  try {
    await jobs.add(db, { name: 'pay back', payload: {} });
    const fail = 'UPDATE graphile_worker._private_jobs SET attempts = max_attempts, updated_at = now() - $1::interval';
    await db.query(fail, ['59 minutes']);
    await jobs.start();
    await look();
    expect([await deadJobs(), runs]).toEqual(['nightmarket_jobs_dead{job="pay back"} 1', 0]);

    await db.query(fail, ['61 minutes']);
    await look();
    await eventually(() => runs === 1);
    await eventually(async () => (await db.query('SELECT FROM graphile_worker.jobs')).rowCount === 0);
    await look();
    expect(await deadJobs()).toBeUndefined();
  } finally {
    await lifecycle.close();
    await db.end();
  }
});

/** Age of the oldest lock, ms. */
async function oldestLockMs(db: Db): Promise<number> {
  const { rows } = await db.query<{ ms: number }>(
    `SELECT COALESCE(extract(epoch FROM now() - min(locked_at)) * 1000, 0)::int AS ms FROM graphile_worker.jobs`,
  );
  return rows[0]!.ms;
}
