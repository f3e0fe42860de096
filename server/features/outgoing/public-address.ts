import { BlockList, isIPv4 } from 'node:net';
import type { ErrorReason } from '../../../shared/errors.ts';

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

/** `own`: of a network that the operator allows. `refused`: of any other that is nobody's public address. */
export type AddressKind = 'public' | 'own' | 'refused';
export type AddressRule = (address: string) => AddressKind;

/**
 * Tells addresses apart: nothing of our own network is reached on behalf of a merchant, unless the operator allows it.
 *
 * @param allowed  networks that may be reached all the same, as `address/bits`.
 */
export function createAddressRule(allowed: readonly string[]): AddressRule {
  const [own, v4, v6, global] = [listOf(allowed), listOf(specialV4), listOf(specialV6), listOf([globalV6])];
  const isPublicV6 = (address: string): boolean => global.check(address, 'ipv6') && !v6.check(address, 'ipv6');
  return (address) => {
    const family = isIPv4(address) ? 'ipv4' : 'ipv6';
    if (own.check(address, family)) return 'own';
    return (family === 'ipv4' ? !v4.check(address) : isPublicV6(address)) ? 'public' : 'refused';
  };
}

/** Why an address may not be reached: for programs, and in words for the merchant. */
export const addressRefusals = {
  'address-not-public': 'not a public address',
  'address-not-https': 'must begin with https://',
  'address-other-port': 'must use the port of https, 443',
} as const satisfies Partial<Record<ErrorReason, string>>;
export type AddressRefusal = keyof typeof addressRefusals;

/**
 * Why an address may not be reached in this way; null when it may. In the operator's own networks any port
 * and plain http will do. Elsewhere it is https at its own port: who may try every port of a host can map it.
 */
export function refusalOf({ protocol, port }: URL, kind: AddressKind): AddressRefusal | null {
  if (kind === 'refused') return 'address-not-public';
  if (kind === 'own' && protocol === 'http:') return null;
  if (protocol !== 'https:') return 'address-not-https';
  return kind === 'public' && port !== '' ? 'address-other-port' : null;
}

/** A name or an address; one of IPv6 without its brackets. */
export const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[|\]$/g, '');

function listOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address, bits] = network.split('/') as [string, string];
    list.addSubnet(address, Number(bits), isIPv4(address) ? 'ipv4' : 'ipv6');
  }
  return list;
}
