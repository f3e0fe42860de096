import type { PostalAddress } from '../../../shared/protocol/address.ts';

/** Looks up where a person wants things sent. */
export type AddressBook = {
  /** A copy of one of their own addresses; null when they have no such address. */
  copyOf(personId: string, addressId: string): Promise<PostalAddress | null>;
};
