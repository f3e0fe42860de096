import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { isIP, isIPv6 } from 'node:net';

/**
 * The network that limits per address count by: an IPv4 address itself, of IPv6 the first 64 bits, because one customer has
 * all addresses below them. IPv4 in IPv6's clothes (::ffff:1.2.3.4) is IPv4.
 */
export function networkOf(address: string): string {
  const bare = address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
  if (!isIPv6(bare)) return bare;
  const [head = '', tail] = bare.split('::');
  const left = head.split(':').filter(Boolean);
  const right = (tail ?? '').split(':').filter(Boolean);
  const zeros = tail === undefined ? [] : Array<string>(8 - left.length - right.length).fill('0');
  return `${[...left, ...zeros, ...right].slice(0, 4).map(withoutLeadingZeros).join(':')}::/64`;
}

const withoutLeadingZeros = (group: string): string => group.toLowerCase().replace(/^0+(?=.)/, '');

/** The network of whoever sent a request, or opened a socket with it: the one answer for all limits, bans and books. */
export function networkOfRequest(
  { headers, socket }: Pick<IncomingMessage, 'headers' | 'socket'>,
  hops: number,
): string {
  return networkOf(clientAddress(headers['x-forwarded-for'], socket.remoteAddress, hops));
}

/**
 * The client behind `hops` proxies whose header we believe. Each proxy appends, so it counts from the right; who comes to an
 * inner one passes fewer, and is the first. What is no address counts as none: each text would be a network of its own.
 */
export function clientAddress(
  forwardedFor: string | string[] | undefined,
  peer: string | undefined,
  hops: number,
): string {
  const forwarded = [forwardedFor ?? []].flat().join(',').split(',');
  const claimed = hops > 0 ? withoutPort(forwarded.at(-Math.min(hops, forwarded.length))!.trim()) : '';
  return isIP(claimed) ? claimed : (peer ?? 'unknown');
}

/** Some proxies write `1.2.3.4:5678` or `[2001:db8::1]:5678`. */
const withoutPort = (entry: string): string =>
  /^\[([^\]]+)\](?::\d+)?$/.exec(entry)?.[1] ?? /^([\d.]+):\d+$/.exec(entry)?.[1] ?? entry;

/**
 * The address by which a client reached us, `http://192.168.1.7:8080`: what another device of the same network can use too.
 * A client may claim any; it only ever reads it back. Undefined when it named none.
 */
export function addressReached(
  { host, 'x-forwarded-proto': forwardedProto }: IncomingHttpHeaders,
  hops: number,
): string | undefined {
  if (!host) return undefined;
  const https = hops > 0 && /^https\b/i.test([forwardedProto ?? ''].flat()[0]!);
  return `${https ? 'https' : 'http'}://${host}`;
}
