import { createBatches } from './batches.ts';
import type { Db, DbClient } from './postgres.ts';

/** What is asked of the locks; `stay` only says that we are still there. */
type Wish = { verb: 'take' | 'free' | 'stay'; key: string };

/** Gives locks back and takes others, as far as nobody has them. */
const turn = `
  SELECT ARRAY(SELECT pg_advisory_unlock(hashtextextended(key, 0)) FROM unnest($1::text[]) AS key) AS freed,
    ARRAY(SELECT pg_try_advisory_lock(hashtextextended(key, 0)) FROM unnest($2::text[]) AS key) AS taken`;

/** Far longer than a pause of the process, and short for who waits for the work, ms. */
const silenceMsMax = 10_000;
/** From one statement to the next: what short looks take at the same time they give back at the same time, ms. */
const gapMs = 25;
/** Far more than there is exclusive work. */
const waitingMax = 10_000;

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
  let isClosed = false;
  /** All wishes of a moment in one statement, and one statement at a time on the connection. */
  const turns = createBatches<Wish, boolean>({
    itemsMax: waitingMax,
    waitingMax,
    gapMs,
    run: (_line, wishes) => ask(wishes),
  });
  const wish = (verb: Wish['verb'], key = ''): Promise<boolean> => turns.add('', { verb, key });

  return {
    /** Runs `work` if nobody else is at it. */
    async withLock(name: string, work: () => Promise<unknown>): Promise<void> {
      const key = `nightmarket:${name}`;
      if (!(await wish('take', key))) return;
      const on = held;
      try {
        await work();
      } finally {
        // Else it was lost with its connection.
        if (held === on) await wish('free', key).catch(() => undefined);
      }
    },
    async close(): Promise<void> {
      isClosed = true;
      const client = await holder?.catch(() => undefined);
      if (client) drop(client);
    },
  };

  /** A connection whose statement failed may be one of a host that is gone: the next turn opens another. */
  async function ask(wishes: readonly Wish[]): Promise<boolean[]> {
    if (isClosed) throw new Error('the locks are given back');
    const keysTo = (wanted: Wish['verb']): string[] =>
      wishes.filter(({ verb }) => verb === wanted).map(({ key }) => key);
    const client = await connection();
    try {
      const { rows } = await client.query<{ taken: boolean[] }>(turn, [keysTo('free'), keysTo('take')]);
      const taken = rows[0]!.taken.values();
      return wishes.map(({ verb }) => verb !== 'take' || taken.next().value === true);
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
      wish('stay').catch(() => undefined); // It has dropped the connection.
    }, silenceMs / 4).unref();
  }
}
