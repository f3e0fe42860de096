import { Logger, run, runMigrations, type Runner } from 'graphile-worker';
import type { Lifecycle } from './lifecycle.ts';
import type { Log } from './log.ts';
import type { Role } from './periodic.ts';
import type { Db, Queryable } from './postgres.ts';

export type Jobs = ReturnType<typeof createJobs>;

export type NewJob = {
  name: string;
  /** Plain JSON. It is kept in the database: no secrets. */
  payload: Record<string, unknown>;
  /** Not before so many ms from now. Default: at once. */
  delayMs?: number;
  /** A job with the same key that has not begun yet is replaced by this one. */
  key?: string;
};

/** What a job does. Runs at least once: doing it again must change nothing. A throw means: try again later. */
type Work = (payload: unknown) => Promise<void>;

/** Jobs one process works on at a time; each may use one PostgreSQL connection. */
const jobsAtOnceMax = 4;

/** Tries of one job, ever longer apart: the last one about three days after the first. */
const triesMax = 25;

const addJob = `
  SELECT graphile_worker.add_job($1, $2::json, run_at => now() + $3 * interval '1 ms', job_key => $4, max_attempts => $5)`;

/** Tables of the job queue; race-safe like our own migrations. */
export async function migrateJobs(databaseUrl: string, log: Log): Promise<void> {
  await runMigrations({ connectionString: databaseUrl, maxPoolSize: 1, logger: quietLogger(log) });
}

/**
 * Work that must happen because something was written: the job is a row of the same transaction, so it exists exactly if
 * that is committed, and is tried until it succeeds. Any process adds; processes of the role `worker` work.
 */
export function createJobs({
  db,
  log,
  lifecycle,
  roles,
}: {
  db: Db;
  log: Log;
  lifecycle: Lifecycle;
  roles: ReadonlySet<Role>;
}) {
  const works = new Map<string, Work>();

  return {
    /** Says how jobs of this name are done. Before `start`. */
    define(name: string, work: Work): void {
      if (works.has(name)) throw new Error(`the job ${name} is defined twice`);
      works.set(name, work);
    },
    /** Adds a job inside the transaction of `client`. */
    async add(client: Queryable, { name, payload, delayMs = 0, key }: NewJob): Promise<void> {
      await client.query(addJob, [name, JSON.stringify(payload), delayMs, key ?? null, triesMax]);
    },
    async start(): Promise<void> {
      if (!roles.has('worker')) return;
      const runner: Runner = await run({
        pgPool: db,
        taskList: Object.fromEntries(works),
        concurrency: jobsAtOnceMax,
        noHandleSignals: true,
        logger: quietLogger(log),
      });
      // It outlives lost connections by itself; should it end all the same, the process must say so and not die of it.
      runner.promise.catch((error: unknown) => log.error({ err: error }, 'the job queue has stopped'));
      lifecycle.onClose('jobs', () => runner.stop());
    },
  };
}

/** Its warnings and errors in our log; what it does when all is well is not of interest. */
function quietLogger(log: Log): Logger {
  return new Logger(({ taskIdentifier, jobId }) => (level, message, meta) => {
    if (level === 'error' || level === 'warning') log.warn({ job: taskIdentifier, jobId, ...meta }, message);
  });
}
