import { createAdvisoryLocks } from './advisory-locks.ts';
import { createDueWork } from './due-work.ts';
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
  /**
   * SQL without parameters that is true whenever there may be something to do; else the work has no turn. It may be true too often, never
   * too seldom: build it from what the work itself asks for, without the clock of this process. It must be answered from an index, for
   * it is asked at every turn, with those of all work of that moment.
   */
  due?: string;
};

type Needs = { db: Db; log: Log; lifecycle: Lifecycle; roles: ReadonlySet<Role> };
type Turn = { everyMs: number; dueMs: number; begin: () => void };

/**
 * Work has its turns this far apart, several at the same moment: a process with nothing to do wakes seldom, and asks for all their locks
 * at once. Not everything at one moment, so that requests find connections to the database free.
 */
const gridMs = 250;
/** Moments over which work is spread. */
const lanesMax = 4;
/** Timers come so much too soon, ms. */
const earlyMs = 1;

/** Work that repeats until the process stops. A run never overlaps itself; a failing run is logged and tried again. */
export function createPeriodics({ db, log, lifecycle, roles }: Needs) {
  const locks = createAdvisoryLocks(db);
  lifecycle.onClose('advisory locks', locks.close);
  const addCondition = createDueWork(db, log);
  const turns = new Set<Turn>();
  let timer: NodeJS.Timeout | undefined;

  return function start({ name, everyMs, run, due, role = 'worker', exclusive = false }: Periodic): void {
    if (!roles.has(role)) return;
    let running: Promise<unknown> = Promise.resolve();
    let busy = false;
    const once = exclusive ? () => locks.withLock(name, run) : run;
    const onceIfDue = due === undefined ? once : ifDue(addCondition(due), once);
    const begin = (): void => {
      if (busy) return;
      busy = true;
      running = onceIfDue()
        .catch((error: unknown) => log.warn({ err: error, work: name }, 'periodic work failed'))
        .finally(() => {
          busy = false;
        });
    };

    const turn = { everyMs, dueMs: firstTurnMs(everyMs, turns.size), begin };
    turns.add(turn);
    wait();
    lifecycle.onClose(`periodic ${name}`, () => {
      turns.delete(turn);
      wait();
      return running;
    });
  };

  function wait(): void {
    clearTimeout(timer);
    if (turns.size === 0) return;
    const dueMs = Math.min(...Array.from(turns, (turn) => turn.dueMs));
    timer = setTimeout(takeTurns, Math.max(0, dueMs - performance.now()));
  }

  function takeTurns(): void {
    const nowMs = performance.now() + earlyMs;
    for (const turn of turns) {
      if (turn.dueMs > nowMs) continue;
      // One that a standstill made late has no second turn for it.
      turn.dueMs += turn.everyMs * (1 + Math.floor((nowMs - turn.dueMs) / turn.everyMs));
      turn.begin();
    }
    wait();
  }
}

const ifDue = (isDue: () => Promise<boolean>, run: () => Promise<unknown>) => async (): Promise<unknown> =>
  (await isDue()) ? run() : undefined;

/** When the work that comes as `number` has its first turn: after its time, or up to three moments sooner. */
function firstTurnMs(everyMs: number, number: number): number {
  const lanes = Math.min(lanesMax, Math.floor(everyMs / gridMs));
  if (lanes === 0) return performance.now() + everyMs;
  return Math.floor(performance.now() / gridMs) * gridMs + everyMs - (number % lanes) * gridMs;
}
