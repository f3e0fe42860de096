import { networkInterfaces } from 'node:os';

/** Of a machine with many networks (bridges of containers, tunnels) the first ones are enough. */
const addressesMax = 3;

/**
 * Where others in the network reach a server that listens on every address of its machine; none when it does not.
 *
 * @param host the address it was told to listen on
 * @param url  the address for people on this machine
 */
export function networkAddresses(host: string, url: string): string[] {
  if (host !== '0.0.0.0' && host !== '::') return [];
  const { port } = new URL(url);
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal, family }) => !internal && family === 'IPv4')
    .slice(0, addressesMax)
    .map(({ address }) => `http://${address}:${port}/`);
}
