import { bytesOfHex, bytesOfText, bytesOfUint64, concatBytes, type Bytes } from './bytes.ts';

// Two statements are signed with the giveaway's Ed25519 key (RFC 8032), each behind a tag of its own so that one never passes for another.

const frozenTag = bytesOfText('nm-raffle-v1:frozen');
const batchTag = bytesOfText('nm-raffle-v1:batch');

/** "Giveaway with these rules was closed with this many entries and this root, at this time." */
export function frozenStatement(
  rulesHash: string,
  frozen: { entryCount: number; root: string; frozenAtMs: number },
): Bytes {
  return concatBytes(
    frozenTag,
    bytesOfHex(rulesHash),
    bytesOfUint64(frozen.entryCount),
    bytesOfHex(frozen.root),
    bytesOfUint64(frozen.frozenAtMs),
  );
}

/** "These entries, whose leaf hashes have this root, were taken together." One signature serves a whole batch of receipts. */
export function batchStatement(rulesHash: string, batch: { size: number; root: string }): Bytes {
  return concatBytes(batchTag, bytesOfHex(rulesHash), bytesOfUint64(batch.size), bytesOfHex(batch.root));
}

/**
 * Whether an Ed25519 signature is good. A key or signature that can't be read is a bad signature, not an exception.
 *
 * @throws DOMException NotSupportedError in a browser that knows no Ed25519: that says nothing about the signature.
 */
export async function verifySignature(publicKey: string, signature: string, statement: Bytes): Promise<boolean> {
  try {
    const key = await crypto.subtle.importKey('raw', bytesOfHex(publicKey), { name: 'Ed25519' }, false, ['verify']);
    return await crypto.subtle.verify({ name: 'Ed25519' }, key, bytesOfHex(signature), statement);
  } catch (error) {
    if (error instanceof DOMException && error.name === 'NotSupportedError') throw error;
    return false;
  }
}
