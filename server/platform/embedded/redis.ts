import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { claimFolder } from './folder-claim.ts';
import { startOnFreePort } from './free-port.ts';
import { startJsRedis } from './js-redis.ts';
import { keepRunning } from './keep-running.ts';
import { startOwnedServer, type OwnedProcess } from './owned-process.ts';
import { programOnPath } from './program-on-path.ts';
import { secretFile } from '../secret-file.ts';
import { randomPassword } from './random-password.ts';

export type EmbeddedRedisKind = 'redis-server' | 'valkey-server' | 'js-redis-server';

export type EmbeddedRedisOptions = {
  /** Holds the append-only file and the password; made when absent. Belongs to one server at a time. */
  dataDir: string;
  /** What Redis prints, line by line. */
  log: (line: string) => void;
  /** Hears that Redis ended on its own or could not be started again. Default: `log`. */
  onTrouble?: (what: string) => void;
  /** Which one to run; without it, the first native one on PATH, else the one in JavaScript. */
  kind?: EmbeddedRedisKind;
  /** Settings beyond the defaults, as in redis.conf. */
  settings?: Record<string, string>;
};

export type EmbeddedRedis = { url: string; kind: EmbeddedRedisKind; stop(): Promise<void> };

const startDeadlineMs = 20_000;
const stopDeadlineMs = 5_000;
const predecessorDeadlineMs = 5_000;

/**
 * Runs a Redis of its own: a native server where the machine has one, else js-redis-server, which keeps nothing over a
 * restart and is several times slower. The process never outlives this program.
 *
 * The folder is claimed for the one in JavaScript too, which does not need it: of two servers on one folder, each with a Redis of
 * its own, neither would hear what happens on the other.
 *
 * @throws StartError when the folder can't be made or belongs to another server.
 */
export async function startEmbeddedRedis(options: EmbeddedRedisOptions): Promise<EmbeddedRedis> {
  const kind = options.kind ?? nativeKind() ?? 'js-redis-server';
  const claim = await claimFolder(options.dataDir, predecessorDeadlineMs);
  try {
    const { url, stop } =
      kind === 'js-redis-server' ? await startJsRedis() : await startNative(kind, options, claim.shareWith);
    return { kind, url, stop: () => stop().finally(claim.release) };
  } catch (error) {
    claim.release();
    throw error;
  }
}

const nativeKind = (): EmbeddedRedisKind | undefined =>
  (['redis-server', 'valkey-server'] as const).find((program) => programOnPath(program));

async function startNative(
  command: string,
  options: EmbeddedRedisOptions,
  onPid: (pid: number) => void,
): Promise<Omit<EmbeddedRedis, 'kind'>> {
  const password = secretFile(join(options.dataDir, 'password'), randomPassword);
  const start = (port: number): Promise<OwnedProcess> =>
    startOwnedServer(
      { command, args: [writeConfig(options, port, password)], stopSignal: 'SIGTERM', onLine: options.log, onPid },
      { line: /ready to accept connections/i, deadlineMs: startDeadlineMs, stopDeadlineMs },
    );
  const { first, port } = await startOnFreePort(start, /could not create server TCP listening socket/i);
  const redis = keepRunning({
    first,
    again: () => start(port),
    onTrouble: options.onTrouble ?? options.log,
    stopDeadlineMs,
  });
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
