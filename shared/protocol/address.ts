import { z } from 'zod';
import { isCountry } from '../codes.ts';
import { Id, RequestKey } from '../ids.ts';
import { filledLine, line } from '../text.ts';
import { command } from './define.ts';

/** Addresses one person may keep. */
export const addressesMax = 20;

/** ISO 3166-1 alpha-2, upper case. */
export const Country = z
  .string()
  .regex(/^[A-Z]{2}$/, { message: 'must be two capital letters', abort: true })
  .refine(isCountry, { message: 'is no country of ISO 3166' });

const fields = {
  recipient: filledLine(100),
  phone: line(40).min(3),
  country: Country,
  region: line(100).default(''),
  city: filledLine(100),
  street: filledLine(300),
  postalCode: line(20).default(''),
};

/** Where something is sent. Personal data: its owner sees it, and the merchant of an order that goes there. */
export const PostalAddress = z.object({
  recipient: z.string(),
  phone: z.string(),
  country: z.string(),
  region: z.string(),
  city: z.string(),
  street: z.string(),
  postalCode: z.string(),
});
export type PostalAddress = z.infer<typeof PostalAddress>;

export const Address = PostalAddress.extend({ addressId: Id, isDefault: z.boolean() });
export type Address = z.infer<typeof Address>;

const AddressBook = z.object({ addresses: z.array(Address) });

export const addressCommands = {
  'address:list': command({
    summary: 'The address book of the caller, the default address first.',
    input: z.strictObject({}),
    output: AddressBook,
    http: { method: 'GET', path: '/api/addresses' },
  }),
  'address:add': command({
    summary: `Adds an address, at most ${addressesMax}. The first one is the default.`,
    input: z.strictObject({ ...fields, isDefault: z.boolean().default(false), requestKey: RequestKey }),
    output: Address,
    http: { method: 'POST', path: '/api/addresses' },
  }),
  'address:change': command({
    summary: 'Replaces an address. Orders that have it already keep what they have.',
    input: z.strictObject({ addressId: Id, ...fields, isDefault: z.boolean().default(false) }),
    output: Address,
    http: { method: 'PUT', path: '/api/addresses/:addressId' },
  }),
  'address:remove': command({
    summary: 'Deletes an address for good.',
    input: z.strictObject({ addressId: Id }),
    output: AddressBook,
    http: { method: 'DELETE', path: '/api/addresses/:addressId' },
  }),
};
