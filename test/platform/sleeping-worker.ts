import { createAdvisoryLocks } from '../../server/platform/advisory-locks.ts';
import { createLog } from '../../server/platform/log.ts';
import { createPostgres } from '../../server/platform/postgres.ts';

/** A process that is stopped in the middle of exclusive work. Says `asleep` before that. */
const db = createPostgres({ url: process.env['DATABASE_URL']!, log: createLog('silent') });
const locks = createAdvisoryLocks(db, { silenceMs: Number(process.env['SILENCE_MS']) });
await locks.withLock('archive', async () => {
  await new Promise((resolve) => process.send!('asleep', resolve));
  process.kill(process.pid, 'SIGSTOP');
});
