import { AppError } from '../../../shared/errors.ts';
import type { Gateway } from '../../gateway/gateway.ts';
import type { Platform } from '../../platform/platform.ts';
import { registerAddresses } from './address.commands.ts';
import type { AddressBook } from './address-book.ts';
import { createAddressStore, type AddressStore } from './addresses.pg.ts';

export function createAddressFeature({ db }: Platform) {
  const addresses = createAddressStore(db);
  return {
    book: createAddressBook(addresses),
    register(gateway: Gateway): void {
      // Strangers are told the same as when there is no such address.
      gateway.relate('address', async ({ personId }, addressId) => {
        if ((await addresses.ownerOf(addressId)) !== personId) throw new AppError('NOT_FOUND');
        return new Set(['owner']);
      });
      registerAddresses(gateway, addresses);
    },
  };
}

const createAddressBook = (addresses: AddressStore): AddressBook => ({
  async copyOf(personId, id) {
    const found = await addresses.find(personId, id);
    if (!found) return null;
    const { addressId, isDefault, ...copy } = found;
    return copy;
  },
});
