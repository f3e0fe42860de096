import { isIP, isIPv4 } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { TransportListenInfo } from 'mediasoup/types';
import type { Config } from './config.ts';

/** Of a machine with many networks. Each is a socket of every media worker, and a line of every answer to a player. */
const addressesMax = 4;
/** Networks of containers, virtual machines and tunnels: others in the room are not there. */
const inside = /^(docker|br-|veth|virbr|vmnet|vbox|cni|flannel|cali|podman|tun|tap|utun|wg)/;

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
  const reached = isEvery(host) ? addressesInNetworks(host === '::') : isIPv4(host) ? [host] : [];
  return [...new Set([...reached, '127.0.0.1'])];
}

/**
 * Where media takes and sends the streams of rooms that it shares with other hosts. Packets come from the address they are expected
 * from, or are not taken: so it is one address, listened on where it is this machine's own.
 */
export function relayListenInfo(config: Config): TransportListenInfo {
  const { NIGHTMARKET_MEDIA_ANNOUNCED_ADDRESS: announced = '', NIGHTMARKET_MEDIA_RELAY_PORTS: portRange } = config;
  const [reached] = [...mediaAddresses(config), ...addressesInNetworks()].filter((address) => !isEvery(address));
  const ip = config.NIGHTMARKET_MEDIA_RELAY_IP ?? (isIP(announced) ? announced : (reached ?? '127.0.0.1'));
  const isOwn = Object.values(networkInterfaces()).some((own) => own?.some(({ address }) => address === ip));
  return {
    protocol: 'udp',
    ...(isOwn ? { ip } : { ip: isIPv4(ip) ? '0.0.0.0' : '::', announcedAddress: ip }),
    ...(portRange ? { portRange } : {}),
  };
}

const isEvery = (host: string): boolean => host === '0.0.0.0' || host === '::';

/** The better ones first. IPv6 where the gateway has it as well, and without the addresses of one link, which need its name too. */
const addressesInNetworks = (alsoIPv6 = false): string[] =>
  Object.entries(networkInterfaces())
    .toSorted(([one], [other]) => Number(inside.test(one)) - Number(inside.test(other)))
    .flatMap(([, addresses]) => addresses ?? [])
    .filter(
      ({ internal, family, address }) => !internal && (family === 'IPv4' || (alsoIPv6 && !/^fe80:/i.test(address))),
    )
    .slice(0, addressesMax)
    .map(({ address }) => address);
