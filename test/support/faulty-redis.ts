import { mkdtempSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startOnFreePort } from '../../server/platform/embedded/free-port.ts';
import { startOwnedServer, type OwnedProcess } from '../../server/platform/embedded/owned-process.ts';

const startDeadlineMs = 10_000;
const stopDeadlineMs = 5_000;

/** A real redis-server that answers when its append-only file is written, which a test may freeze, kill, rob of the end of its file, and start again. */
export type FaultyRedis = {
  url: string;
  /** Bytes of the append-only file now. */
  fileBytes(): number;
  /** SIGSTOP and SIGCONT: connections stay open, nothing answers. */
  freeze(): void;
  thaw(): void;
  /** SIGKILL, then the file is cut to `fileBytes`, as a machine that lost its power would have it; then a new start. */
  restart(fileBytes?: number): Promise<void>;
  stop(): Promise<void>;
};

/** Stop it at the end of the test; it never outlives the test's process. */
export async function startFaultyRedis(): Promise<FaultyRedis> {
  const dataDir = mkdtempSync(join(tmpdir(), 'nightmarket-faulty-redis-'));
  const { first, port } = await startOnFreePort((on) => start(dataDir, on), /could not create server TCP/i);
  let server = first;
  const signal = (name: NodeJS.Signals): unknown => process.kill(server.pid, name);

  return {
    url: `redis://127.0.0.1:${port}`,
    fileBytes: () => statSync(incrementFile(dataDir)).size,
    freeze: () => void signal('SIGSTOP'),
    thaw: () => void signal('SIGCONT'),
    async restart(fileBytes) {
      signal('SIGKILL');
      await server.exited;
      if (fileBytes !== undefined) truncateSync(incrementFile(dataDir), fileBytes);
      server = await start(dataDir, port);
    },
    async stop() {
      signal('SIGCONT');
      await server.stop(stopDeadlineMs);
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

function start(dataDir: string, port: number): Promise<OwnedProcess> {
  const config = join(dataDir, 'redis.conf');
  const lines = ['bind 127.0.0.1', `port ${port}`, `dir ${dataDir}`, 'save ""', 'appendonly yes', 'appendfsync always'];
  writeFileSync(config, lines.join('\n'));
  return startOwnedServer(
    { command: 'redis-server', args: [config], stopSignal: 'SIGTERM', onLine: () => undefined },
    { line: /ready to accept connections/i, deadlineMs: startDeadlineMs, stopDeadlineMs },
  );
}

/** Redis appends to the newest increment; small files are never rewritten. */
function incrementFile(dataDir: string): string {
  const folder = join(dataDir, 'appendonlydir');
  return join(
    folder,
    readdirSync(folder).findLast((name) => name.endsWith('.incr.aof'))!,
  );
}
