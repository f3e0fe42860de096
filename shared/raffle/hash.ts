import type { Bytes } from './bytes.ts';

/** Bytes of a SHA-256 digest. */
export const digestBytes = 32;

/**
 * Messages of one length, made on demand: all begin with `prefix`.
 * `write` puts the rest of message `index`, `restBytes` long, at `offset`. The space may hold an older one, so all its bytes must be written.
 */
export type Messages = {
  count: number;
  prefix: Bytes;
  restBytes: number;
  write: (target: Uint8Array, offset: number, index: number) => void;
};

/**
 * Hashes messages with SHA-256. Returns the digests one after the other, in the order of the messages.
 *
 * Everything slow in a draw is such a list (leaves, tree nodes, both halves of an HMAC), so this one function is all that differs
 * between a browser and a server: `webHashMany` here for a few hashes, `plainHashMany` where a page works out a whole list, and Node's own
 * `crypto.hash` in the server's draw worker and the command line.
 */
export type HashMany = (messages: Messages) => Promise<Bytes>;

/** `crypto.subtle.digest` calls under way at once; each costs a trip to another thread, and many trips overlap. */
const digestsInFlightMax = 1_024;

/** SHA-256 by Web Crypto: the same in browsers and in Node. */
export const webHashMany: HashMany = async ({ count, prefix, restBytes, write }) => {
  const digests = new Uint8Array(count * digestBytes);
  const spaces = Array.from({ length: Math.min(count, digestsInFlightMax) }, () => {
    const space = new Uint8Array(prefix.length + restBytes);
    space.set(prefix);
    return space;
  });
  for (let first = 0; first < count; first += digestsInFlightMax) {
    const used = spaces.slice(0, count - first);
    used.forEach((space, i) => write(space, prefix.length, first + i));
    const results = await Promise.all(used.map(sha256));
    results.forEach((digest, i) => digests.set(digest, (first + i) * digestBytes));
  }
  return digests;
};

/** Copies a few bytes: for these, a view and `set` take longer, and leave garbage, a hundred thousand times in a draw. */
export function copyBytes(target: Uint8Array, offset: number, source: Bytes, start: number, length: number): void {
  for (let i = 0; i < length; i++) target[offset + i] = source[start + i]!;
}

export async function sha256(message: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', message));
}

/** Bytes of a block of SHA-256: what HMAC (RFC 2104) pads its key to. */
export const hmacBlockBytes = 64;

/** The key of one half of an HMAC. @param pad 0x36 for the inner hash, 0x5c for the outer. */
export function paddedKey(key: Bytes, pad: 0x36 | 0x5c): Bytes {
  return new Uint8Array(hmacBlockBytes).map((_, i) => (key[i] ?? 0) ^ pad);
}

export async function hmacSha256(key: Bytes, message: Bytes): Promise<Bytes> {
  const hmacKey = await crypto.subtle.importKey('raw', key, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  return new Uint8Array(await crypto.subtle.sign('HMAC', hmacKey, message));
}
