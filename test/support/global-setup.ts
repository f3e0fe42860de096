import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { createLog } from '../../server/platform/log.ts';
import { startEmbeddedPostgres } from '../../server/platform/embedded/postgres.ts';
import { migrate } from '../../server/platform/migrate.ts';
import { cachedWorkerBin } from '../../server/setup/worker-cache.mjs';
import { runSql, urlOfDatabase } from './sql.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The PostgreSQL server of this run, as a user who may create databases. */
    postgresUrl: string;
    /** The migrated database that every test database is a copy of. */
    templateDatabase: string;
    /** The mediasoup worker; null when it is not built, and then the media tests say so. */
    workerBin: string | null;
  }
}

/** The data are thrown away: nothing has to survive a power cut. */
const inMemorySpeed = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '200' };

/** Once per run of vitest: a real PostgreSQL with a migrated template database. Redis is cheap enough to start per test file. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), 'nightmarket-test-'));
  const log = (): undefined => undefined;
  const given = process.env['DATABASE_URL_TEST'];
  const postgres = given
    ? { url: given, stop: async () => undefined }
    : await startEmbeddedPostgres({ dataDir: join(folder, 'postgres'), log, settings: inMemorySpeed });

  const templateDatabase = `nightmarket_template_${process.pid}`;
  await runSql(postgres.url, `CREATE DATABASE ${templateDatabase}`);
  await migrate(urlOfDatabase(postgres.url, templateDatabase), createLog('warn'));

  project.provide('postgresUrl', postgres.url);
  project.provide('templateDatabase', templateDatabase);
  project.provide('workerBin', process.env['MEDIASOUP_WORKER_BIN'] ?? cachedWorkerBin(project.config.root));

  return async () => {
    await runSql(postgres.url, `DROP DATABASE ${templateDatabase}`);
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  };
}
