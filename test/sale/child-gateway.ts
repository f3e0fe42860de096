import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { testSecrets } from '../support/app.ts';
import { eventually } from '../support/eventually.ts';

const main = fileURLToPath(new URL('../../server/main.ts', import.meta.url));

/** A gateway in a process of its own, so that it can be killed or frozen. Ends with `end()`. */
export type ChildGateway = {
  url: string;
  child: ChildProcess;
  signal(name: NodeJS.Signals): void;
  gone(): Promise<void>;
  stopped(): Promise<void>;
  end(): Promise<void>;
};

export async function startChildGateway(
  stores: { databaseUrl: string; redisUrl: string },
  env: Record<string, string> = {},
): Promise<ChildGateway> {
  const dataDir = mkdtempSync(join(tmpdir(), 'nightmarket-child-'));
  const child = fork(main, {
    stdio: 'ignore',
    env: {
      PATH: process.env['PATH'],
      NODE_ENV: 'test',
      PORT: '0',
      NIGHTMARKET_HOST: '127.0.0.1',
      NIGHTMARKET_ROLES: 'gateway',
      NIGHTMARKET_LOG_LEVEL: 'silent',
      NIGHTMARKET_DATA_DIR: dataDir,
      NIGHTMARKET_TOKEN_SECRET: testSecrets.tokenSecret,
      NIGHTMARKET_DATABASE_CONNECTIONS_MAX: '8',
      DATABASE_URL: stores.databaseUrl,
      REDIS_URL: stores.redisUrl,
      ...env,
    },
  });
  const exited = once(child, 'exit');
  const [{ ready: url }] = (await Promise.race([
    once(child, 'message'),
    exited.then(() => Promise.reject(new Error('the gateway did not start'))),
  ])) as [{ ready: string }];
  const isStopped = async (): Promise<boolean> => {
    const { readFile } = await import('node:fs/promises');
    return / T /.test((await readFile(`/proc/${child.pid}/stat`, 'utf8')).replace(/\(.*\)/, ''));
  };
  return {
    url,
    child,
    signal: (name) => void child.kill(name),
    async gone() {
      await exited;
    },
    async stopped() {
      await eventually(isStopped);
    },
    async end() {
      child.kill('SIGKILL');
      await exited;
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
