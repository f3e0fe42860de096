import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from './free-port.ts';
import { startJsRedis } from './js-redis.ts';
import { startOwnedProcess } from './owned-process.ts';
import { programOnPath } from './program-on-path.ts';
import { secretFile } from './secret-file.ts';

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
const portAttemptsMax = 3;

/**
 * Runs a Redis of its own: a native server where the machine has one, else js-redis-server, which keeps nothing over a
 * restart and is several times slower. The process never outlives this program.
 */
export async function startEmbeddedRedis(options: EmbeddedRedisOptions): Promise<EmbeddedRedis> {
  const kind = options.kind ?? nativeKind() ?? 'js-redis-server';
  if (kind === 'js-redis-server') return { kind, ...(await startJsRedis()) };
  mkdirSync(options.dataDir, { recursive: true, mode: 0o700 });
  return { kind, ...(await startNative(kind, options)) };
}

const nativeKind = (): EmbeddedRedisKind | undefined =>
  (['redis-server', 'valkey-server'] as const).find((program) => programOnPath(program));

async function startNative(command: string, options: EmbeddedRedisOptions): Promise<Omit<EmbeddedRedis, 'kind'>> {
  const password = secretFile(join(options.dataDir, 'password'));
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    const configFile = writeConfig(options, port, password);
    const redis = startOwnedProcess({ command, args: [configFile], stopSignal: 'SIGTERM', onLine: options.log });
    try {
      await redis.line(/ready to accept connections/i, startDeadlineMs);
      return { url: `redis://:${password}@127.0.0.1:${port}`, stop: () => redis.stop(stopDeadlineMs) };
    } catch (error) {
      await redis.stop(stopDeadlineMs);
      if (attempt >= portAttemptsMax || !/bind|in use/i.test(String(error))) throw error;
    }
  }
}

/** A file, not arguments: other users of the machine can read a command line, and with it the password. */
function writeConfig({ dataDir, settings }: EmbeddedRedisOptions, port: number, password: string): string {
  const file = join(dataDir, 'redis.conf');
  const config = {
    bind: '127.0.0.1',
    port: `${port}`,
    requirepass: password,
    dir: dataDir,
    save: '""',
    appendonly: 'yes',
    appendfsync: 'everysec',
    'maxmemory-policy': 'noeviction',
    ...settings,
  };
  const lines = Object.entries(config).map(([key, value]) => `${key} ${value}\n`);
  writeFileSync(file, lines.join(''), { mode: 0o600 });
  return file;
}
