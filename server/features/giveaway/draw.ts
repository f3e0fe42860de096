import type { BeaconRound, DrandChain } from '../../../shared/raffle/beacon.ts';
import { concatBytes, type Bytes } from '../../../shared/raffle/bytes.ts';
import { merkleRoot } from '../../../shared/raffle/merkle.ts';
import { entryIdBytes, packedEntryBytes } from '../../../shared/raffle/packed-entry.ts';
import { mergePlaces, type Placed } from '../../../shared/raffle/ranking.ts';
import type { DrawThreads } from './draw-threads.ts';
import type { DrawAnswer } from './draw-worker.ts';
import { pageEntries, rankedIdsMax } from './list-sizes.ts';

/** Pages read but not answered: bounds memory to 4 MB however long the list is, and what another question waits behind. */
const pagesInFlightMax = 8;

/** The entry list in order: pages of exactly `pageEntries` packed entries, only the last one shorter. */
export type EntryPages = AsyncIterable<Bytes> | Iterable<Bytes>;

/** A list that was read and hashed: its root, and the ids of its entries in order, by which they are ranked. */
export type HashedList = { root: Bytes; entryCount: number; ids: Bytes };

/** The beginning of a list: its pages, hashed, and its last entry, packed. */
export type ListStart = { parts: readonly PagePart[]; entryCount: number; last: Bytes };

export const noStart: ListStart = { parts: [], entryCount: 0, last: new Uint8Array() };

/**
 * Merkle root of the whole list. @see merkleRoot in shared/raffle/merkle.ts, whose result this is.
 *
 * @param start what was hashed of it before; `pages` are those behind it.
 */
export async function hashPages(threads: DrawThreads, pages: EntryPages, start = noStart): Promise<HashedList> {
  const { parts, entryCount } = await hashStart(threads, pages, start);
  const root = await merkleRoot(concatBytes(...parts.map((part) => part.root)));
  return { root, entryCount, ids: concatBytes(...parts.map((part) => part.ids)) };
}

/** Roots of all blocks of the whole list, in order: the level of its tree that stands on blocks. */
export async function blockRootsOfPages(threads: DrawThreads, pages: EntryPages): Promise<Bytes> {
  const { parts } = await hashStart(threads, pages);
  return concatBytes(...parts.map((part) => part.blockRoots));
}

/**
 * The first places of the whole list. @see rankEntries in shared/raffle/ranking.ts, whose result this is.
 *
 * @param ids of all entries in order: a million of them are 16 MB.
 */
export async function rankIds(
  threads: DrawThreads,
  key: Bytes,
  root: Bytes,
  ids: Bytes,
  placeCount: number,
): Promise<Placed[]> {
  const count = ids.length / entryIdBytes;
  // Parts of one size, so that no thread waits for the others.
  const partCount = Math.max(threads.threadCount, Math.ceil(count / rankedIdsMax));
  const partIds = Math.max(1, Math.ceil(count / partCount));
  const parts = [];
  for (let firstNumber = 0; firstNumber < count; firstNumber += partIds) {
    const part = ids.slice(firstNumber * entryIdBytes, (firstNumber + partIds) * entryIdBytes);
    const answer = threads.ask({ ask: 'rank', ids: part, key, root, placeCount });
    parts.push(answer.then((ranked) => ({ firstNumber, placed: 'placed' in ranked ? ranked.placed : refuse(ranked) })));
  }
  return mergePlaces(await Promise.all(parts), placeCount);
}

/** Whether a public round is what it should be. @see verifyBeaconRound in shared/raffle/beacon.ts, which runs on a thread here. */
export async function isGoodRound(
  threads: DrawThreads,
  chain: DrandChain,
  round: number,
  recorded: BeaconRound,
): Promise<boolean> {
  const answer = await threads.ask({ ask: 'beacon', chain, round, recorded });
  return 'isGood' in answer ? answer.isGood : refuse(answer);
}

type PagePart = Extract<DrawAnswer, { root: Bytes }>;

/** Hashes pages that follow a start. */
export async function hashStart(threads: DrawThreads, pages: EntryPages, start = noStart): Promise<ListStart> {
  const answers: Promise<PagePart>[] = [];
  let { entryCount, last } = start;
  for await (const page of pages) {
    if (entryCount % pageEntries !== 0) throw new RangeError('Only the last page may be short');
    const firstNumber = entryCount;
    entryCount += page.length / packedEntryBytes;
    last = page.slice(-packedEntryBytes);
    const answer = threads.ask({ ask: 'hash', page, firstNumber });
    answers.push(answer.then((hashed) => ('root' in hashed ? hashed : refuse(hashed))));
    await answers.at(-pagesInFlightMax);
  }
  return { parts: [...start.parts, ...(await Promise.all(answers))], entryCount, last };
}

function refuse(answer: DrawAnswer): never {
  throw new Error('failure' in answer ? answer.failure : 'The draw thread answered another question');
}
