import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';

const attemptsMax = 3;

/**
 * Starts a server that has to be told its port on a free one. Another program may take the port between the look and
 * the start; a failure that says so (`taken`) is tried again on another port.
 */
export async function startOnFreePort<Server>(
  start: (port: number) => Promise<Server>,
  taken: RegExp,
): Promise<{ first: Server; port: number }> {
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    try {
      return { first: await start(port), port };
    } catch (error) {
      if (attempt >= attemptsMax || !taken.test(String(error))) throw error;
    }
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}
