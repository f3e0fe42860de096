import type { Bytes } from './bytes.ts';
import { hexOf } from './bytes.ts';
import { packedEntryBytes } from './packed-entry.ts';

/** Where in a packed entry what must be there once stands, and eight bytes of it that are as good as random in an honest list. */
const uniqueParts = [
  { start: 0, end: 16, keyStart: 8 },
  { start: 16, end: 48, keyStart: 16 },
] as const;
type Part = (typeof uniqueParts)[number];

/**
 * The number of the first entry that repeats the id or the entrant of one before it; null when none does.
 *
 * By sorted keys of eight bytes, 8 MB for a million entries, because a set of so many texts would fill a gigabyte. Equal keys are only a
 * suspicion: the whole is compared then.
 */
export function firstRepeated(packedEntries: Bytes): number | null {
  const found = uniqueParts.map((part) => firstRepeatOf(packedEntries, part)).filter((number) => number !== null);
  return found.length === 0 ? null : Math.min(...found);
}

function firstRepeatOf(packedEntries: Bytes, part: Part): number | null {
  const suspects = repeatedKeys(packedEntries, part);
  if (suspects.size === 0) return null;
  const seen = new Set<string>();
  for (const { number, key } of keysOf(packedEntries, part)) {
    if (!suspects.has(key)) continue;
    const at = number * packedEntryBytes;
    const whole = hexOf(packedEntries.subarray(at + part.start, at + part.end));
    if (seen.has(whole)) return number;
    seen.add(whole);
  }
  return null;
}

function repeatedKeys(packedEntries: Bytes, part: Part): ReadonlySet<bigint> {
  const keys = new BigUint64Array(packedEntries.length / packedEntryBytes);
  for (const { number, key } of keysOf(packedEntries, part)) keys[number] = key;
  keys.sort();
  const repeated = new Set<bigint>();
  for (let i = 1; i < keys.length; i++) if (keys[i] === keys[i - 1]) repeated.add(keys[i]!);
  return repeated;
}

function* keysOf(packedEntries: Bytes, { keyStart }: Part): Generator<{ number: number; key: bigint }> {
  const view = new DataView(packedEntries.buffer, packedEntries.byteOffset, packedEntries.byteLength);
  for (let at = 0, number = 0; at < packedEntries.length; at += packedEntryBytes, number++)
    yield { number, key: view.getBigUint64(at + keyStart) };
}
