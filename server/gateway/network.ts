import type { IncomingHttpHeaders } from 'node:http';
import { isIPv6 } from 'node:net';

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

/** The client behind `hops` proxies whose header we believe. Each proxy appends, so it counts from the right. */
export function clientAddress(
  forwardedFor: string | string[] | undefined,
  peer: string | undefined,
  hops: number,
): string {
  const forwarded = [forwardedFor ?? []].flat().join(',').split(',');
  const claimed = hops > 0 ? forwarded.at(-hops)?.trim() : undefined;
  return claimed || (peer ?? 'unknown');
}

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
