import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { runner } from 'node-pg-migrate';
import pg from 'pg';
import { migrateJobs } from './jobs.ts';
import type { Log } from './log.ts';
import { lostClientOptions } from './postgres.ts';
import { postgresSentence } from './postgres-trouble.ts';
import { StartError } from './start-error.ts';

const folder = fileURLToPath(new URL('../migrations', import.meta.url));
const table = 'migrations';

/**
 * Brings the database to the schema of this version: numbered .sql files, forward only, all in one transaction, under an
 * advisory lock, so that any number of processes may start at once.
 *
 * @throws StartError when PostgreSQL can't be used, or was migrated by a newer version: running on it could lose data.
 */
export async function migrate(databaseUrl: string, log: Log): Promise<void> {
  const client = await connected(databaseUrl);
  client.on('error', (error) => log.warn({ err: error }, 'PostgreSQL connection lost while migrating'));
  try {
    await refuseNewer(client);
    const applied = await runner({
      dbClient: client,
      dir: folder,
      direction: 'up',
      migrationsTable: table,
      // Numbers are ranges of areas, so a later version may bring one below those that ran.
      checkOrder: false,
      advisoryLockMode: 'wait',
      logger: { info: () => undefined, warn: log.warn.bind(log), error: log.error.bind(log) },
    });
    if (applied.length > 0) log.info({ applied: applied.map(({ name }) => name) }, 'database migrated');
  } finally {
    await client.end();
  }
  await migrateJobs(databaseUrl, log);
}

/** The first word with PostgreSQL at a start: whatever goes wrong here is in the address, or at the other end of it. */
async function connected(databaseUrl: string): Promise<pg.Client> {
  try {
    const client = new pg.Client({
      connectionString: databaseUrl,
      connectionTimeoutMillis: 5_000,
      options: lostClientOptions,
    });
    await client.connect();
    return client;
  } catch (error) {
    const { message } = error as Error;
    const sentence = postgresSentence(error) ?? `PostgreSQL can't be used (${message}): check DATABASE_URL.`;
    throw new StartError(sentence, { cause: error });
  }
}

async function refuseNewer(client: pg.Client): Promise<void> {
  const { rows: tables } = await client.query<{ exists: boolean }>(`SELECT to_regclass($1) IS NOT NULL AS exists`, [
    table,
  ]);
  if (!tables[0]?.exists) return;
  const known = new Set((await readdir(folder)).map((file) => file.replace(/\.sql$/, '')));
  const { rows } = await client.query<{ name: string }>(`SELECT name FROM ${table} ORDER BY id`);
  const foreign = rows.map(({ name }) => name).filter((name) => !known.has(name));
  if (foreign.length === 0) return;
  throw new StartError(
    `The database was migrated by a newer version of Nightmarket (${foreign.join(', ')}): update the server.`,
  );
}
