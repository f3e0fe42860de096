import { Gauge } from 'prom-client';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import type { Queryable } from './postgres.ts';

type Needs = { db: Queryable; log: Log; metrics: Metrics };
type DeadJob = { jobId: string; name: string; isRested: boolean };

/** Jobs looked at in one go. */
const jobsMax = 500;

/** A job that is locked is at its last try. The view has an `updated_at`: when the last one failed. */
const dead = `
  SELECT id::text AS "jobId", task_identifier AS name, updated_at < now() - interval '1 hour' AS "isRested"
  FROM graphile_worker.jobs WHERE attempts >= max_attempts AND locked_at IS NULL ORDER BY updated_at LIMIT $1`;

const takeUp = `
  SELECT FROM graphile_worker.reschedule_jobs($1::bigint[], run_at => now(), attempts =>
    (SELECT min(max_attempts) - 1 FROM graphile_worker.jobs WHERE id = ANY($1::bigint[])))`;

/**
 * Jobs that have failed for days. The queue would leave them for ever, and with them money that is captured and not settled, or that was to go
 * back: so each gets another try every hour, until it succeeds, and whoever runs the server sees how many there are.
 */
export function createDeadJobs({ db, log, metrics }: Needs) {
  const figure = new Gauge({
    name: 'nightmarket_jobs_dead',
    help: 'Jobs that failed at all their tries, at the last look; 0 is right. Each gets another try every hour.',
    labelNames: ['job'],
    registers: [metrics],
  });

  return {
    async look(): Promise<void> {
      const { rows } = await db.query<DeadJob>(dead, [jobsMax]);
      figure.reset();
      for (const { name } of rows) figure.inc({ job: name });
      const rested = rows.filter(({ isRested }) => isRested);
      if (rested.length === 0) return;
      for (const { jobId, name } of rested) log.error({ jobId, job: name }, 'a job failed at all its tries: once more');
      await db.query(takeUp, [rested.map(({ jobId }) => jobId)]);
    },
  };
}
