import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  hash,
  randomBytes,
  sign,
  type KeyObject,
} from 'node:crypto';
import { concatBytes, type Bytes } from '../../../shared/raffle/bytes.ts';
import type { Entry } from '../../../shared/raffle/entry.ts';
import { entrantMessage, leafHashes, packEntry } from '../../../shared/raffle/packed-entry.ts';
import { nodeHashMany } from '../../../shared/raffle/hash-many.node.ts';
import { digestBytes } from '../../../shared/raffle/hash.ts';
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

export type Pseudonyms = ReturnType<typeof createPseudonyms>;

/**
 * Salts and pseudonyms of accounts in one giveaway. Derived, so that neither has to be stored apart.
 *
 * For a batch at a time, whose salts are remembered: Node makes a key out of raw bytes in 80 µs, and the HMAC itself takes 4.
 */
export function createPseudonyms({ saltKey }: Pick<GiveawayRow, 'saltKey'>) {
  const key = createSecretKey(saltKey);
  const salts = new Map<string, Buffer<ArrayBuffer>>();
  const salt = (personId: string): Buffer<ArrayBuffer> => {
    const known = salts.get(personId);
    if (known) return known;
    const made = createHmac('sha256', key).update(personId).digest();
    salts.set(personId, made);
    return made;
  };
  return {
    /** Hex. */
    saltOf: (personId: string): string => salt(personId).toString('hex'),
    /** Pseudonym, hex. */
    entrantOf: (personId: string): string => hash('sha256', entrantMessage(salt(personId), personId)),
  };
}

/**
 * Receipts of entries that are answered together: one signature, and for each its path in the batch.
 *
 * @param entries by rising number.
 */
export async function receiptsOf(
  giveaway: Pick<GiveawayRow, 'giveawayId' | 'rulesHash' | 'saltKey' | 'signingKey'>,
  entries: readonly { personId: string; entry: Entry }[],
  { saltOf }: Pick<Pseudonyms, 'saltOf'> = createPseudonyms(giveaway),
): Promise<Receipt[]> {
  if (entries.length === 0) return [];
  const { giveawayId, rulesHash, signingKey } = giveaway;
  const packed = concatBytes(...entries.map(({ entry }) => packEntry(entry)));
  const leaves = await leafHashes(packed, nodeHashMany, (index) => entries[index]!.entry.number);
  const levels = (await merkleLevels(leaves, nodeHashMany)).map(hexDigestsOf);
  const paths = pathsIn(levels);
  const batch = { size: entries.length, root: levels.at(-1)![0]! };
  const signature = signed(signingKey, batchStatement(rulesHash, batch));
  return entries.map(({ personId, entry }, index) => ({
    format: 'nightmarket-raffle-receipt/1',
    giveawayId,
    rulesHash,
    entry,
    entrantSalt: saltOf(personId),
    leafHash: levels[0]![index]!,
    batch: { ...batch, index, path: paths[index]! },
    signature,
  }));
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

function privateKeyOf(signingKey: Bytes): KeyObject {
  return createPrivateKey({ key: Buffer.concat([pkcs8Prefix, signingKey]), format: 'der', type: 'pkcs8' });
}
