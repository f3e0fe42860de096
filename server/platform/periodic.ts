import type { Db } from './postgres.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { Log } from './log.ts';

/** What a process may do: answer clients, do the work behind them, carry media. */
export type Role = 'gateway' | 'worker' | 'media';

export type Periodic = {
  /** Names the work in logs; also the name of its lock. */
  name: string;
  everyMs: number;
  run: () => Promise<unknown>;
  /** Only processes of this role do it. Default: worker. */
  role?: Role;
  /** Run by one process of all at a time, by a PostgreSQL advisory lock held while it runs. */
  exclusive?: boolean;
};

type Needs = { db: Db; log: Log; lifecycle: Lifecycle; roles: ReadonlySet<Role> };

/** Work that repeats until the process stops. A run never overlaps itself; a failing run is logged and tried again. */
export function createPeriodics({ db, log, lifecycle, roles }: Needs) {
  return function start({ name, everyMs, run, role = 'worker', exclusive = false }: Periodic): void {
    if (!roles.has(role)) return;
    let running: Promise<unknown> = Promise.resolve();
    let busy = false;
    const once = exclusive ? () => withAdvisoryLock(db, name, run) : run;

    const timer = setInterval(() => {
      if (busy) return;
      busy = true;
      running = once()
        .catch((error: unknown) => log.warn({ err: error, work: name }, 'periodic work failed'))
        .finally(() => {
          busy = false;
        });
    }, everyMs);
    lifecycle.onClose(`periodic ${name}`, () => {
      clearInterval(timer);
      return running;
    });
  };
}

const tryLock = `SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0)) AS locked`;

/** Runs `work` if no other process is at it. The lock ends with its transaction, so a dead process can't keep it. */
async function withAdvisoryLock(db: Db, name: string, work: () => Promise<unknown>): Promise<void> {
  const client = await db.connect();
  let broken = false;
  try {
    await client.query('BEGIN; SET LOCAL idle_in_transaction_session_timeout = 0');
    const { rows } = await client.query<{ locked: boolean }>(tryLock, [`nightmarket:${name}`]);
    if (rows[0]?.locked) await work();
  } finally {
    await client.query('COMMIT').catch(() => (broken = true));
    client.release(broken);
  }
}
