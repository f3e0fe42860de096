import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { startOnFreePort } from './free-port.ts';
import { startJsRedis } from './js-redis.ts';
import { keepRunning } from './keep-running.ts';
import { startOwnedServer, type OwnedProcess } from './owned-process.ts';
import { programOnPath } from './program-on-path.ts';
import { makeFolder } from '../make-folder.ts';
import { secretFile } from '../secret-file.ts';
import { randomPassword } from './random-password.ts';

export type EmbeddedRedisKind = 'redis-server' | 'valkey-server' | 'js-redis-server';

export type EmbeddedRedisOptions = {
  /** Holds the append-only file and the password; made when absent. Belongs to one server at a time. */
  dataDir: string;
  /** What Redis prints, line by line. */
  log: (line: string) => void;
  /** Which one to run; without it, the first native one on PATH, else the one in JavaScript. */
  kind?: EmbeddedRedisKind;
  /** Settings beyond the defaults, as in redis.conf. */
  settings?: Record<string, string>;
};

export type EmbeddedRedis = { url: string; kind: EmbeddedRedisKind; stop(): Promise<void> };

const startDeadlineMs = 20_000;
const stopDeadlineMs = 5_000;

/**
 * Runs a Redis of its own: a native server where the machine has one, else js-redis-server, which keeps nothing over a
 * restart and is several times slower. The process never outlives this program.
 */
export async function startEmbeddedRedis(options: EmbeddedRedisOptions): Promise<EmbeddedRedis> {
  const kind = options.kind ?? nativeKind() ?? 'js-redis-server';
  if (kind === 'js-redis-server') return { kind, ...(await startJsRedis()) };
  makeFolder(options.dataDir);
  return { kind, ...(await startNative(kind, options)) };
}

const nativeKind = (): EmbeddedRedisKind | undefined =>
  (['redis-server', 'valkey-server'] as const).find((program) => programOnPath(program));

async function startNative(command: string, options: EmbeddedRedisOptions): Promise<Omit<EmbeddedRedis, 'kind'>> {
  const password = secretFile(join(options.dataDir, 'password'), randomPassword);
  const start = (port: number): Promise<OwnedProcess> =>
    startOwnedServer(
      { command, args: [writeConfig(options, port, password)], stopSignal: 'SIGTERM', onLine: options.log },
      { line: /ready to accept connections/i, deadlineMs: startDeadlineMs, stopDeadlineMs },
    );
  const { first, port } = await startOnFreePort(start, /could not create server TCP listening socket/i);
  const redis = keepRunning({ first, again: () => start(port), log: options.log, stopDeadlineMs });
  return { url: `redis://:${password}@127.0.0.1:${port}`, stop: () => redis.stop() };
}

/** A file, not arguments: other users of the machine can read a command line, and with it the password. */
function writeConfig({ dataDir, settings }: EmbeddedRedisOptions, port: number, password: string): string {
  const file = join(dataDir, 'redis.conf');
  const config = {
    bind: '127.0.0.1',
    port: `${port}`,
    requirepass: password,
    dir: resolve(dataDir),
    save: '',
    appendonly: 'yes',
    appendfsync: 'everysec',
    'maxmemory-policy': 'noeviction',
    ...settings,
  };
  const lines = Object.entries(config).map(([key, value]) => `${key} ${JSON.stringify(value)}\n`);
  writeFileSync(file, lines.join(''), { mode: 0o600 });
  return file;
}
