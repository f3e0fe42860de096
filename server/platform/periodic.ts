import { createAdvisoryLocks } from './advisory-locks.ts';
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
  /** Run by one process of all at a time. */
  exclusive?: boolean;
};

type Needs = { db: Db; log: Log; lifecycle: Lifecycle; roles: ReadonlySet<Role> };

/** Work that repeats until the process stops. A run never overlaps itself; a failing run is logged and tried again. */
export function createPeriodics({ db, log, lifecycle, roles }: Needs) {
  const locks = createAdvisoryLocks(db);
  lifecycle.onClose('advisory locks', locks.close);

  return function start({ name, everyMs, run, role = 'worker', exclusive = false }: Periodic): void {
    if (!roles.has(role)) return;
    let running: Promise<unknown> = Promise.resolve();
    let busy = false;
    const once = exclusive ? () => locks.withLock(name, run) : run;

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
