import { bytesOfHex, bytesOfText, bytesOfUuid, concatBytes, hexOf, uuidOf, writeUint32, type Bytes } from './bytes.ts';
import type { Entry } from './entry.ts';
import { hashEach, sha256, webHashMany, type HashMany } from './hash.ts';
import { leafPrefix } from './merkle.ts';

// Entries as bytes, for all that hashes them. Without their schemas, which a thread that hashes would load for nothing.

const entryTag = bytesOfText('nm-raffle-v1:entry');
const entrantTag = bytesOfText('nm-raffle-v1:entrant');

/** A packed entry is id (16 bytes), entrant (32), nonce (16); its number is its place. A million of them are 64 MB. */
export const packedEntryBytes = 64;
export const entryIdBytes = 16;
/** Length of what is hashed for a leaf. */
export const leafMessageBytes = 1 + entryTag.length + 4 + packedEntryBytes;

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
  for (let i = 0; i < count; i++)
    ids.set(packedEntries.subarray(i * packedEntryBytes, i * packedEntryBytes + entryIdBytes), i * entryIdBytes);
  return ids;
}

/**
 * Leaf hashes of entries in order: SHA-256(0x00 ‖ tag ‖ number ‖ id ‖ entrant ‖ nonce).
 *
 * @param firstNumber number of the first of these entries, when they are a part of the list.
 */
export function leafHashes(packedEntries: Bytes, hashMany: HashMany = webHashMany, firstNumber = 0): Promise<Bytes> {
  const count = packedEntries.length / packedEntryBytes;
  const write = (target: Bytes, offset: number, index: number) =>
    writeLeaf(target, offset, firstNumber + index, packedEntries, index * packedEntryBytes);
  return hashEach(count, leafMessageBytes, write, hashMany);
}

/** Leaf hash of one entry alone. */
export async function leafHash(entry: Entry): Promise<Bytes> {
  return sha256(leafMessage(entry));
}

/** What the leaf hash of an entry is the SHA-256 of. */
export function leafMessage(entry: Entry): Bytes {
  const message = new Uint8Array(leafMessageBytes);
  writeLeaf(message, 0, entry.number, packEntry(entry), 0);
  return message;
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

function writeLeaf(target: Bytes, offset: number, number: number, packed: Bytes, packedOffset: number): void {
  target[offset] = leafPrefix;
  target.set(entryTag, offset + 1);
  writeUint32(target, offset + 1 + entryTag.length, number);
  target.set(packed.subarray(packedOffset, packedOffset + packedEntryBytes), offset + 5 + entryTag.length);
}
