import { AppError } from '../../shared/errors.ts';
import type { Address } from '../../shared/protocol/address.ts';
import type { Ask } from '../room/room-session.ts';

/**
 * Makes an address the default as it is by now: on another page it may have been corrected since it was read here.
 *
 * @throws AppError NOT_FOUND when it was removed there.
 */
export async function makeDefault(ask: Ask, addressId: string): Promise<Address[]> {
  const { addresses } = await ask('address:list', {});
  const latest = addresses.find((one) => one.addressId === addressId);
  if (!latest) throw new AppError('NOT_FOUND');
  return withAddress(addresses, await ask('address:change', { ...latest, isDefault: true }));
}

/** The book with this address as it is now: in its place, or a new one at the end. There is one default. */
export function withAddress(addresses: readonly Address[], saved: Address): Address[] {
  const others = addresses.map((one) => (saved.isDefault && one.isDefault ? { ...one, isDefault: false } : one));
  const index = others.findIndex(({ addressId }) => addressId === saved.addressId);
  return index < 0 ? [...others, saved] : others.with(index, saved);
}
