import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { testSecrets } from './app.ts';
import { compileCache } from './compile-cache.ts';
import { eventually } from './eventually.ts';

/** The server as a process of its own, which a test may kill or freeze. */
export type ChildGateway = {
  url: string;
  pid: number;
  /** SIGKILL: it ends where it stands. Resolves when it is gone. */
  kill(): Promise<void>;
  /** SIGTERM: drains and stops. Resolves with its exit code. */
  stop(): Promise<number | null>;
  /** Resolves when it has ended by itself, at a crash point. */
  gone(): Promise<void>;
  /** Resolves when it has fallen asleep by itself, at a crash point. */
  stopped(): Promise<void>;
  /** SIGSTOP and SIGCONT: sockets stay open, nothing answers. */
  freeze(): void;
  thaw(): void;
};

const readyDeadlineMs = 60_000;
const main = fileURLToPath(new URL('../../server/main.ts', import.meta.url));

/**
 * Starts server/main.ts over these databases with the secrets of the tests, so that sessions of `startTestApp` are good on it
 * too. Kill or stop it in the test that started it; it never outlives the test's process.
 *
 * @throws Error with what it printed when it ends before it is ready.
 */
export async function startChildGateway(
  stores: { databaseUrl: string; redisUrl: string },
  settings: Record<string, string> = {},
): Promise<ChildGateway> {
  const child = spawn(process.execPath, [main], {
    env: {
      PATH: process.env['PATH'],
      NODE_ENV: 'test',
      NODE_COMPILE_CACHE: compileCache,
      PORT: '0',
      NIGHTMARKET_HOST: '127.0.0.1',
      NIGHTMARKET_ROLES: 'gateway,worker',
      NIGHTMARKET_LOG_LEVEL: 'warn',
      NIGHTMARKET_STOP_SECONDS: '3',
      NIGHTMARKET_DATABASE_CONNECTIONS_MAX: '8',
      NIGHTMARKET_TOKEN_SECRET: testSecrets.tokenSecret,
      NIGHTMARKET_PAYMENT_WEBHOOK_SECRET: testSecrets.paymentWebhookSecret,
      DATABASE_URL: stores.databaseUrl,
      REDIS_URL: stores.redisUrl,
      ...settings,
    },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => (output = (output + chunk.toString()).slice(-4_000)));
  const ended = once(child, 'exit') as Promise<[number | null]>;
  const dieTogether = (): unknown => child.kill('SIGKILL');
  process.once('exit', dieTogether);
  void ended.then(() => process.off('exit', dieTogether));

  const late = setTimeout(() => child.kill('SIGKILL'), readyDeadlineMs);
  const [message] = (await Promise.race([once(child, 'message'), ended.then(() => [null])])) as [
    { ready: string } | null,
  ];
  clearTimeout(late);
  if (!message) throw new Error(`the gateway ended before it was ready:\n${output}`);

  return {
    url: message.ready,
    pid: child.pid!,
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
    async gone() {
      await ended;
    },
    async stopped() {
      await eventually(() => isStopped(child.pid!));
    },
    async stop() {
      child.kill('SIGCONT');
      child.kill('SIGTERM');
      return (await ended)[0];
    },
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
  };
}

/** The state stands behind the name of the program, which is in brackets. */
const isStopped = async (pid: number): Promise<boolean> =>
  (await readFile(`/proc/${pid}/stat`, 'utf8')).replace(/\(.*\)/, '').includes(' T ');
