import pg from 'pg';
import type { Log } from './log.ts';

export type Db = pg.Pool;
export type DbClient = pg.PoolClient;
/** A pool or a client inside a transaction: what a statement needs, no more. */
export type Queryable = Pick<pg.Pool, 'query'>;

export type PostgresOptions = {
  url: string;
  log: Log;
  /** Connections at the most; PostgreSQL's default allows 100 over all processes. */
  connectionsMax?: number;
  /** A statement is cancelled by the server after this many ms. */
  statementTimeoutMs?: number;
  /** A statement that waits for a row or a table for so many ms is cancelled. Default: it waits as long as it may take. */
  lockTimeoutMs?: number;
};

// bigint (int8) as a number: money and counts here stay inside the safe integers, and a CHECK or zod guards the edge.
pg.types.setTypeParser(pg.types.builtins.INT8, (text) => {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`int8 ${text} is outside the safe integers`);
  return value;
});

/** Column of an instant as Unix ms. */
export const msOf = (column: string): string => `floor(extract(epoch FROM ${column}) * 1000)::bigint`;

/**
 * How a server notices that a client's host is gone, which ends no connection: within half a minute instead of its default two hours, for
 * what the connection holds (advisory locks, rows) is held until then.
 */
export const lostClientOptions = Object.entries({
  tcp_keepalives_idle: 10,
  tcp_keepalives_interval: 5,
  tcp_keepalives_count: 3,
  tcp_user_timeout: 20_000,
})
  .map(([name, value]) => `-c ${name}=${value}`)
  .join(' ');

/** A pool with time limits everywhere, which survives the loss of its server. */
export function createPostgres({
  url,
  log,
  connectionsMax = 20,
  statementTimeoutMs = 10_000,
  lockTimeoutMs,
}: PostgresOptions): Db {
  const pool = new pg.Pool({
    connectionString: url,
    max: connectionsMax,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 30_000,
    statement_timeout: statementTimeoutMs,
    ...(lockTimeoutMs !== undefined && { lock_timeout: lockTimeoutMs }),
    // The server's limit is no help when the network between us is gone.
    query_timeout: statementTimeoutMs + 2_000,
    keepAlive: true,
    options: lostClientOptions,
    idle_in_transaction_session_timeout: 30_000,
    application_name: 'nightmarket',
  });
  // Closing resolves before the last socket is gone: one that its server cuts after that is no news.
  const lost = (error: Error): void => {
    if (!pool.ending) log.warn({ err: error }, 'PostgreSQL connection lost');
  };
  // Each tells for itself, idle or not: one that is checked out would take the process down without a listener.
  pool.on('connect', (client) => client.on('error', lost));
  pool.on('error', () => undefined);
  return pool;
}

/**
 * Runs `work` in one transaction: commit when it returns, rollback when it throws.
 *
 * A failing COMMIT is thrown as it came: whether the transaction happened is then unknown, and the caller must ask by key.
 */
export async function inTransaction<T>(db: Db, work: (client: DbClient) => Promise<T>): Promise<T> {
  const client = await db.connect();
  let broken: Error | undefined;
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch((failure: unknown) => {
      broken = failure instanceof Error ? failure : new Error(String(failure));
    });
    throw error;
  } finally {
    client.release(broken);
  }
}

/** True when `error` is PostgreSQL's refusal by the named unique or check constraint. */
export function violates(error: unknown, constraint: string): boolean {
  return error instanceof pg.DatabaseError && error.constraint === constraint;
}
