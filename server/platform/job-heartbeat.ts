import { setTimeout as delay } from 'node:timers/promises';
import type { Log } from './log.ts';
import type { Queryable } from './postgres.ts';

type Needs = {
  db: Queryable;
  log: Log;
  /** Under which the queue locks jobs now. */
  queueId: () => string;
  /** After so much silence the jobs of a queue are free, ms. */
  silenceMs: number;
};

/** How often a queue says that it lives, ms. */
const beatEveryMs = 5_000;
/** Far longer than a pause of the process or of the database. */
export const silenceMsMax = 60_000;

const beat = `
  INSERT INTO job_queues (queue_id, seen_at) VALUES ($1, now()) ON CONFLICT (queue_id) DO UPDATE SET seen_at = now()`;

/** Younger locks are left alone: a queue that has just begun may lock a job before its first beat. */
const freeSilent = `
  WITH silent AS (
    SELECT DISTINCT locked_by FROM graphile_worker.jobs
    WHERE locked_at < now() - $1 * interval '1 ms' AND locked_by NOT IN (
      SELECT queue_id FROM job_queues WHERE seen_at > now() - $1 * interval '1 ms'))
  SELECT graphile_worker.force_unlock_workers(array_agg(locked_by)) FROM silent HAVING count(*) > 0`;

const forget = `DELETE FROM job_queues WHERE seen_at < now() - interval '1 day'`;

/**
 * Says that a queue lives, and frees what silent ones had locked: left to itself, a job of a killed process is locked for four
 * hours. One that only slept goes on beside the process that took its job over; jobs are such that doing them twice changes nothing.
 * All times are the database's.
 */
export function startJobHeartbeat({ db, log, queueId, silenceMs }: Needs): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const everyMs = Math.min(beatEveryMs, silenceMs / 4);
  const beating = keepBeating();
  return {
    async stop() {
      stopping.abort();
      await beating;
    },
  };

  async function keepBeating(): Promise<void> {
    while (!stopping.signal.aborted) {
      await once().catch((err: unknown) => log.warn({ err }, 'the job queue could not say that it lives'));
      await delay(everyMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  }

  async function once(): Promise<void> {
    await db.query(beat, [queueId()]);
    await db.query(freeSilent, [silenceMs]);
    await db.query(forget);
  }
}
