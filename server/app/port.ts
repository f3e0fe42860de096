import { createServer, type Server } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import type { Config } from './config.ts';

/** A server that was just told to stop, or whose command was just killed, may hold the port a moment longer. */
const predecessorPatienceMs = 3_000;
const pollEveryMs = 100;

/**
 * Finds out whether the port can be had, before a database is touched for a process that could not serve it.
 *
 * @throws what the system says: EADDRINUSE, EACCES for a port that is for root, EADDRNOTAVAIL.
 */
export async function refusePortInUse({ PORT, NIGHTMARKET_HOST }: Config): Promise<void> {
  const giveUpAtMs = performance.now() + predecessorPatienceMs;
  for (;;) {
    const probe = createServer();
    try {
      await listen(probe, PORT, NIGHTMARKET_HOST);
      await new Promise((resolve) => probe.close(resolve));
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || performance.now() > giveUpAtMs) throw error;
      await wait(pollEveryMs);
    }
  }
}

export const listen = (server: Server, port: number, host: string): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
