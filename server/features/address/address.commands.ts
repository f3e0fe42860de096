import { newId } from '../../../shared/ids.ts';
import type { Gateway } from '../../gateway/gateway.ts';
import { requestHash } from '../../platform/request-hash.ts';
import type { AddressStore } from './addresses.pg.ts';

export function registerAddresses(gateway: Gateway, addresses: AddressStore): void {
  gateway.expose('address:list', async ({ personId }) => ({ addresses: await addresses.list(personId) }));
  gateway.expose('address:add', ({ personId }, { requestKey, ...address }) =>
    addresses.add(personId, { ...address, addressId: newId() }, { key: requestKey, hash: requestHash(address) }),
  );
  gateway.expose('address:change', ({ personId }, address) => addresses.change(personId, address));
  gateway.expose('address:remove', async ({ personId }, { addressId }) => ({
    addresses: await addresses.remove(personId, addressId),
  }));
}
