import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { expect, onTestFinished, test, vi } from 'vitest';
import { clearPostmasterPid } from '../../server/platform/embedded/postmaster-pid.ts';
import { startEmbeddedPostgres } from '../../server/platform/embedded/postgres.ts';
import { eventually } from '../support/eventually.ts';
import { pathOf, startOwner } from './owner.ts';
import { folderOfFile, temporaryFolder } from '../support/temporary-folder.ts';

// Making a cluster takes a second of a whole core; the tests of other files may want that core too.
vi.setConfig({ testTimeout: 90_000 });

/** Made by the first test that needs a cluster, and good for each that does not care how old it is: making one is most of what these tests take. */
const madeDir = folderOfFile();
/** Nothing here is about losing power, and kill -9 leaves what was written to the system. */
const settings = { fsync: 'off' };
const log = (): undefined => undefined;

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

const answers = (url: string): Promise<boolean> =>
  query(url, 'SELECT').then(
    () => true,
    () => false,
  );
const postmasterPid = (dataDir: string): number =>
  Number.parseInt(readFileSync(join(dataDir, 'cluster/postmaster.pid'), 'utf8'));

test('dies with its owner even by kill -9, and the next start finds every committed row', async () => {
  const dataDir = madeDir;
  const owner = await startOwner('postgres', dataDir);
  await query(owner.url, 'CREATE TABLE sold AS SELECT 42 AS units');

  await owner.kill('SIGKILL');
  await eventually(async () => !(await answers(owner.url)));
  const postgres = await startEmbeddedPostgres({ dataDir, log, settings });
  const rows = await query(postgres.url, 'SELECT units FROM sold');
  await postgres.stop();

  expect(rows).toEqual([{ units: 42 }]);
});

test('runs for root also where user namespaces are forbidden, and again where they are allowed', async () => {
  const dataDir = temporaryFolder();
  const owner = await startOwner('postgres', dataDir, { PATH: pathOf(['sh', 'cat', 'true', 'setpriv']) });
  await query(owner.url, 'CREATE TABLE sold AS SELECT 42 AS units');

  await owner.kill('SIGKILL');
  await eventually(async () => !(await answers(owner.url)));
  const postgres = await startEmbeddedPostgres({ dataDir, log, settings });
  const rows = await query(postgres.url, 'SELECT units FROM sold');
  await postgres.stop();

  expect(rows).toEqual([{ units: 42 }]);
});

test('comes back on the same address when PostgreSQL alone is killed', async () => {
  const dataDir = madeDir;
  const postgres = await startEmbeddedPostgres({ dataDir, log, settings });
  onTestFinished(() => postgres.stop());
  const killed = postmasterPid(dataDir);

  process.kill(killed, 'SIGKILL');
  await eventually(async () => postmasterPid(dataDir) !== killed && (await answers(postgres.url)), {
    deadlineMs: 15_000,
  });
});

test('starts although the process number of a crashed PostgreSQL now belongs to another program', async () => {
  const dataDir = madeDir;
  const before = await startEmbeddedPostgres({ dataDir, log, settings });
  await before.stop();
  writeFileSync(join(dataDir, 'cluster/postmaster.pid'), `${process.pid}\n${dataDir}/cluster\n`, { mode: 0o600 });

  const postgres = await startEmbeddedPostgres({ dataDir, log, settings });
  const works = await answers(postgres.url);
  await postgres.stop();

  expect(works).toBe(true);
});

test('leaves the folder of a living server alone and says so', async () => {
  const dataDir = madeDir;
  const postgres = await startEmbeddedPostgres({ dataDir, log, settings });
  onTestFinished(() => postgres.stop());

  const second = clearPostmasterPid(join(dataDir, 'cluster'), 0);

  await expect(second).rejects.toThrow('is in use by another server');
  expect(await answers(postgres.url)).toBe(true);
});

test('two folders run side by side, and neither lets the other in', async () => {
  const [one, other] = await Promise.all([
    startEmbeddedPostgres({ dataDir: madeDir, log, settings }),
    startEmbeddedPostgres({ dataDir: temporaryFolder(), log, settings }),
  ]);
  onTestFinished(() => one.stop());
  onTestFinished(() => other.stop());
  const withOtherPassword = new URL(one.url);
  withOtherPassword.password = new URL(other.url).password;

  expect(await answers(one.url)).toBe(true);
  expect(await answers(withOtherPassword.href)).toBe(false);
});
