import { concatBytes, hexOf, type Bytes } from './bytes.ts';
import { copyBytes, digestBytes, paddedKey, webHashMany, type HashMany } from './hash.ts';
import { entryIdBytes } from './packed-entry.ts';

/** One place in the result. Place 0 is the first winner. */
export type Placed = { entryNumber: number; score: string };

/**
 * The first `placeCount` entries in the order of the draw.
 *
 * The score of an entry is HMAC-SHA-256(key, root ‖ entry id); the lowest score wins. Scores can't be equal in practice; if they were, the
 * lower entry number would come first. Uniform: with a key nobody could choose, every order of the entries is equally likely.
 *
 * @param root of the tree over exactly these entries, 32 bytes.
 * @param ids of the entries, in order, 16 bytes each.
 * @param placeCount winners and alternates together; fewer come back when there are fewer entries.
 */
export async function rankEntries(
  key: Bytes,
  root: Bytes,
  ids: Bytes,
  placeCount: number,
  hashMany: HashMany = webHashMany,
): Promise<Placed[]> {
  const scores = await scoreEntries(key, root, ids, hashMany);
  return lowest(scores, placeCount).map((entryNumber) => ({ entryNumber, score: hexOf(scoreAt(scores, entryNumber)) }));
}

/**
 * The first places of a list that was ranked in parts.
 *
 * @param parts each part's own first `placeCount` places, in the order of the list; a part's entry numbers count from its first entry, `firstNumber`.
 */
export function mergePlaces(
  parts: readonly { firstNumber: number; placed: readonly Placed[] }[],
  placeCount: number,
): Placed[] {
  const next = parts.map(() => 0);
  const merged: Placed[] = [];
  while (merged.length < placeCount) {
    let best: { part: number; score: string } | null = null;
    // Scores are hex of one length: their order as text is their order as numbers. Of equal ones the earlier part's is first.
    for (const [part, { placed }] of parts.entries()) {
      const score = placed[next[part]!]?.score;
      if (score !== undefined && (best === null || score < best.score)) best = { part, score };
    }
    if (best === null) break;
    const { firstNumber, placed } = parts[best.part]!;
    const { entryNumber, score } = placed[next[best.part]!++]!;
    merged.push({ entryNumber: firstNumber + entryNumber, score });
  }
  return merged;
}

/** HMAC (RFC 2104) of a 32-byte key spelled out as its two hashes, so that it runs through `HashMany` like everything else. */
async function scoreEntries(key: Bytes, root: Bytes, ids: Bytes, hashMany: HashMany): Promise<Bytes> {
  const count = ids.length / entryIdBytes;
  const inner = await hashMany({
    count,
    prefix: concatBytes(paddedKey(key, 0x36), root),
    restBytes: entryIdBytes,
    write: (target, offset, index) => copyBytes(target, offset, ids, index * entryIdBytes, entryIdBytes),
  });
  return hashMany({
    count,
    prefix: paddedKey(key, 0x5c),
    restBytes: digestBytes,
    write: (target, offset, index) => copyBytes(target, offset, inner, index * digestBytes, digestBytes),
  });
}

/** Indexes of the lowest scores, in order. Keeps at most twice as many candidates as are wanted instead of sorting everything. */
function lowest(scores: Bytes, wanted: number): number[] {
  const count = scores.length / digestBytes;
  const byScore = (left: number, right: number) => compareScores(scores, left, right) || left - right;
  const candidateMax = Math.max(2 * wanted, 1_024);
  let candidates: number[] = [];
  let lastWanted: number | null = null; // Whoever scores higher than this one can't be among the wanted any more.
  for (let index = 0; index < count; index++) {
    if (lastWanted !== null && byScore(index, lastWanted) > 0) continue;
    candidates.push(index);
    if (candidates.length < candidateMax) continue;
    candidates = candidates.sort(byScore).slice(0, wanted);
    lastWanted = candidates.at(-1) ?? null;
  }
  return candidates.sort(byScore).slice(0, wanted);
}

/** Compares in place: this runs for every entry, and two views for each would cost more than the comparison. */
function compareScores(scores: Bytes, left: number, right: number): number {
  for (let i = 0; i < digestBytes; i++) {
    const difference = scores[left * digestBytes + i]! - scores[right * digestBytes + i]!;
    if (difference !== 0) return difference;
  }
  return 0;
}

function scoreAt(scores: Bytes, index: number): Bytes {
  return scores.subarray(index * digestBytes, (index + 1) * digestBytes);
}
