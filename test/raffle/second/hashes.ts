import { createHash, createHmac, createPublicKey, verify } from 'node:crypto';

// Sections "Conventions" and "The algorithm" of docs/provably-fair.md.

/** A stranger has no types. */
export type Loose = Record<string, any>;

type Part = Buffer | string;
const joined = (parts: Part[]) => Buffer.concat(parts.map((part) => Buffer.from(part)));

export const H = (...parts: Part[]) => createHash('sha256').update(joined(parts)).digest();
export const HMAC = (key: Buffer, ...parts: Part[]) => createHmac('sha256', key).update(joined(parts)).digest();
export const hex = (text: string) => Buffer.from(text, 'hex');
export const uuid = (text: string) => hex(text.replaceAll('-', ''));

export function u(bytes: 4 | 8, value: number): Buffer {
  const buffer = Buffer.alloc(8);
  buffer.writeBigUInt64BE(BigInt(value));
  return buffer.subarray(8 - bytes);
}

export function canonical(value: unknown): string {
  if (Array.isArray(value)) return '[' + value.map(canonical).join(',') + ']';
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return '{' + members.map(([name, member]) => JSON.stringify(name) + ':' + canonical(member)).join(',') + '}';
}

export function treeRoot(leaves: Buffer[]): Buffer {
  if (leaves.length === 0) return H('');
  if (leaves.length === 1) return leaves[0]!;
  const k = largestPowerBelow(leaves.length);
  return H(Buffer.of(1), treeRoot(leaves.slice(0, k)), treeRoot(leaves.slice(k)));
}

/** Root that a leaf's path leads to, by the recursion that RFC 6962 makes paths with; null when the path has another length. */
export function rootOfPath(leaf: Buffer, index: number, size: number, path: string[]): Buffer | null {
  if (index >= size) return null;
  if (size === 1) return path.length === 0 ? leaf : null;
  const sibling = path.at(-1);
  if (sibling === undefined) return null;
  const k = largestPowerBelow(size);
  const isLeft = index < k;
  const inner = isLeft
    ? rootOfPath(leaf, index, k, path.slice(0, -1))
    : rootOfPath(leaf, index - k, size - k, path.slice(0, -1));
  if (!inner) return null;
  return isLeft ? H(Buffer.of(1), inner, hex(sibling)) : H(Buffer.of(1), hex(sibling), inner);
}

function largestPowerBelow(n: number): number {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}

export function leafOf(entry: Loose): Buffer {
  const { number, id, entrant, nonce } = entry;
  return H(Buffer.of(0), 'nm-raffle-v1:entry', u(4, number), uuid(id), hex(entrant), hex(nonce));
}

export function isSigned(publicKey: string, signature: string, ...statement: Part[]): boolean {
  const der = Buffer.concat([hex('302a300506032b6570032100'), hex(publicKey)]);
  const key = createPublicKey({ key: der, format: 'der', type: 'spki' });
  return verify(null, joined(statement), key, hex(signature));
}
