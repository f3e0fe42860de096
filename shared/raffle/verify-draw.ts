import { verifyBeaconRound } from './beacon.ts';
import { bytesOfHex, hexOf, type Bytes } from './bytes.ts';
import type { Entry } from './entry.ts';
import { idsOf, leafHashes, packedEntryBytes, packEntry, unpackEntry } from './packed-entry.ts';
import { sha256, webHashMany, type HashMany } from './hash.ts';
import { merkleRoot } from './merkle.ts';
import { problemText, wordsFor } from '../parse-input.ts';
import { ProofDocument } from './proof-document.ts';
import { comparison, type ProofStep } from './proof-step.ts';
import { firstRepeated } from './repeated-entries.ts';
import { rankEntries } from './ranking.ts';
import { drawKey } from './draw-key.ts';
import { hashOfRules } from './rules.ts';
import { frozenStatement, verifySignature } from './signature.ts';
import { isFrozenTooLate } from './void.ts';

export type VerifyOptions = {
  /** Opens the entry list when the document only says where it is. Needed for such documents. */
  readEntries?: (location: string) => AsyncIterable<Entry>;
  /** A faster SHA-256 where there is one. The result is the same. */
  hashMany?: HashMany;
};

/**
 * Checks a draw from its public proof document alone.
 *
 * Every step that can be taken is taken, so that a reader sees all that is wrong; only what is not a proof document stops at once.
 * Takes the word of nobody: rules hash, commitment, beacon, list, root, ranking and signature are all recomputed.
 */
export async function verifyDraw(
  candidate: unknown,
  { readEntries, hashMany = webHashMany }: VerifyOptions = {},
): Promise<ProofStep[]> {
  const steps = await verifyBesidesList(candidate);
  if (!steps[0]!.ok) return steps;
  const document = candidate as ProofDocument;
  const list = await collectEntries(document, readEntries);
  return [...steps, list.step, ...(list.step.ok ? await computedSteps(document, list.packed, hashMany) : notComputed)];
}

/** The steps for which no entry is read: at once, however long the list. They say nothing about who wins. */
export async function verifyBesidesList(candidate: unknown): Promise<ProofStep[]> {
  const parsed = ProofDocument.safeParse(candidate, { error: wordsFor });
  const format = {
    check: 'format',
    ok: parsed.success,
    what: 'The document has the form it should have',
    details: parsed.error ? problemText(parsed.error) : '',
  };
  if (!parsed.success) return [format];
  const document = parsed.data;
  return [
    format,
    comparison(
      'rules',
      'The rules are the ones whose hash was published',
      document.rulesHash,
      await hashOfRules(document.rules),
    ),
    await signatureStep(document),
    closeStep(document),
    await seedStep(document),
    await beaconStep(document),
  ];
}

async function signatureStep({ rules, rulesHash, frozen }: ProofDocument): Promise<ProofStep> {
  const ok = await verifySignature(rules.signingKey, frozen.signature, frozenStatement(rulesHash, frozen));
  return {
    check: 'signature',
    ok,
    what: "The closed list is signed with the giveaway's key",
    details: rules.signingKey,
  };
}

function closeStep({ rules, frozen }: ProofDocument): ProofStep {
  const ok = frozen.frozenAtMs >= rules.closesAtMs;
  return {
    check: 'close',
    ok,
    what: 'The list was frozen after entry closed',
    details: new Date(frozen.frozenAtMs).toISOString(),
  };
}

async function seedStep({ rules, seed }: ProofDocument): Promise<ProofStep> {
  if (seed !== null) {
    const committed = hexOf(await sha256(bytesOfHex(seed)));
    return comparison('seed', 'The seed is the one that was committed to', rules.seedCommitment, committed);
  }
  const details = `Not revealed: the published default is "${rules.ifUnrevealed}"`;
  return { check: 'seed', ok: true, what: 'The seed was revealed, or the published default was applied', details };
}

async function beaconStep({ rules, beacon, frozen, seed }: ProofDocument): Promise<ProofStep> {
  const what = 'The public randomness is the round the rules name, and came after the list was frozen';
  const step = (ok: boolean, details: string): ProofStep => ({ check: 'beacon', ok, what, details });
  if (rules.beacon === null) return step(beacon === null, 'The rules name no beacon');
  if (isFrozenTooLate({ rules, frozen }))
    return step(seed === null && beacon === null, 'The round was known when the list was frozen: nothing may be drawn');
  if (beacon === null) return step(seed === null, 'The round is missing: nothing may be drawn');
  const { chain, round } = rules.beacon;
  return step(await verifyBeaconRound(chain, round, beacon), `drand ${chain}, round ${round}`);
}

const computed = {
  root: 'The Merkle root is the root of these entries',
  winners: 'The winners are the entries with the lowest scores',
  alternates: 'The alternates are the entries that come next',
};

/** From a list that is not whole nothing follows. */
const notComputed: ProofStep[] = Object.entries(computed).map(([check, what]) => ({
  check,
  ok: false,
  what,
  details: 'Not computed: the list is not complete',
}));

/** Root and result, both computed from the entries themselves. */
async function computedSteps(document: ProofDocument, packed: Bytes, hashMany: HashMany): Promise<ProofStep[]> {
  const root = await merkleRoot(await leafHashes(packed, hashMany), hashMany);
  const result = await expectedResult(document, root, packed, hashMany);
  return [
    comparison('root', computed.root, document.frozen.root, hexOf(root)),
    resultStep('winners', computed.winners, document.winners, result.winners),
    resultStep('alternates', computed.alternates, document.alternates, result.alternates),
  ];
}

type PlacedEntries = ProofDocument['winners'];

async function expectedResult(
  { rules, rulesHash, frozen, seed, beacon }: ProofDocument,
  root: Bytes,
  packed: Bytes,
  hashMany: HashMany,
): Promise<{ winners: PlacedEntries; alternates: PlacedEntries }> {
  const isVoid = isFrozenTooLate({ rules, frozen }) || (seed === null && rules.ifUnrevealed === 'void');
  const lacksRound = rules.beacon !== null && beacon === null;
  if (isVoid || lacksRound) return { winners: [], alternates: [] };
  const key = await drawKey(rules, rulesHash, { seed, beacon });
  const placed = (await rankEntries(key, root, idsOf(packed), rules.prizeCount + rules.alternateCount, hashMany)).map(
    ({ entryNumber, score }) => ({
      entryNumber,
      entryId: unpackEntry(packed, entryNumber).id,
      score,
    }),
  );
  return { winners: placed.slice(0, rules.prizeCount), alternates: placed.slice(rules.prizeCount) };
}

function resultStep(check: string, what: string, published: PlacedEntries, expected: PlacedEntries): ProofStep {
  const place = expected.findIndex((entry, i) => JSON.stringify(entry) !== JSON.stringify(published[i]));
  if (place >= 0)
    return { check, ok: false, what, details: `Place ${place + 1} should be entry ${expected[place]!.entryNumber}` };
  const ok = published.length === expected.length;
  return {
    check,
    ok,
    what,
    details: ok ? `${expected.length} of them` : `${published.length} were published, ${expected.length} computed`,
  };
}

/** Entries that there is place for before the first has come. */
const firstEntries = 16_384;

/** Reads the list, in order and without doubles, into its packed form. What is wrong with it is told, not thrown. */
async function collectEntries(
  document: ProofDocument,
  readEntries: VerifyOptions['readEntries'],
): Promise<{ packed: Bytes; step: ProofStep }> {
  const { entryCount } = document.frozen;
  // Grows with what arrives: what a document claims is no reason to take the memory for it.
  let packed: Bytes = new Uint8Array(Math.min(entryCount, firstEntries) * packedEntryBytes);
  const step = (problem: string | null, count: number): ProofStep => ({
    check: 'entries',
    ok: problem === null,
    what: 'The list is complete, in order, and nobody is in it twice',
    details: problem ?? `${count} entries`,
  });
  let count = 0;
  try {
    for await (const entry of openEntries(document, readEntries)) {
      const problem = problemWith(entry, count, entryCount);
      if (problem) return { packed, step: step(problem, count) };
      if (count * packedEntryBytes === packed.length) packed = grown(packed, entryCount * packedEntryBytes);
      packed.set(packEntry(entry), count++ * packedEntryBytes);
    }
  } catch (error) {
    return {
      packed,
      step: step(`The list can't be read: ${error instanceof Error ? error.message : String(error)}`, count),
    };
  }
  const missing = entryCount - count;
  if (missing > 0) return { packed, step: step(`${missing} entries are missing`, count) };
  packed = packed.subarray(0, count * packedEntryBytes);
  const repeated = firstRepeated(packed);
  return { packed, step: step(repeated === null ? null : `Entry ${repeated} repeats an id or an entrant`, count) };
}

/** Twice as long, but not longer than needed. */
function grown(packed: Bytes, bytesMax: number): Bytes {
  const longer = new Uint8Array(Math.min(packed.length * 2, bytesMax));
  longer.set(packed);
  return longer;
}

function problemWith(entry: Entry, expectedNumber: number, entryCount: number): string | null {
  if (expectedNumber >= entryCount) return `There are more than the ${entryCount} frozen entries`;
  return entry.number === expectedNumber ? null : `Entry ${entry.number} stands where ${expectedNumber} should`;
}

async function* openEntries(
  { entries }: ProofDocument,
  readEntries: VerifyOptions['readEntries'],
): AsyncGenerator<Entry> {
  if ('inline' in entries) return yield* entries.inline;
  if (!readEntries) throw new TypeError('no way to open a separate list was given');
  yield* readEntries(entries.ndjson);
}
