import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, isIPv6, type Server } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { StartError } from '../platform/start-error.ts';
import type { Config } from './config.ts';

/** A server that was just told to stop, or whose command was just killed, may hold the port a moment longer. */
const predecessorPatienceMs = 3_000;
const pollEveryMs = 100;

/**
 * Finds out whether the port can be had, before a database is touched for a process that could not serve it.
 *
 * @throws what the system says: EADDRINUSE, EACCES for a port that is for root, EADDRNOTAVAIL; StartError for a name nobody has.
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
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
        throw new StartError(`The address in NIGHTMARKET_HOST can't be found: ${NIGHTMARKET_HOST}`, { cause: error });
      if (code !== 'EADDRINUSE' || performance.now() > giveUpAtMs) throw error;
      await wait(pollEveryMs);
    }
  }
}

/** @throws StartError when media is to listen on an address that this machine does not have. */
export async function refuseForeignMediaAddress({
  NIGHTMARKET_ROLES,
  NIGHTMARKET_MEDIA_LISTEN_IP: ip,
}: Config): Promise<void> {
  if (!ip || !NIGHTMARKET_ROLES.includes('media')) return;
  const probe = createSocket(isIPv6(ip) ? 'udp6' : 'udp4');
  try {
    probe.bind(0, ip);
    await once(probe, 'listening');
  } catch (error) {
    const { message } = error as Error;
    throw new StartError(`Media can't listen on the address in NIGHTMARKET_MEDIA_LISTEN_IP. (${message})`, {
      cause: error,
    });
  } finally {
    probe.close();
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

/**
 * Closes the port and the connections without a request, and resolves when the requests that are there have been answered.
 *
 * A connection that is kept open may hold the next request already, sent before its sender could know of the stop: without a few
 * turns of the event loop to read it, it would be cut off unanswered.
 */
export async function closePort(server: Server): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise(setImmediate);
  await new Promise((resolve) => server.close(resolve));
}
