import { existsSync, renameSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import pg from 'pg';
import { claimFolder } from './folder-claim.ts';
import { startOnFreePort } from './free-port.ts';
import { keepRunning } from './keep-running.ts';
import { startOwnedProcess, startOwnedServer, type OwnedProcess } from './owned-process.ts';
import { postgresPrograms, type PostgresPrograms } from './postgres-package.ts';
import { clearPostmasterPid } from './postmaster-pid.ts';
import { randomPassword } from './random-password.ts';
import { secretFile } from '../secret-file.ts';
import { withoutRoot } from './without-root.ts';

export type EmbeddedPostgresOptions = {
  /** Holds the cluster and its password; made when absent. Belongs to one server at a time. */
  dataDir: string;
  /** What PostgreSQL prints, line by line. */
  log: (line: string) => void;
  /** Hears that PostgreSQL ended on its own or could not be started again. Default: `log`. */
  onTrouble?: (what: string) => void;
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
const predecessorDeadlineMs = 5_000;
const name = 'nightmarket';

/**
 * Runs a PostgreSQL of its own on a folder: 0.1 s when the folder is there, about a second when it has to be made.
 *
 * The data survive restarts and crashes; the process never outlives this program.
 *
 * @throws Error with a sentence for people when the folder is in use or PostgreSQL can't run here.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const programs = postgresPrograms();
  const dataDir = resolve(options.dataDir);
  const claim = await claimFolder(dataDir, predecessorDeadlineMs);
  try {
    const { url, stop } = await startOn(dataDir, programs, options);
    return { url, stop: () => stop().finally(claim.release) };
  } catch (error) {
    claim.release();
    throw error;
  }
}

async function startOn(
  dataDir: string,
  programs: PostgresPrograms,
  options: EmbeddedPostgresOptions,
): Promise<EmbeddedPostgres> {
  const passwordFile = join(dataDir, 'password');
  const password = secretFile(passwordFile, randomPassword);
  const clusterDir = join(dataDir, 'cluster');

  if (!existsSync(clusterDir)) await createCluster(programs, clusterDir, passwordFile, options);
  const start = async (port: number): Promise<OwnedProcess> => {
    await clearPostmasterPid(clusterDir, predecessorDeadlineMs);
    return startPostgres(programs, clusterDir, port, options);
  };
  const { first, port } = await startOnFreePort(start, /could not bind/);
  const postgres = keepRunning({
    first,
    again: () => start(port),
    onTrouble: options.onTrouble ?? options.log,
    stopDeadlineMs,
  });

  const urlOf = (database: string): string => `postgres://${name}:${password}@127.0.0.1:${port}/${database}`;
  await createDatabaseIfAbsent(urlOf('postgres'));
  return { url: urlOf(name), stop: () => postgres.stop() };
}

/** Made beside its place and renamed, so that a broken start leaves nothing that looks like a cluster. */
async function createCluster(
  programs: PostgresPrograms,
  clusterDir: string,
  passwordFile: string,
  { log, settings }: EmbeddedPostgresOptions,
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
    // Whoever does without syncing later needs none now; it is most of the time on a busy disk.
    ...(settings?.['fsync'] === 'off' ? ['--no-sync'] : []),
  ];
  const initdb = startOwnedProcess({
    command: programs.initdb,
    args,
    stopSignal: 'SIGINT',
    prefix: withoutRoot(clusterDir),
    onLine: log,
  });
  await initdb.line(/^Success\./, startDeadlineMs);
  await initdb.exited;
  renameSync(partial, clusterDir);
}

async function startPostgres(
  programs: PostgresPrograms,
  clusterDir: string,
  port: number,
  { log, settings }: EmbeddedPostgresOptions,
): Promise<OwnedProcess> {
  const ours = { listen_addresses: '127.0.0.1', unix_socket_directories: '', timezone: 'UTC' };
  // Its lines go into our log, and the details of an error quote rows: e-mail addresses among them.
  const all = { ...ours, log_error_verbosity: 'terse', ...settings };
  const flags = Object.entries(all).flatMap(([key, value]) => ['-c', `${key}=${value}`]);
  const args = ['-D', clusterDir, '-p', `${port}`, ...flags];
  return startOwnedServer(
    { command: programs.postgres, args, stopSignal: 'SIGINT', prefix: withoutRoot(clusterDir), onLine: log },
    { line: /ready to accept connections/, deadlineMs: startDeadlineMs, stopDeadlineMs },
  );
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
