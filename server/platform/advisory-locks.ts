import type { Db, DbClient } from './postgres.ts';

const tryLock = `SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS done`;
const unlock = `SELECT pg_advisory_unlock(hashtextextended($1, 0)) AS done`;

/** Far longer than a pause of the process, and short for who waits for the work, ms. */
const silenceMsMax = 10_000;

export type AdvisoryLocks = ReturnType<typeof createAdvisoryLocks>;

/**
 * Locks that one process of all holds at a time. All locks of a process stand on one connection: work that holds a lock needs
 * other connections to do its work, and a connection per lock could leave it none. A dead process loses its locks with its connection; one
 * that sleeps, or whose event loop hangs, too: the server ends a session that was silent for `silenceMs`.
 *
 * A lock lost with its connection is not noticed while the work runs, so exclusive work must be harmless when two do it.
 */
export function createAdvisoryLocks(db: Db, { silenceMs = silenceMsMax } = {}) {
  let holder: Promise<DbClient> | undefined;
  let held: DbClient | undefined;
  let last: Promise<unknown> = Promise.resolve();

  return {
    /** Runs `work` if nobody else is at it. */
    async withLock(name: string, work: () => Promise<unknown>): Promise<void> {
      const key = `nightmarket:${name}`;
      if (!(await inTurn(() => ask(tryLock, key)))) return;
      try {
        await work();
      } finally {
        await inTurn(() => ask(unlock, key)).catch(() => undefined);
      }
    },
    async close(): Promise<void> {
      const client = await holder?.catch(() => undefined);
      if (client) drop(client);
    },
  };

  /** One statement at a time on the connection. */
  function inTurn<T>(statement: () => Promise<T>): Promise<T> {
    const turn = last.then(statement);
    last = turn.catch(() => undefined);
    return turn;
  }

  /** A connection whose statement failed may be one of a host that is gone: the next turn opens another. */
  async function ask(statement: string, key: string): Promise<boolean | undefined> {
    const client = await connection();
    try {
      return (await client.query<{ done: boolean }>(statement, [key])).rows[0]?.done;
    } catch (error) {
      drop(client);
      throw error;
    }
  }

  /** Gives the connection back, once: a lost connection may say so twice, and closing one can be the loss. */
  function drop(client: DbClient): void {
    if (held !== client) return;
    holder = held = undefined;
    client.release(true);
  }

  function connection(): Promise<DbClient> {
    holder ??= open();
    return holder;
  }

  async function open(): Promise<DbClient> {
    try {
      const client = await db.connect();
      held = client;
      client.once('error', () => drop(client));
      await client.query(`SET idle_session_timeout = ${silenceMs}`);
      keepAwake(client);
      return client;
    } catch (error) {
      if (held) drop(held);
      holder = undefined;
      throw error;
    }
  }

  /** Work may take longer than the server waits for a word. */
  function keepAwake(client: DbClient): void {
    const timer = setInterval(() => {
      if (held !== client) return clearInterval(timer);
      inTurn(() => client.query('SELECT')).catch(() => drop(client));
    }, silenceMs / 4).unref();
  }
}
