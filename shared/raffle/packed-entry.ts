import { bytesOfHex, bytesOfText, bytesOfUuid, concatBytes, hexOf, uuidOf, writeUint32, type Bytes } from './bytes.ts';
import type { Entry } from './entry.ts';
import { copyBytes, sha256, webHashMany, type HashMany } from './hash.ts';
import { leafPrefix } from './merkle.ts';

// Entries as bytes, for all that hashes them. Without their schemas, which a thread that hashes would load for nothing.

/** What every leaf begins with. */
const leafStart = concatBytes(Uint8Array.of(leafPrefix), bytesOfText('nm-raffle-v1:entry'));
const entrantTag = bytesOfText('nm-raffle-v1:entrant');

/** A packed entry is id (16 bytes), entrant (32), nonce (16); its number is its place. A million of them are 64 MB. */
export const packedEntryBytes = 64;
export const entryIdBytes = 16;

export function packEntry(entry: Omit<Entry, 'number'>): Bytes {
  return concatBytes(bytesOfUuid(entry.id), bytesOfHex(entry.entrant), bytesOfHex(entry.nonce));
}

export function unpackEntry(packedEntries: Bytes, number: number): Entry {
  const packed = packedEntries.subarray(number * packedEntryBytes, (number + 1) * packedEntryBytes);
  return {
    number,
    id: uuidOf(packed.subarray(0, 16)),
    entrant: hexOf(packed.subarray(16, 48)),
    nonce: hexOf(packed.subarray(48)),
  };
}

/** The ids of packed entries, one after the other: all that a ranking takes from the list. */
export function idsOf(packedEntries: Bytes): Bytes {
  const count = packedEntries.length / packedEntryBytes;
  const ids = new Uint8Array(count * entryIdBytes);
  for (let i = 0; i < count; i++) copyBytes(ids, i * entryIdBytes, packedEntries, i * packedEntryBytes, entryIdBytes);
  return ids;
}

/**
 * Leaf hashes of entries in order: SHA-256(0x00 ‖ tag ‖ number ‖ id ‖ entrant ‖ nonce).
 *
 * @param numberOf number of each of these entries, by its index, when they are not the list from its beginning.
 */
export function leafHashes(
  packedEntries: Bytes,
  hashMany: HashMany = webHashMany,
  numberOf = (index: number): number => index,
): Promise<Bytes> {
  return hashMany({
    count: packedEntries.length / packedEntryBytes,
    prefix: leafStart,
    restBytes: 4 + packedEntryBytes,
    write(target, offset, index) {
      writeUint32(target, offset, numberOf(index));
      copyBytes(target, offset + 4, packedEntries, index * packedEntryBytes, packedEntryBytes);
    },
  });
}

/** Leaf hash of one entry alone. */
export async function leafHash(entry: Entry): Promise<Bytes> {
  return leafHashes(packEntry(entry), webHashMany, () => entry.number);
}

/**
 * The pseudonym of an account in one giveaway.
 *
 * @param entrantSalt 32 secret bytes, different for every account and giveaway; the entrant finds them in the receipt. Without them a list of
 * known account ids could be tried against the public list of entries.
 */
export async function entrantPseudonym(entrantSalt: Bytes, accountId: string): Promise<Bytes> {
  return sha256(entrantMessage(entrantSalt, accountId));
}

/** What the pseudonym is the SHA-256 of. */
export function entrantMessage(entrantSalt: Bytes, accountId: string): Bytes {
  return concatBytes(entrantTag, entrantSalt, bytesOfText(accountId));
}
