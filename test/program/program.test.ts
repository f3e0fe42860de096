import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { request, type IncomingMessage } from 'node:http';
import { connect, createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { afterEach, describe, expect, inject, onTestFinished, test } from 'vitest';
import { newId } from '../../shared/ids.ts';
import { freshStores, guest, mediaToken, openSocket, testSecrets } from '../support/app.ts';
import { compileCache } from '../support/compile-cache.ts';
import { eventually } from '../support/eventually.ts';
import { runSql } from '../support/sql.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const started: ChildProcess[] = [];
afterEach(async () => {
  for (const child of started.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }
});

/** The program itself, as `npm start` runs it, with nothing but these settings. */
function run(settings: Record<string, string>) {
  const environment = {
    PATH: process.env['PATH'],
    HOME: process.env['HOME'],
    NIGHTMARKET_HOST: '127.0.0.1',
    NIGHTMARKET_LOG_LEVEL: 'error',
    NODE_COMPILE_CACHE: compileCache,
    ...settings,
  };
  const child = spawn(process.execPath, ['server/main.ts'], {
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    // A process group of its own, as a shell gives it.
    detached: true,
  });
  started.push(child);
  let output = '';
  child.stdout!.on('data', (data: Buffer) => (output += data.toString()));
  child.stderr!.on('data', (data: Buffer) => (output += data.toString()));
  return {
    child,
    output: () => output,
    ready: async (): Promise<string> => {
      const [message] = (await once(child, 'message')) as [{ ready: string }];
      return message.ready;
    },
    ended: async (): Promise<number | null> => {
      const [code] = (await once(child, 'exit')) as [number | null];
      return code;
    },
  };
}

/** A registration that the server has begun to read: it has asked for the body, which `finish` sends. Resolves to the status. */
async function begunRegistration(url: string): Promise<{ finish: () => Promise<number> }> {
  const email = `begun-${newId()}@example.test`;
  const body = JSON.stringify({ name: 'Begun', email, password: 'correct horse battery' });
  const headers = { 'content-type': 'application/json', 'content-length': body.length, expect: '100-continue' };
  const sent = request(`${url}/api/session/register`, { method: 'POST', headers });
  sent.flushHeaders();
  await once(sent, 'continue');
  return {
    finish: async () => {
      sent.end(body);
      const [response] = (await once(sent, 'response')) as [IncomingMessage];
      response.resume();
      return response.statusCode!;
    },
  };
}

/** The log among what the program printed. */
const linesOf = (output: string): { level: number }[] =>
  output
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as { level: number });
const infoLevel = 30;

const settingsOf = ({ databaseUrl, redisUrl }: { databaseUrl: string; redisUrl: string }) => ({
  PORT: '0',
  DATABASE_URL: databaseUrl,
  REDIS_URL: redisUrl,
  NIGHTMARKET_TOKEN_SECRET: testSecrets.tokenSecret,
  NIGHTMARKET_PAYMENT_WEBHOOK_SECRET: testSecrets.paymentWebhookSecret,
});

describe('the program', () => {
  test('says where it is, tells open sockets that it stops, and ends with 0', async () => {
    const program = run(settingsOf(await freshStores()));
    const url = await program.ready();
    const socket = await openSocket({ url }, await guest({ url }));
    const told = new Promise((resolve) => socket.once('session:ended', resolve));

    const ended = program.ended();
    program.child.kill('SIGTERM');

    expect(await told).toEqual({ code: 'DRAINING' });
    expect(await ended).toBe(0);
    expect(program.output()).toContain(url);
    socket.close();
  });

  test('somebody who never finishes their request does not hold up the stop', async () => {
    const program = run({ ...settingsOf(await freshStores()), NIGHTMARKET_STOP_SECONDS: '5' });
    const { port } = new URL(await program.ready());
    const slow = connect(Number(port), '127.0.0.1');
    slow.on('error', () => undefined);
    slow.write(
      'POST /api/session/guest HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{',
    );
    await once(slow, 'connect');

    const ended = program.ended();
    program.child.kill('SIGTERM');

    expect(await ended).toBe(0);
    expect(program.output()).not.toContain('did not close');
    slow.destroy();
  });

  test('two processes share the work: a gateway for people, a worker that serves no commands', async () => {
    const settings = settingsOf(await freshStores());
    const [gateway, worker] = [
      run({ ...settings, NIGHTMARKET_ROLES: 'gateway' }),
      run({ ...settings, NIGHTMARKET_ROLES: 'worker' }),
    ];
    const [gatewayUrl, workerUrl] = await Promise.all([gateway.ready(), worker.ready()]);

    expect((await guest({ url: gatewayUrl }, 'Ana')).person.name).toBe('Ana');
    expect((await fetch(`${workerUrl}/readyz`)).status).toBe(200);
    expect((await fetch(`${workerUrl}/api/session/guest`, { method: 'POST' })).status).toBe(404);
    expect((await fetch(`${workerUrl}/api/webhooks/payments/sandbox`, { method: 'POST' })).status).toBe(404);

    const ended = Promise.all([gateway.ended(), worker.ended()]);
    for (const { child } of [gateway, worker]) child.kill('SIGTERM');
    expect(await ended).toEqual([0, 0]);
    expect(gateway.output() + worker.output()).not.toContain('did not close');
  });

  test('a host for media is told no secret but one, and has no database: in production, too', async () => {
    const folder = join(temporaryFolder(), 'none');
    const program = run({
      PORT: '0',
      NODE_ENV: 'production',
      NIGHTMARKET_ROLES: 'media',
      NIGHTMARKET_MEDIA_TOKEN: mediaToken,
      NIGHTMARKET_MEDIA_WORKERS: '1',
      NIGHTMARKET_DATA_DIR: folder,
      MEDIASOUP_WORKER_BIN: inject('workerBin')!,
    });
    const url = await program.ready();

    const partsOf = async () => (await (await fetch(`${url}/readyz`)).json()) as object;
    await eventually(async () =>
      isDeepStrictEqual(await partsOf(), { ready: true, closing: false, parts: { media: 'ok' } }),
    );
    const ask = (verb: string, token: string) =>
      fetch(`${url}/internal/media/${verb}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body: '{}',
      });
    expect(await (await ask('rooms', mediaToken)).json()).toEqual({ ok: true, data: { rooms: [] } });
    expect((await ask('rooms', 'a guess')).status).toBe(401);
    expect((await fetch(`${url}/api/session`)).status).toBe(404);
    expect((await fetch(`${url}/metrics`)).status).toBe(404);

    const ended = program.ended();
    program.child.kill('SIGTERM');
    expect(await ended).toBe(0);
    expect(existsSync(folder)).toBe(false);
  });

  test.each([
    [
      'unknown and malformed settings',
      { NIGHTMARKET_PROT: '1', PORT: 'x', MEDIASOUP_WORKER_BIN: '/nope' },
      /(?=[^]*- NIGHTMARKET_PROT: )(?=[^]*- PORT: )(?=[^]*- MEDIASOUP_WORKER_BIN: there is no program)/,
    ],
    ['production without its settings', { NODE_ENV: 'production' }, /DATABASE_URL: must be set/],
    [
      'a database that does not answer',
      { DATABASE_URL: 'postgres://u:p@127.0.0.1:1/x', REDIS_URL: 'redis://127.0.0.1:1' },
      /does not answer/,
    ],
    [
      'a name that is nobody’s',
      { NIGHTMARKET_HOST: 'nobody.invalid' },
      /^The address in NIGHTMARKET_HOST can't be found/m,
    ],
    [
      'an address for media that is elsewhere',
      { NIGHTMARKET_MEDIA_LISTEN_IP: '203.0.113.9' },
      /^Media can't listen on the address in NIGHTMARKET_MEDIA_LISTEN_IP/m,
    ],
  ])('%s stop the start with a sentence and no stack', async (_what, settings, sentence) => {
    const program = run({ PORT: '0', ...settings });

    expect(await program.ended()).toBe(1);
    expect(program.output()).toMatch(sentence);
    expect(program.output()).not.toMatch(/\n\s+at /);
  });

  test.each(['/proc/nightmarket', '/dev/null/nightmarket'])(
    'a data folder that can not be made (%s) is told',
    async (folder) => {
      const program = run({ PORT: '0', NIGHTMARKET_DATA_DIR: folder });

      expect(await program.ended()).toBe(1);
      expect(program.output()).toMatch(/The folder .* can't be made .*NIGHTMARKET_DATA_DIR/);
      expect(program.output()).not.toMatch(/\n\s+at /);
    },
  );

  test('a Redis that does not answer is told', async () => {
    const program = run({ ...settingsOf(await freshStores()), REDIS_URL: 'redis://127.0.0.1:1' });

    expect(await program.ended()).toBe(1);
    expect(program.output()).toMatch(/Redis can't be used \(.*\): check REDIS_URL/);
    expect(program.output()).not.toMatch(/\n\s+at /);
  });

  test('a database name that does not exist is told', async () => {
    const settings = settingsOf(await freshStores());
    const program = run({ ...settings, DATABASE_URL: settings.DATABASE_URL.replace(/[^/]+$/, 'no_such_shop') });

    expect(await program.ended()).toBe(1);
    expect(program.output()).toContain('does not exist');
  });

  test('a port in use is told, before any database is asked', async () => {
    const blocker = createServer().listen(0, '127.0.0.1');
    await once(blocker, 'listening');
    const { port } = blocker.address() as AddressInfo;
    const noDatabase = { DATABASE_URL: 'postgres://u:p@127.0.0.1:1/x', REDIS_URL: 'redis://127.0.0.1:1' };
    const program = run({ ...noDatabase, PORT: String(port) });

    expect(await program.ended()).toBe(1);
    expect(program.output().trim()).toMatch(/^The port is already in use: set PORT to another one\. .*$/);
    blocker.close();
  });

  test('a port that its last holder is just leaving is waited for', async () => {
    const leaving = createServer().listen(0, '127.0.0.1');
    await once(leaving, 'listening');
    const { port } = leaving.address() as AddressInfo;
    const program = run({ ...settingsOf(await freshStores()), PORT: String(port), NIGHTMARKET_LOG_LEVEL: 'info' });

    await eventually(() => program.output().includes('starting'));
    leaving.close();

    expect(await program.ready()).toContain(`:${port}`);
  });

  test('a wrong password and a user who owns nothing are told', async () => {
    const settings = settingsOf(await freshStores());
    const stranger = `stranger_${process.pid}`;
    await runSql(settings.DATABASE_URL, `CREATE ROLE ${stranger} LOGIN PASSWORD 'right'`);
    const as = (password: string): string => {
      const url = new URL(settings.DATABASE_URL);
      [url.username, url.password] = [stranger, password];
      return url.href;
    };
    const [wrong, powerless] = [as('wrong'), as('right')].map((url) => run({ ...settings, DATABASE_URL: url }));

    expect(await Promise.all([wrong!.ended(), powerless!.ended()])).toEqual([1, 1]);
    expect(wrong!.output().trim()).toMatch(/^PostgreSQL refused the password in DATABASE_URL: .*$/);
    expect(powerless!.output().trim()).toMatch(/^The user in DATABASE_URL must own the database or its schema: .*$/);
    await runSql(settings.DATABASE_URL, `DROP ROLE ${stranger}`);
  });

  test(
    'Ctrl-C, which a terminal sends to everything at once, ends in good order: what has begun is answered',
    { timeout: 60_000 },
    async () => {
      const program = run({
        PORT: '0',
        NIGHTMARKET_ROLES: 'gateway,worker',
        NIGHTMARKET_DATA_DIR: temporaryFolder(),
        NIGHTMARKET_LOG_LEVEL: 'info',
        NIGHTMARKET_STOP_SECONDS: '30',
      });
      const url = await program.ready();
      const socket = await openSocket({ url }, await guest({ url }));
      const told = new Promise((resolve) => socket.once('session:ended', resolve));
      const registrations = await Promise.all(Array.from({ length: 8 }, () => begunRegistration(url)));

      const ended = program.ended();
      process.kill(-program.child.pid!, 'SIGINT');
      // npm passes it on once more.
      await eventually(() => program.output().includes('stopping'));
      program.child.kill('SIGINT');
      // Hashing the passwords takes a while, and each needs the database afterwards.
      const statuses = await Promise.all(registrations.map((registration) => registration.finish()));

      expect(statuses).toEqual(registrations.map(() => 200));
      expect(await told).toEqual({ code: 'DRAINING' });
      expect(await ended).toBe(0);
      expect(linesOf(program.output()).filter(({ level }) => level > infoLevel)).toEqual([]);
      socket.close();
    },
  );

  test(
    'an embedded database that hangs does not hold up the stop for long, and does not stay',
    { timeout: 60_000 },
    async () => {
      const dataDir = temporaryFolder();
      const { REDIS_URL, PORT } = settingsOf(await freshStores());
      const program = run({ PORT, REDIS_URL, NIGHTMARKET_DATA_DIR: dataDir, NIGHTMARKET_STOP_SECONDS: '1' });
      await program.ready();
      const postgres = Number.parseInt(readFileSync(join(dataDir, 'postgres/cluster/postmaster.pid'), 'utf8'));
      process.kill(postgres, 'SIGSTOP');
      const goOn = (): unknown => existsSync(`/proc/${postgres}`) && process.kill(postgres, 'SIGCONT');
      onTestFinished(() => void goOn());

      const ended = program.ended();
      program.child.kill('SIGTERM');

      expect(await ended).toBe(1);
      expect(program.output()).toContain('the stop took too long');
      goOn();
      await eventually(() => !existsSync(`/proc/${postgres}`));
    },
  );

  test('it refuses a database that a newer version has migrated', async () => {
    const stores = await freshStores();
    const { default: pg } = await import('pg');
    const client = new pg.Client(stores.databaseUrl);
    await client.connect();
    await client.query(`INSERT INTO migrations (name, run_on) VALUES ('9999_from-the-future', now())`);
    await client.end();
    const program = run(settingsOf(stores));

    expect(await program.ended()).toBe(1);
    expect(program.output()).toContain('newer version');
  });
});
