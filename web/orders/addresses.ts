import type { Address } from '../../shared/protocol/address.ts';

/** The book with this address as it is now: in its place, or a new one at the end. There is one default. */
export function withAddress(addresses: readonly Address[], saved: Address): Address[] {
  const others = addresses.map((one) => (saved.isDefault && one.isDefault ? { ...one, isDefault: false } : one));
  const index = others.findIndex(({ addressId }) => addressId === saved.addressId);
  return index < 0 ? [...others, saved] : others.with(index, saved);
}
