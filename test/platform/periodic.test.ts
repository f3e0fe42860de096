import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAdvisoryLocks } from '../../server/platform/advisory-locks.ts';
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

  test('of what is asked for at the same moment, what another process is at is left out, and nothing else', async () => {
    const [one, other] = [createAdvisoryLocks(db), createAdvisoryLocks(db)];
    const begun = Promise.withResolvers<undefined>();
    const isEnough = Promise.withResolvers<undefined>();
    const doneBy: string[] = [];
    const take = (name: string) => other.withLock(name, async () => doneBy.push(name));
    const long = one.withLock('orders', () => (begun.resolve(undefined), isEnough.promise));
    await begun.promise;

    await Promise.all(['archive', 'orders', 'offers'].map(take));
    isEnough.resolve(undefined);
    await long;
    await Promise.all(['archive', 'orders'].map(take));
    await Promise.all([one.close(), other.close()]);

    expect(doneBy).toEqual(['archive', 'offers', 'archive', 'orders']);
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

  test('exclusive work of a process that sleeps is taken over; of one that only takes long it is not', async () => {
    // Far longer than this process may stand still on a busy machine: its word of every half second must not come late.
    const silenceMs = 2_000;
    const [one, other] = [createAdvisoryLocks(db, { silenceMs }), createAdvisoryLocks(db, { silenceMs })];
    const env = { PATH: process.env['PATH'], DATABASE_URL: db.options.connectionString, SILENCE_MS: String(silenceMs) };
    const child = fork(fileURLToPath(new URL('./sleeping-worker.ts', import.meta.url)), { env, stdio: 'ignore' });
    const doneBy: string[] = [];
    const take = (name: string) => other.withLock(name, async () => doneBy.push(name));
    try {
      await once(child, 'message');
      await take('archive');
      const begun = Promise.withResolvers<number>();
      const isEnough = Promise.withResolvers<undefined>();
      const long = one.withLock('long', async () => {
        begun.resolve(performance.now());
        await isEnough.promise;
        doneBy.push('end of long');
      });
      const begunAtMs = await begun.promise;
      await eventually(async () => {
        await Promise.all([take('archive'), take('long')]);
        return doneBy.includes('archive') && performance.now() - begunAtMs > silenceMs;
      });
      isEnough.resolve(undefined);
      await long;
      await take('long');

      expect(doneBy.filter((name) => name !== 'archive')).toEqual(['end of long', 'long']);
    } finally {
      child.kill('SIGKILL');
      await Promise.all([one.close(), other.close()]);
    }
  });

  test('work that tells when it is due has a turn only then; all of a moment is asked for by one statement', async () => {
    const { start, stop } = periodics('worker');
    await db.query(`
      CREATE TABLE held (pay_by timestamptz);
      CREATE TABLE questions (question xid8, about text);
      CREATE FUNCTION ask(subject text) RETURNS boolean LANGUAGE plpgsql AS $$
        BEGIN INSERT INTO questions VALUES (pg_current_xact_id(), subject); RETURN NULL; END $$`);
    const asked = async (): Promise<string[]> =>
      (
        await db.query<{ subjects: string }>(
          `SELECT string_agg(about, ' ' ORDER BY about) AS subjects FROM questions GROUP BY question`,
        )
      ).rows.map(({ subjects }) => subjects);
    let runs = 0;
    const isOver = `ask('holds') OR (SELECT min(pay_by) <= now() FROM held)`;
    start({ name: 'holds', everyMs: 250, due: isOver, run: async () => (await db.query('DELETE FROM held'), runs++) });
    start({ name: 'lines', everyMs: 250, due: `ask('lines')`, run: async () => runs++ });
    start({ name: 'once an hour', everyMs: 3_600_000, due: `ask('hour')`, run: async () => runs++ });

    await eventually(async () => (await asked()).length >= 2);
    expect(runs).toBe(0);
    await db.query('INSERT INTO held VALUES (now())');
    await eventually(() => runs === 1);
    await stop();

    expect(await asked()).toContain('holds lines');
    expect((await asked()).join(' ')).not.toContain('hour');
    expect(runs).toBe(1);
  });

  test('while nobody can be asked whether work is due, it is looked at', async () => {
    const { start, stop } = periodics('worker');
    let runs = 0;
    start({ name: 'holds', everyMs: 5, due: 'EXISTS (SELECT FROM no_such_table)', run: async () => runs++ });

    await eventually(() => runs >= 2);
    await stop();
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
