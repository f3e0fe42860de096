import { BlockList, isIPv4 } from 'node:net';

/** Networks that are nobody's public address, by the registries of special-purpose addresses. */
const specialV4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
];
/** Of IPv6 only this is public, without the parts that wrap an IPv4 address or are for documents. */
const globalV6 = '2000::/3';
const specialV6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'];

/**
 * Whether a message may be sent to an address: nothing of our own network is reached on behalf of a merchant, unless the operator
 * allows it.
 *
 * @param allowed  networks that may be reached all the same, as `address/bits`.
 */
export function createAddressRule(allowed: readonly string[]): (address: string) => boolean {
  const [own, v4, v6, global] = [listOf(allowed), listOf(specialV4), listOf(specialV6), listOf([globalV6])];
  return (address) => {
    if (isIPv4(address)) return own.check(address) || !v4.check(address);
    return own.check(address, 'ipv6') || (global.check(address, 'ipv6') && !v6.check(address, 'ipv6'));
  };
}

function listOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address, bits] = network.split('/') as [string, string];
    list.addSubnet(address, Number(bits), isIPv4(address) ? 'ipv4' : 'ipv6');
  }
  return list;
}
