import { z } from 'zod';
import { BeaconRound } from './beacon.ts';
import { Digest, entriesMax, Entry, EntryId } from './entry.ts';
import { Rules, winnersMax } from './rules.ts';

/** Entries a document carries itself; longer lists are a file of their own, one JSON object a line. */
export const inlineEntriesMax = 10_000;

/** Bytes of one line of an entry file at most. An entry takes about 180. */
const entryLineBytesMax = 512;

export const Signature = z.string().regex(/^[0-9a-f]{128}$/, 'must be 64 bytes in lower-case hex');

/** The closed list: how long it is, its root, and the server's signature, so that two different lists can't both be shown. */
export const Frozen = z.strictObject({
  entryCount: z.int().min(0).max(entriesMax),
  root: Digest,
  frozenAtMs: z.int().min(0).max(8_640_000_000_000_000).describe('Unix epoch, ms.'),
  signature: Signature,
});
export type Frozen = z.infer<typeof Frozen>;

const PlacedEntry = z.strictObject({ entryNumber: Entry.shape.number, entryId: EntryId, score: Digest });

/** Everything that is needed to check a draw, and nothing about persons. */
export const ProofDocument = z.strictObject({
  format: z.literal('nightmarket-raffle-proof/1'),
  rules: Rules,
  rulesHash: Digest,
  frozen: Frozen,
  seed: Digest.nullable().describe('Null when it was not revealed in time.'),
  beacon: BeaconRound.nullable(),
  entries: z.union([
    z.strictObject({ inline: z.array(Entry).max(inlineEntriesMax) }),
    z.strictObject({
      ndjson: z.string().min(1).max(2_000).describe('Where the list is, absolute or relative to this document.'),
    }),
  ]),
  winners: z.array(PlacedEntry).max(winnersMax),
  alternates: z.array(PlacedEntry).max(winnersMax),
});
export type ProofDocument = z.infer<typeof ProofDocument>;

/**
 * Reads an entry file as it arrives, whatever its length.
 *
 * @throws RangeError for a line that is too long, SyntaxError or ZodError for a line that is not an entry.
 */
export async function* entriesOfNdjson(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Entry> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let rest = '';
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop()!;
    if (rest.length > entryLineBytesMax)
      throw new RangeError(`A line of the entry list is longer than ${entryLineBytesMax} bytes`);
    for (const line of lines) yield Entry.parse(JSON.parse(line));
  }
  if (rest !== '') yield Entry.parse(JSON.parse(rest));
}

/** One line of an entry file, with its line feed. */
export function ndjsonLine(entry: Entry): string {
  return `${JSON.stringify({ number: entry.number, id: entry.id, entrant: entry.entrant, nonce: entry.nonce })}\n`;
}
