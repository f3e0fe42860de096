import { isIPv4 } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { Config } from './config.ts';

/** Of a machine with many networks (bridges of containers, tunnels) the first ones are enough. */
const addressesMax = 3;

/**
 * Where others in the network reach a server that listens on every address of its machine; none when it does not.
 *
 * @param host the address it was told to listen on
 * @param url  the address for people on this machine
 */
export function networkAddresses(host: string, url: string): string[] {
  if (!isEvery(host)) return [];
  const { port } = new URL(url);
  return addressesInNetworks().map((address) => `http://${address}:${port}/`);
}

/**
 * Addresses media listens on, the better ones first: the one of the settings, every one behind an announced one, else those under
 * which the gateway is reached. Not the machine's own alone: phones don't reach it, and Firefox does not even try.
 */
export function mediaAddresses({
  NIGHTMARKET_MEDIA_LISTEN_IP: ip,
  NIGHTMARKET_MEDIA_ANNOUNCED_ADDRESS: announced,
  NIGHTMARKET_HOST: host,
}: Config): string[] {
  if (ip) return [ip];
  if (announced) return ['0.0.0.0'];
  const reached = isEvery(host) ? addressesInNetworks() : isIPv4(host) ? [host] : [];
  return [...new Set([...reached, '127.0.0.1'])];
}

const isEvery = (host: string): boolean => host === '0.0.0.0' || host === '::';

const addressesInNetworks = (): string[] =>
  Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal, family }) => !internal && family === 'IPv4')
    .slice(0, addressesMax)
    .map(({ address }) => address);
