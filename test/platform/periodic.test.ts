import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLifecycle } from '../../server/platform/lifecycle.ts';
import { createLog } from '../../server/platform/log.ts';
import { createPeriodics, type Role } from '../../server/platform/periodic.ts';
import { createPostgres, type Db } from '../../server/platform/postgres.ts';
import { eventually } from '../support/eventually.ts';
import { freshDatabase } from '../support/stack.ts';

const log = createLog('silent');

describe('repeating work', () => {
  let db: Db;
  beforeAll(async () => {
    db = createPostgres({ url: await freshDatabase(), log });
  });
  afterAll(() => db.end());

  function periodics(...roles: Role[]) {
    const lifecycle = createLifecycle({ log, deadlineMs: 1_000 });
    return { start: createPeriodics({ db, log, lifecycle, roles: new Set(roles) }), stop: lifecycle.close };
  }

  test('never overlaps itself and goes on after a failure', async () => {
    const { start, stop } = periodics('worker');
    let [running, most, runs] = [0, 0, 0];
    start({
      name: 'slow',
      everyMs: 5,
      run: async () => {
        most = Math.max(most, ++running);
        await db.query('SELECT pg_sleep(0.02)');
        running--;
        if (++runs === 2) throw new Error('once');
      },
    });

    await eventually(() => runs >= 4);
    await stop();

    expect(most).toBe(1);
  });

  test('exclusive work runs in one process at a time', async () => {
    const [one, two] = [periodics('worker'), periodics('worker')];
    let [running, most, runs] = [0, 0, 0];
    const work = {
      name: 'archive',
      everyMs: 3,
      exclusive: true,
      run: async () => {
        most = Math.max(most, ++running);
        await db.query('SELECT pg_sleep(0.01)');
        running--;
        runs++;
      },
    };
    one.start(work);
    two.start(work);

    await eventually(() => runs >= 6);
    await Promise.all([one.stop(), two.stop()]);

    expect(most).toBe(1);
  });

  test('exclusive work goes on when the connection of its lock is lost, and stops when that is lost at the stop', async () => {
    const { start, stop } = periodics('worker');
    const cut = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND query LIKE '%advisory_unlock%' AND pid <> pg_backend_pid()`;
    let runs = 0;
    start({ name: 'archive', everyMs: 3, exclusive: true, run: async () => runs++ });

    await eventually(() => runs > 0);
    await eventually(async () => ((await db.query(cut)).rowCount ?? 0) > 0);
    const before = runs;
    await eventually(() => runs > before);
    await Promise.all([db.query(cut), stop()]);

    expect(runs).toBeGreaterThan(before);
  });

  test('a process without the role leaves the work to others', async () => {
    const [gateway, worker] = [periodics('gateway'), periodics('worker')];
    const doneBy: string[] = [];
    gateway.start({ name: 'work', everyMs: 3, run: async () => doneBy.push('gateway') });
    worker.start({ name: 'work', everyMs: 3, run: async () => doneBy.push('worker') });

    await eventually(() => doneBy.length >= 3);
    await Promise.all([gateway.stop(), worker.stop()]);

    expect(new Set(doneBy)).toEqual(new Set(['worker']));
  });
});
