import { createPrivateKey, createPublicKey, hash, randomBytes, sign, type KeyObject } from 'node:crypto';
import type { Bytes } from '../../../shared/raffle/bytes.ts';
import type { Entry } from '../../../shared/raffle/entry.ts';
import { entrantMessage, leafHashes } from '../../../shared/raffle/packed-entry.ts';
import { nodeHashMany } from '../../../shared/raffle/hash-many.node.ts';
import { digestBytes, hmacBlockBytes, paddedKey } from '../../../shared/raffle/hash.ts';
import { merkleLevels, pathsIn } from '../../../shared/raffle/merkle.ts';
import type { Frozen } from '../../../shared/raffle/proof-document.ts';
import type { Receipt } from '../../../shared/raffle/receipt.ts';
import { batchStatement, frozenStatement } from '../../../shared/raffle/signature.ts';
import type { GiveawayRow, GiveawaySecrets } from './giveaways.ts';

/** PKCS #8 wrapping of a raw Ed25519 private key (RFC 8410). */
const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex');

/** New secrets for one giveaway. Chance is a parameter of nothing here: a test that knew it would prove nothing. */
export function newSecrets(): GiveawaySecrets {
  const secret = (): Bytes => new Uint8Array(randomBytes(32));
  return { seed: secret(), signingKey: secret(), saltKey: secret() };
}

/** The public half of a signing key, hex. */
export function publicKeyOf(signingKey: Bytes): string {
  const spki = createPublicKey(privateKeyOf(signingKey)).export({ format: 'der', type: 'spki' });
  return spki.subarray(-32).toString('hex');
}

export type Pseudonym = { salt: string; entrant: string };

/**
 * Salts and pseudonyms of accounts in one giveaway, hex. Derived, so that neither has to be stored apart.
 *
 * For a batch at a time: what the key makes of both hashes is prepared once.
 */
export function createPseudonyms({ saltKey }: Pick<GiveawayRow, 'saltKey'>): (personId: string) => Pseudonym {
  const saltOf = createHmacOf(saltKey);
  const entrant = createMessage(entrantMessage(new Uint8Array(digestBytes), ''));
  return (personId) => {
    const salt = saltOf(personId);
    const message = entrant(personId, (start, end) => start.write(salt, end - digestBytes, 'hex'));
    return { salt, entrant: hash('sha256', message) };
  };
}

/** HMAC-SHA-256 (RFC 2104) of texts under one 32-byte key, hex, by two one-shot hashes: a fraction of what Node's own HMAC object takes. */
export function createHmacOf(key: Bytes): (text: string) => string {
  const innerMessage = createMessage(paddedKey(key, 0x36));
  const outer = Buffer.concat([paddedKey(key, 0x5c), Buffer.alloc(digestBytes)]);
  return (text) => {
    outer.write(hash('sha256', innerMessage(text), 'binary'), hmacBlockBytes, 'binary');
    return hash('sha256', outer);
  };
}

/**
 * Messages that begin alike and end with a text, in one piece of memory that is used again: to put them together anew takes
 * longer than to hash them. `alter` may change the beginning, which ends at `end`.
 */
function createMessage(start: Bytes) {
  let space = Buffer.concat([start, Buffer.alloc(64)]);
  return (text: string, alter?: (message: Buffer, end: number) => void): Buffer => {
    const textBytes = Buffer.byteLength(text);
    if (start.length + textBytes > space.length) space = Buffer.concat([start, Buffer.alloc(textBytes)]);
    space.write(text, start.length);
    alter?.(space, start.length);
    return space.subarray(0, start.length + textBytes);
  };
}

/** An entry with the salt of its pseudonym, hex. */
export type HeldEntry = { entry: Entry; salt: string };

/** Receipts of entries that are answered together: one signature, and for each its path in the batch. */
export async function receiptsOf(
  giveaway: Pick<GiveawayRow, 'giveawayId' | 'rulesHash' | 'signingKey'>,
  held: readonly HeldEntry[],
): Promise<Receipt[]> {
  const { giveawayId, rulesHash, signingKey } = giveaway;
  const packed = packedOf(held.map(({ entry }) => entry));
  const leaves = await leafHashes(packed, nodeHashMany, (index) => held[index]!.entry.number);
  const levels = (await merkleLevels(leaves, nodeHashMany)).map(hexDigestsOf);
  const paths = pathsIn(levels);
  const size = held.length;
  const signature = signed(signingKey, batchStatement(rulesHash, { size, root: levels.at(-1)![0]! }));
  return held.map(({ entry, salt }, index) => ({
    format: 'nightmarket-raffle-receipt/1',
    giveawayId,
    rulesHash,
    entry,
    entrantSalt: salt,
    batch: { size, index, path: paths[index]! },
    signature,
  }));
}

/** All at once: their hex is read in one go, a tenth of what one entry after the other costs. */
function packedOf(entries: readonly Entry[]): Bytes {
  const digits = entries.map(({ id, entrant, nonce }) => id.replaceAll('-', '') + entrant + nonce).join('');
  return new Uint8Array(Buffer.from(digits, 'hex'));
}

/** Spelled out once for a whole batch: receipts share most of these digests. */
function hexDigestsOf(level: Bytes): string[] {
  const hex = Buffer.from(level.buffer, level.byteOffset, level.length).toString('hex');
  return Array.from({ length: level.length / digestBytes }, (_, i) =>
    hex.slice(2 * digestBytes * i, 2 * digestBytes * (i + 1)),
  );
}

/** The closed list with the server's signature under it. */
export function signFrozen(
  { rulesHash, signingKey }: Pick<GiveawayRow, 'rulesHash' | 'signingKey'>,
  frozen: Omit<Frozen, 'signature'>,
): Frozen {
  return { ...frozen, signature: signed(signingKey, frozenStatement(rulesHash, frozen)) };
}

function signed(signingKey: Bytes, statement: Bytes): string {
  return sign(null, statement, privateKeyOf(signingKey)).toString('hex');
}

/** Keys that are in use: to read one takes twice as long as to sign with it. */
const privateKeys = new WeakMap<Bytes, KeyObject>();

function privateKeyOf(signingKey: Bytes): KeyObject {
  const known = privateKeys.get(signingKey);
  if (known) return known;
  const key = createPrivateKey({ key: Buffer.concat([pkcs8Prefix, signingKey]), format: 'der', type: 'pkcs8' });
  privateKeys.set(signingKey, key);
  return key;
}
