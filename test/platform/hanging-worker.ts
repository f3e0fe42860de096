import { createJobs } from '../../server/platform/jobs.ts';
import { createLifecycle } from '../../server/platform/lifecycle.ts';
import { createLog } from '../../server/platform/log.ts';
import { createPostgres } from '../../server/platform/postgres.ts';

/** A process that begins a job and never ends it; made to be killed. Says `begun` when it is at it. */
const log = createLog('silent');
const lifecycle = createLifecycle({ log, deadlineMs: 1_000 });
const db = createPostgres({ url: process.env['DATABASE_URL']!, log });
const jobs = createJobs({ db, log, lifecycle, roles: new Set(['worker']) });
jobs.define('count', () => {
  process.send!('begun');
  return new Promise(() => undefined);
});
await jobs.start();
