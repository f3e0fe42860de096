import { concatBytes, type Bytes } from '../../../shared/raffle/bytes.ts';
import { packedEntryBytes } from '../../../shared/raffle/entry.ts';
import { merkleRoot } from '../../../shared/raffle/merkle.ts';
import { mergePlaces, type Placed } from '../../../shared/raffle/ranking.ts';
import type { DrawThreads } from './draw-threads.ts';
import type { DrawAnswer } from './draw-worker.ts';
import { pageEntries } from './list-sizes.ts';

/** Pages read but not answered: bounds memory to 16 MB however long the list is. */
const pagesInFlightMax = 8;

/** The entry list in order: pages of exactly `pageEntries` packed entries, only the last one shorter. */
export type EntryPages = AsyncIterable<Bytes> | Iterable<Bytes>;

/** Merkle root of the whole list. @see merkleRoot in shared/raffle/merkle.ts, whose result this is. */
export async function rootOfPages(
  threads: DrawThreads,
  pages: EntryPages,
): Promise<{ root: Bytes; entryCount: number }> {
  const { parts, entryCount } = await askEach(pages, async (page, firstNumber) => {
    const answer = await threads.ask({ ask: 'root', page, firstNumber });
    return 'root' in answer ? answer.root : refuse(answer);
  });
  return { root: await merkleRoot(concatBytes(...parts)), entryCount };
}

/** The first places of the whole list. @see rankEntries in shared/raffle/ranking.ts, whose result this is. */
export async function rankPages(
  threads: DrawThreads,
  key: Bytes,
  root: Bytes,
  pages: EntryPages,
  placeCount: number,
): Promise<Placed[]> {
  const { parts } = await askEach(pages, async (page, firstNumber) => {
    const answer = await threads.ask({ ask: 'rank', page, key, root, placeCount });
    return { firstNumber, placed: 'placed' in answer ? answer.placed : refuse(answer) };
  });
  return mergePlaces(parts, placeCount);
}

/** Roots of all blocks of the whole list, in order: the level of its tree that stands on blocks. */
export async function blockRootsOfPages(threads: DrawThreads, pages: EntryPages): Promise<Bytes> {
  const { parts } = await askEach(pages, async (page, firstNumber) => {
    const answer = await threads.ask({ ask: 'root', page, firstNumber });
    return 'root' in answer ? answer.blockRoots : refuse(answer);
  });
  return concatBytes(...parts);
}

async function askEach<Part>(
  pages: EntryPages,
  ask: (page: Bytes, firstNumber: number) => Promise<Part>,
): Promise<{ parts: Part[]; entryCount: number }> {
  const answers: Promise<Part>[] = [];
  let entryCount = 0;
  for await (const page of pages) {
    if (entryCount % pageEntries !== 0) throw new RangeError('Only the last page may be short');
    const firstNumber = entryCount;
    entryCount += page.length / packedEntryBytes;
    answers.push(ask(page, firstNumber));
    await answers.at(-pagesInFlightMax);
  }
  return { parts: await Promise.all(answers), entryCount };
}

function refuse(answer: DrawAnswer): never {
  throw new Error('failure' in answer ? answer.failure : 'The draw thread answered another question');
}
