import { AppError } from '../../../shared/errors.ts';
import { addressesMax, type Address } from '../../../shared/protocol/address.ts';
import { inTransaction, type Db, type Queryable } from '../../platform/postgres.ts';

const columns = `
  address_id AS "addressId", recipient, phone, country, region, city, street, postal_code AS "postalCode",
  is_default AS "isDefault"`;

/** Serialises changes of one address book: "at most so many" and "one default" are rules over several rows. */
const lockOwner = `SELECT FROM people WHERE person_id = $1 FOR UPDATE`;
const clearDefault = `UPDATE addresses SET is_default = false WHERE person_id = $1 AND is_default`;
const insert = `
  INSERT INTO addresses (address_id, person_id, recipient, phone, country, region, city, street, postal_code, is_default, request_key, request_hash)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) RETURNING ${columns}`;
const update = `
  UPDATE addresses SET recipient = $3, phone = $4, country = $5, region = $6, city = $7, street = $8, postal_code = $9,
    is_default = $10
  WHERE address_id = $1 AND person_id = $2 RETURNING ${columns}`;
const remove = `DELETE FROM addresses WHERE address_id = $1 AND person_id = $2 RETURNING is_default AS "isDefault"`;
const nextDefault = `
  UPDATE addresses SET is_default = true WHERE address_id = (
    SELECT address_id FROM addresses WHERE person_id = $1 ORDER BY created_at DESC LIMIT 1)`;

export type AddressStore = ReturnType<typeof createAddressStore>;

export function createAddressStore(db: Db) {
  return {
    list: (personId: string) => list(db, personId),
    async ownerOf(addressId: string): Promise<string | null> {
      const owner = `SELECT person_id AS "personId" FROM addresses WHERE address_id = $1`;
      return (await db.query<{ personId: string }>(owner, [addressId])).rows[0]?.personId ?? null;
    },
    /** Null when the person has no such address. */
    async find(personId: string, addressId: string): Promise<Address | null> {
      return (await list(db, personId)).find((address) => address.addressId === addressId) ?? null;
    },
    /**
     * Answers the address an earlier call with this key added.
     * @throws AppError KEY_REUSED when that call said something else; CONFLICT when the book is full.
     */
    add: (personId: string, address: Address, request: { key: string; hash: Buffer }): Promise<Address> =>
      inTransaction(db, async (client) => {
        await client.query(lockOwner, [personId]);
        const repeated = await findByRequest(client, personId, request);
        if (repeated) return repeated;
        const book = await list(client, personId);
        if (book.length >= addressesMax)
          throw new AppError('CONFLICT', `An address book has at most ${addressesMax} addresses.`, {
            reason: 'too-many',
          });
        const isDefault = address.isDefault || book.length === 0;
        if (isDefault) await client.query(clearDefault, [personId]);
        return one(client, insert, [...valuesOf(personId, { ...address, isDefault }), request.key, request.hash]);
      }),
    change: (personId: string, address: Address): Promise<Address> =>
      inTransaction(db, async (client) => {
        await client.query(lockOwner, [personId]);
        const before = (await list(client, personId)).find(({ addressId }) => addressId === address.addressId);
        // A book keeps a default: it changes by making another one the default.
        const isDefault = address.isDefault || (before?.isDefault ?? false);
        if (isDefault) await client.query(clearDefault, [personId]);
        return one(client, update, valuesOf(personId, { ...address, isDefault }));
      }),
    remove: (personId: string, addressId: string): Promise<Address[]> =>
      inTransaction(db, async (client) => {
        await client.query(lockOwner, [personId]);
        const { rows } = await client.query<{ isDefault: boolean }>(remove, [addressId, personId]);
        if (rows[0]?.isDefault) await client.query(nextDefault, [personId]);
        return list(client, personId);
      }),
  };
}

async function list(db: Queryable, personId: string): Promise<Address[]> {
  const all = `SELECT ${columns} FROM addresses WHERE person_id = $1 ORDER BY is_default DESC, created_at DESC, address_id`;
  return (await db.query<Address>(all, [personId])).rows;
}

async function findByRequest(
  db: Queryable,
  personId: string,
  { key, hash }: { key: string; hash: Buffer },
): Promise<Address | undefined> {
  const byRequest = `SELECT ${columns}, request_hash AS hash FROM addresses WHERE person_id = $1 AND request_key = $2`;
  const { rows } = await db.query<Address & { hash: Buffer | null }>(byRequest, [personId, key]);
  if (!rows[0]) return undefined;
  const { hash: before, ...address } = rows[0];
  if (before && !before.equals(hash)) throw new AppError('KEY_REUSED');
  return address;
}

async function one(db: Queryable, statement: string, values: unknown[]): Promise<Address> {
  const { rows } = await db.query<Address>(statement, values);
  if (!rows[0]) throw new AppError('NOT_FOUND');
  return rows[0];
}

const valuesOf = (personId: string, address: Address): unknown[] => [
  address.addressId,
  personId,
  address.recipient,
  address.phone,
  address.country,
  address.region,
  address.city,
  address.street,
  address.postalCode,
  address.isDefault,
];
