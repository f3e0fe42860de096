import { bytesOfHex, concatBytes, hexOf, type Bytes } from './bytes.ts';
import { copyBytes, digestBytes, sha256, webHashMany, type HashMany } from './hash.ts';

// The tree of RFC 6962 (Certificate Transparency), section 2.1: a leaf is hashed behind 0x00 and a node behind 0x01, so that no leaf can
// pass for a node. Working level by level and carrying an odd last node up gives the RFC's "split at the largest power of two".

export const leafPrefix = 0x00;
const nodeStart = Uint8Array.of(0x01);

/**
 * Root of the tree over leaf hashes.
 *
 * @param leafHashes digests one after the other, in leaf order; none at all has a root too: SHA-256 of nothing.
 */
export async function merkleRoot(leafHashes: Bytes, hashMany: HashMany = webHashMany): Promise<Bytes> {
  if (leafHashes.length === 0) return sha256(new Uint8Array(0));
  let level = leafHashes;
  while (level.length > digestBytes) level = await levelAbove(level, hashMany);
  return level;
}

/** The sibling hashes from a leaf up to the root, lowest first, as hex: the inclusion proof of RFC 6962, section 2.1.1. */
export async function merklePath(
  leafHashes: Bytes,
  leafIndex: number,
  hashMany: HashMany = webHashMany,
): Promise<string[]> {
  return pathIn(await merkleLevels(leafHashes, hashMany), leafIndex);
}

/** All levels of the tree, leaves first and root last: for whoever needs many paths of one tree. */
export async function merkleLevels(leafHashes: Bytes, hashMany: HashMany = webHashMany): Promise<Bytes[]> {
  const levels = [leafHashes];
  while (levels.at(-1)!.length > digestBytes) levels.push(await levelAbove(levels.at(-1)!, hashMany));
  return levels;
}

/** @throws RangeError when there is no such leaf. */
export function pathIn(levels: readonly Bytes[], leafIndex: number): string[] {
  if (leafIndex < 0 || leafIndex >= levels[0]!.length / digestBytes)
    throw new RangeError(`There is no leaf ${leafIndex}`);
  // The last node of an odd level has no sibling and goes up as it is.
  return levels
    .slice(0, -1)
    .map((level, height) => digestAt(level, (leafIndex >>> height) ^ 1))
    .filter((sibling) => sibling.length > 0)
    .map(hexOf);
}

/** The paths of all leaves of one tree, in order. @param levels as `merkleLevels` gives them, each digest as hex. */
export function pathsIn(levels: readonly (readonly string[])[]): string[][] {
  const below = levels.slice(0, -1);
  return levels[0]!.map((_, leafIndex) => below.flatMap((level, height) => level[(leafIndex >>> height) ^ 1] ?? []));
}

/** Root that a leaf and its path lead to, or null when the path does not have the length that index and tree size demand. */
export async function rootOfPath(
  leafHash: Bytes,
  leafIndex: number,
  leafCount: number,
  path: readonly string[],
): Promise<Bytes | null> {
  if (leafIndex >= leafCount) return null;
  let node = leafHash;
  let used = 0;
  for (let index = leafIndex, last = leafCount - 1; last > 0; index >>>= 1, last >>>= 1) {
    if (index === last && index % 2 === 0) continue;
    const sibling = path[used++];
    if (sibling === undefined) return null;
    const [left, right] = index % 2 === 0 ? [node, bytesOfHex(sibling)] : [bytesOfHex(sibling), node];
    node = await sha256(concatBytes(nodeStart, left, right));
  }
  return used === path.length ? node : null;
}

async function levelAbove(level: Bytes, hashMany: HashMany): Promise<Bytes> {
  const pairs = Math.floor(level.length / (2 * digestBytes));
  const parents = await hashMany({
    count: pairs,
    prefix: nodeStart,
    restBytes: 2 * digestBytes,
    write: (target, offset, index) => copyBytes(target, offset, level, 2 * index * digestBytes, 2 * digestBytes),
  });
  return concatBytes(parents, level.subarray(2 * pairs * digestBytes));
}

function digestAt(level: Bytes, index: number): Bytes {
  return level.subarray(index * digestBytes, (index + 1) * digestBytes);
}
