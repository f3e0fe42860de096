import { digestBytes, type HashMany } from './hash.ts';

/** Messages hashed before others get their turn: some ten milliseconds on a phone. */
const messagesAtOnce = 4_096;
const blockBytes = 64;

/**
 * SHA-256 (FIPS 180-4) without the platform's, for long lists in browsers: there every digest costs a trip to another thread, which takes
 * several times as long as the hash of a short message.
 */
export const plainHashMany: HashMany = async ({ count, prefix, restBytes, write }) => {
  const { message, bytes } = padded(prefix.length + restBytes);
  message.set(prefix);
  const blocks = new DataView(message.buffer);
  const digests = new Uint8Array(count * digestBytes);
  const out = new DataView(digests.buffer);
  const state = new Int32Array(8);
  for (let index = 0; index < count; index++) {
    if (index % messagesAtOnce === messagesAtOnce - 1) await new Promise((resolve) => setTimeout(resolve));
    write(message, prefix.length, index);
    state.set(initial);
    for (let at = 0; at < bytes; at += blockBytes) compress(state, blocks, at);
    for (let word = 0; word < state.length; word++) out.setInt32(index * digestBytes + word * 4, state[word]!);
  }
  return digests;
};

/** Space for a message of this length with its padding already behind it. */
function padded(length: number): { message: Uint8Array<ArrayBuffer>; bytes: number } {
  const bytes = Math.ceil((length + 9) / blockBytes) * blockBytes;
  const message = new Uint8Array(bytes);
  message[length] = 0x80;
  new DataView(message.buffer).setUint32(bytes - 4, length * 8);
  return { message, bytes };
}

const words = new Int32Array(64);

function compress(state: Int32Array, blocks: DataView, at: number): void {
  for (let i = 0; i < 16; i++) words[i] = blocks.getInt32(at + i * 4);
  for (let i = 16; i < 64; i++) {
    const w15 = words[i - 15]!;
    const w2 = words[i - 2]!;
    const s0 = rotated(w15, 7) ^ rotated(w15, 18) ^ (w15 >>> 3);
    const s1 = rotated(w2, 17) ^ rotated(w2, 19) ^ (w2 >>> 10);
    words[i] = (words[i - 16]! + s0 + words[i - 7]! + s1) | 0;
  }
  let a = state[0]!;
  let b = state[1]!;
  let c = state[2]!;
  let d = state[3]!;
  let e = state[4]!;
  let f = state[5]!;
  let g = state[6]!;
  let h = state[7]!;
  for (let i = 0; i < 64; i++) {
    const s1 = rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25);
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + constants[i]! + words[i]!) | 0;
    const s0 = rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22);
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + t2) | 0;
  }
  state[0]! += a;
  state[1]! += b;
  state[2]! += c;
  state[3]! += d;
  state[4]! += e;
  state[5]! += f;
  state[6]! += g;
  state[7]! += h;
}

const rotated = (word: number, bits: number): number => (word >>> bits) | (word << (32 - bits));

/** The first 32 bits of the fractions of the square roots of the first 8 primes, and of the cube roots of the first 64. */
const primes = firstPrimes(64);
const initial = Int32Array.from(primes.slice(0, 8), (prime) => fractionOf(Math.sqrt(prime)));
const constants = Int32Array.from(primes, (prime) => fractionOf(Math.cbrt(prime)));

function fractionOf(root: number): number {
  return ((root - Math.floor(root)) * 2 ** 32) | 0;
}

function firstPrimes(count: number): number[] {
  const found: number[] = [];
  for (let number = 2; found.length < count; number++)
    if (found.every((prime) => number % prime !== 0)) found.push(number);
  return found;
}
