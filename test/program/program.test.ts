import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { testSecrets, freshStores, guest, openSocket } from '../support/app.ts';

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
    ...settings,
  };
  const child = spawn(process.execPath, ['server/main.ts'], {
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
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

const settingsOf = ({ databaseUrl, redisUrl }: { databaseUrl: string; redisUrl: string }) => ({
  PORT: '0',
  DATABASE_URL: databaseUrl,
  REDIS_URL: redisUrl,
  NIGHTMARKET_TOKEN_SECRET: testSecrets.tokenSecret,
  NIGHTMARKET_MEDIA_TOKEN: testSecrets.mediaToken,
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
    const startedMs = performance.now();

    const ended = program.ended();
    program.child.kill('SIGTERM');

    expect(await ended).toBe(0);
    expect(performance.now() - startedMs).toBeLessThan(5_000);
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
    expect(program.output()).toMatch(/Redis can not be used: .*Check REDIS_URL/);
    expect(program.output()).not.toMatch(/\n\s+at /);
  });

  test('a database name that does not exist is told', async () => {
    const settings = settingsOf(await freshStores());
    const program = run({ ...settings, DATABASE_URL: settings.DATABASE_URL.replace(/[^/]+$/, 'no_such_shop') });

    expect(await program.ended()).toBe(1);
    expect(program.output()).toContain('does not exist');
  });

  test('a port in use is told', async () => {
    const blocker = createServer().listen(0, '127.0.0.1');
    await once(blocker, 'listening');
    const { port } = blocker.address() as AddressInfo;
    const program = run({ ...settingsOf(await freshStores()), PORT: String(port) });

    expect(await program.ended()).toBe(1);
    expect(program.output()).toContain('already in use');
    blocker.close();
  });

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
