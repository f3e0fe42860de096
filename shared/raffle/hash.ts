import type { Bytes } from './bytes.ts';

/** Bytes of a SHA-256 digest. */
export const digestBytes = 32;

/**
 * Hashes many messages of one length with SHA-256.
 *
 * @param messages the messages one after the other, no gaps.
 * @param messageBytes length of each; `messages.length` is a multiple of it.
 * @returns the digests one after the other, in the order of the messages.
 *
 * Everything slow in a draw is such a list (leaves, tree nodes, both halves of an HMAC), so this one function is all that differs
 * between a browser and a server: `webHashMany` here, Node's own `crypto.hash` in the server's draw worker and the command line.
 */
export type HashMany = (messages: Bytes, messageBytes: number) => Promise<Bytes>;

/** Messages given to `HashMany` at once: bounds memory to about 1 MB for a million entries. */
const messagesPerCall = 8_192;

/** `crypto.subtle.digest` calls under way at once; each costs a trip to another thread, and many trips overlap. */
const digestsInFlightMax = 1_024;

/** SHA-256 by Web Crypto: the same in browsers and in Node. */
export const webHashMany: HashMany = async (messages, messageBytes) => {
  const count = messages.length / messageBytes;
  const digests = new Uint8Array(count * digestBytes);
  for (let first = 0; first < count; first += digestsInFlightMax) {
    const inFlight = Math.min(digestsInFlightMax, count - first);
    const results = await Promise.all(
      Array.from({ length: inFlight }, (_, i) =>
        sha256(messages.subarray((first + i) * messageBytes, (first + i + 1) * messageBytes)),
      ),
    );
    results.forEach((digest, i) => digests.set(digest, (first + i) * digestBytes));
  }
  return digests;
};

/**
 * Hashes `count` messages that are written on demand, a bounded number at a time.
 *
 * @param write puts message `index` at `offset`; the space may hold an older message, so all bytes must be written.
 */
export async function hashEach(
  count: number,
  messageBytes: number,
  write: (target: Bytes, offset: number, index: number) => void,
  hashMany: HashMany,
): Promise<Bytes> {
  const digests = new Uint8Array(count * digestBytes);
  const space = new Uint8Array(Math.min(count, messagesPerCall) * messageBytes);
  for (let first = 0; first < count; first += messagesPerCall) {
    const inCall = Math.min(messagesPerCall, count - first);
    for (let i = 0; i < inCall; i++) write(space, i * messageBytes, first + i);
    digests.set(await hashMany(space.subarray(0, inCall * messageBytes), messageBytes), first * digestBytes);
  }
  return digests;
}

export async function sha256(message: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', message));
}

export async function hmacSha256(key: Bytes, message: Bytes): Promise<Bytes> {
  const hmacKey = await crypto.subtle.importKey('raw', key, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  return new Uint8Array(await crypto.subtle.sign('HMAC', hmacKey, message));
}
