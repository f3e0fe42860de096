import { EventEmitter } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { Logger, run, runMigrations, type Runner, type WorkerEvents } from 'graphile-worker';
import { silenceMsMax, startJobHeartbeat } from './job-heartbeat.ts';
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

/** Tries of one job, ever longer apart: the last one about three days after the first. From then on every hour: see dead-jobs.ts. */
const triesMax = 25;

/** After the queue gave up, ms. */
const restartAfterMs = 1_000;

/** Without these two, what became of a job is written in a promise that nobody waits for: its failure would end the process. */
const preset = { worker: { completeJobBatchDelay: 0, failJobBatchDelay: 0 } };

/** Jobs that a queue had locked when it gave up are done again; otherwise they would be four hours late. */
const freeJobs = 'SELECT graphile_worker.force_unlock_workers($1)';

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
  silenceMs = silenceMsMax,
}: {
  db: Db;
  log: Log;
  lifecycle: Lifecycle;
  roles: ReadonlySet<Role>;
  /** Jobs of a process that was not heard of for so long are done by another, ms. */
  silenceMs?: number;
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
      const stopping = new AbortController();
      const isStopping = (): boolean => stopping.signal.aborted;
      let worker = await begin();
      const working = keepWorking();
      const heartbeat = startJobHeartbeat({ db, log, queueId: () => worker.id, silenceMs });
      const close = async (): Promise<void> => {
        stopping.abort();
        await heartbeat.stop();
        // Refused when it has just given up by itself; then its own end is what to wait for.
        await worker.runner.stop().catch(() => worker.runner.promise);
        await working;
      };
      // A job may wait for as long as it likes; open sockets have to be told meanwhile.
      lifecycle.onClose('jobs', close, { besideNext: true });

      /** A queue that lost an answer of the database gives up: its jobs are freed, and another one is begun. */
      async function keepWorking(): Promise<void> {
        for (;;) {
          await worker.runner.promise.catch((err: unknown) => log.error({ err }, 'the job queue has failed'));
          while (!isStopping() && !(await beginAgain()));
          if (isStopping()) return;
        }
      }

      async function beginAgain(): Promise<boolean> {
        await delay(restartAfterMs, undefined, { signal: stopping.signal }).catch(() => undefined);
        if (isStopping()) return false;
        try {
          await db.query(freeJobs, [[worker.id]]);
          worker = await begin();
          // Asked to stop in the meantime: the closing did not know this one yet.
          if (isStopping()) await worker.runner.stop();
          return true;
        } catch (err) {
          log.warn({ err }, 'the job queue can not be begun again yet');
          return false;
        }
      }
    },
  };

  /** `id`: under which it locks jobs. */
  async function begin(): Promise<{ runner: Runner; id: string }> {
    const events: WorkerEvents = new EventEmitter();
    let id = '';
    events.on('pool:create', ({ workerPool }) => (id = workerPool.id));
    // A question whose answer was lost may have locked a job that nobody works on.
    events.on('worker:getJob:error', ({ error }) => {
      if (!(error instanceof NotConnected)) setImmediate(() => void runner.stop().catch(() => undefined));
    });
    const runner: Runner = await run({
      pgPool: withoutNaps(db),
      taskList: Object.fromEntries(works),
      concurrency: jobsAtOnceMax,
      noHandleSignals: true,
      logger: quietLogger(log),
      events,
      preset,
    });
    return { runner, id };
  }
}

/** Nothing was asked, so nothing can have happened. */
class NotConnected extends Error {}

/**
 * Over some outages graphile-worker naps for up to three minutes, and nothing wakes it: not the return of the database, nor a
 * stop, after which it would use a pool that is closed. Without its code an error is tried again at the next poll.
 */
function withoutNaps(db: Db): Db {
  const connect = (callback?: Parameters<Db['connect']>[0]): unknown =>
    callback
      ? db.connect(callback)
      : db.connect().catch((error: unknown) => {
          throw new NotConnected('no connection to PostgreSQL for the job queue', { cause: error });
        });
  return new Proxy(db, {
    get(target, name) {
      if (name === 'connect') return connect;
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

/** Its warnings and errors in our log; what it does when all is well is not of interest. */
function quietLogger(log: Log): Logger {
  return new Logger(({ taskIdentifier, jobId }) => (level, message, meta) => {
    // Of what it tells only the error, by the name under which the log leaves out what drivers hang on it: the rest has payloads.
    if (level === 'error' || level === 'warning') log.warn({ job: taskIdentifier, jobId, err: meta['error'] }, message);
  });
}
