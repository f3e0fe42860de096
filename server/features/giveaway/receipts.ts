import { createHmac, createPrivateKey, createPublicKey, hash, randomBytes, sign, type KeyObject } from 'node:crypto';
import { concatBytes, hexOf, type Bytes } from '../../../shared/raffle/bytes.ts';
import { entrantMessage, leafHashes, packEntry, type Entry } from '../../../shared/raffle/entry.ts';
import { nodeHashMany } from '../../../shared/raffle/hash-many.node.ts';
import { merkleLevels, pathIn } from '../../../shared/raffle/merkle.ts';
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

/** An account's salt and pseudonym in one giveaway, hex. Derived, so that neither has to be stored apart. */
export function entrantOf(
  { saltKey }: Pick<GiveawayRow, 'saltKey'>,
  personId: string,
): { salt: string; entrant: string } {
  const salt = createHmac('sha256', saltKey).update(personId).digest();
  return { salt: salt.toString('hex'), entrant: hash('sha256', entrantMessage(new Uint8Array(salt), personId)) };
}

/**
 * Receipts of entries that are answered together: one signature, and for each its path in the batch.
 *
 * @param entries by rising number.
 */
export async function receiptsOf(
  giveaway: Pick<GiveawayRow, 'giveawayId' | 'rulesHash' | 'saltKey' | 'signingKey'>,
  entries: readonly { personId: string; entry: Entry }[],
): Promise<Receipt[]> {
  if (entries.length === 0) return [];
  const { giveawayId, rulesHash, signingKey } = giveaway;
  const leaves = entries.map(({ entry }) => leafHashes(packEntry(entry), nodeHashMany, entry.number));
  const levels = await merkleLevels(concatBytes(...(await Promise.all(leaves))), nodeHashMany);
  const batch = { size: entries.length, root: hexOf(levels.at(-1)!) };
  const signature = signed(signingKey, batchStatement(rulesHash, batch));
  return entries.map(({ personId, entry }, index) => ({
    format: 'nightmarket-raffle-receipt/1',
    giveawayId,
    rulesHash,
    entry,
    entrantSalt: entrantOf(giveaway, personId).salt,
    leafHash: hexOf(levels[0]!.subarray(32 * index, 32 * (index + 1))),
    batch: { ...batch, index, path: pathIn(levels, index) },
    signature,
  }));
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
