import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { freePort } from './free-port.ts';
import { canHideRoot, runsAsRoot, startOwnedProcess, type OwnedProcess } from './owned-process.ts';
import { postgresPrograms, type PostgresPrograms } from './postgres-package.ts';
import { clearPostmasterPid } from './postmaster-pid.ts';
import { secretFile } from './secret-file.ts';

export type EmbeddedPostgresOptions = {
  /** Holds the cluster and its password; made when absent. Belongs to one server at a time. */
  dataDir: string;
  /** What PostgreSQL prints, line by line. */
  log: (line: string) => void;
  /** Server settings beyond the defaults, as in postgresql.conf. */
  settings?: Record<string, string>;
};

export type EmbeddedPostgres = {
  /** Connects as the owner of everything to the database `nightmarket`; loopback only. */
  url: string;
  stop(): Promise<void>;
};

const startDeadlineMs = 60_000;
const stopDeadlineMs = 10_000;
const predecessorDeadlineMs = 10_000;
const portAttemptsMax = 3;
const name = 'nightmarket';

/**
 * Runs a PostgreSQL of its own on a folder: 0.1 s when the folder is there, about a second when it has to be made.
 *
 * The data survive restarts and crashes; the process never outlives this program.
 *
 * @throws Error with a sentence for people when the folder is in use or PostgreSQL can't run here.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  if (runsAsRoot() && !canHideRoot()) {
    throw new Error(
      'PostgreSQL does not run as root, and this machine forbids user namespaces: start as an ordinary user or set DATABASE_URL',
    );
  }
  const programs = postgresPrograms();
  mkdirSync(options.dataDir, { recursive: true, mode: 0o700 });
  const passwordFile = join(options.dataDir, 'password');
  const password = secretFile(passwordFile);
  const clusterDir = join(options.dataDir, 'cluster');

  if (!existsSync(clusterDir)) await createCluster(programs, clusterDir, passwordFile, options.log);
  await clearPostmasterPid(clusterDir, predecessorDeadlineMs);
  const { postgres, port } = await startOnFreePort(programs, clusterDir, options);

  const urlOf = (database: string): string => `postgres://${name}:${password}@127.0.0.1:${port}/${database}`;
  await createDatabaseIfAbsent(urlOf('postgres'));
  return { url: urlOf(name), stop: () => postgres.stop(stopDeadlineMs) };
}

/** Made beside its place and renamed, so that a broken start leaves nothing that looks like a cluster. */
async function createCluster(
  programs: PostgresPrograms,
  clusterDir: string,
  passwordFile: string,
  log: (line: string) => void,
): Promise<void> {
  const partial = `${clusterDir}.partial`;
  rmSync(partial, { recursive: true, force: true });
  // The built-in provider sorts the same on every platform and needs no locale of the system.
  const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  const args = [
    `--pgdata=${partial}`,
    `--username=${name}`,
    '--auth=scram-sha-256',
    `--pwfile=${passwordFile}`,
    ...locale,
  ];
  const initdb = startOwnedProcess({
    command: programs.initdb,
    args,
    stopSignal: 'SIGINT',
    hideRoot: true,
    onLine: log,
  });
  await initdb.line(/^Success\./, startDeadlineMs);
  await initdb.exited;
  renameSync(partial, clusterDir);
}

async function startOnFreePort(
  programs: PostgresPrograms,
  clusterDir: string,
  options: EmbeddedPostgresOptions,
): Promise<{ postgres: OwnedProcess; port: number }> {
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    const postgres = startPostgres(programs, clusterDir, port, options);
    try {
      await postgres.line(/ready to accept connections/, startDeadlineMs);
      return { postgres, port };
    } catch (error) {
      await postgres.stop(stopDeadlineMs);
      if (attempt >= portAttemptsMax || !/could not bind/.test(String(error))) throw error;
    }
  }
}

function startPostgres(
  programs: PostgresPrograms,
  clusterDir: string,
  port: number,
  options: EmbeddedPostgresOptions,
): OwnedProcess {
  const settings = { listen_addresses: '127.0.0.1', unix_socket_directories: '', timezone: 'UTC', ...options.settings };
  const flags = Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`]);
  return startOwnedProcess({
    command: programs.postgres,
    args: ['-D', clusterDir, '-p', `${port}`, ...flags],
    stopSignal: 'SIGINT',
    hideRoot: true,
    onLine: options.log,
  });
}

async function createDatabaseIfAbsent(url: string): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [name]);
    if (!rowCount) await client.query(`CREATE DATABASE ${name}`);
  } finally {
    await client.end();
  }
}
