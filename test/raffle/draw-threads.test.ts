import { afterAll, describe, expect, test } from 'vitest';
import { hexOf, type Bytes } from '../../shared/raffle/bytes.ts';
import { idsOf, leafHashes, packedEntryBytes } from '../../shared/raffle/packed-entry.ts';
import { nodeHashMany } from '../../shared/raffle/hash-many.node.ts';
import { merklePath, merkleRoot } from '../../shared/raffle/merkle.ts';
import { rankEntries } from '../../shared/raffle/ranking.ts';
import { hashPages, isGoodRound, rankIds } from '../../server/features/giveaway/draw.ts';
import { pageEntries } from '../../server/features/giveaway/list-sizes.ts';
import { createDrawThreads } from '../../server/features/giveaway/draw-threads.ts';
import { createInclusions } from '../../server/features/giveaway/inclusion.ts';
import { createLists } from '../../server/features/giveaway/lists.ts';
import type { BeaconRound } from '../../shared/raffle/beacon.ts';
import { digestOf } from './draw-fixture.ts';
import { recordedRounds } from './recorded-rounds.ts';

const threads = createDrawThreads(2);
afterAll(() => threads.close());

function listOf(count: number): Bytes {
  const packed = new Uint8Array(count * packedEntryBytes);
  const words = new Uint32Array(packed.buffer);
  words.forEach((_, i) => (words[i] = Math.imul(i + 1, 2_654_435_761)));
  return packed;
}

function* pagesOf(list: Bytes, entries = pageEntries): Generator<Bytes> {
  for (let start = 0; start < list.length; start += entries * packedEntryBytes) {
    yield list.slice(start, start + entries * packedEntryBytes);
  }
}

const sliceOf =
  (list: () => Bytes) =>
  async (_id: string, first: number, entries: number): Promise<Bytes> =>
    list().slice(first * packedEntryBytes, (first + entries) * packedEntryBytes);

/** A store of one list. @param reads gets the number of the first entry of each slice and each page. */
function entriesOf(list: Bytes, reads: number[]) {
  const slice = sliceOf(() => list);
  return {
    slice: (id: string, first: number, entries: number) => (reads.push(first), slice(id, first, entries)),
    *pages(_id: string, first = 0) {
      for (const page of pagesOf(list.slice(first * packedEntryBytes))) {
        reads.push(first);
        yield page;
      }
    },
  };
}

describe('a draw in pages on threads', () => {
  test.each([0, 1, pageEntries - 1, pageEntries, pageEntries + 1, 3 * pageEntries + 5])(
    'gives the root and the places of the whole list (%i entries)',
    async (count) => {
      const [list, key] = [listOf(count), digestOf('key')];
      const { root, entryCount, ids } = await hashPages(threads, pagesOf(list));
      const places = await rankIds(threads, key, root, ids, 50);

      expect(entryCount).toBe(count);
      expect(hexOf(root)).toBe(hexOf(await merkleRoot(await leafHashes(list, nodeHashMany), nodeHashMany)));
      expect(places).toEqual(await rankEntries(key, root, idsOf(list), 50, nodeHashMany));
    },
  );

  test.each([1, 256, 257, pageEntries, pageEntries + 1, pageEntries + 300])(
    'proves any entry of the list without reading it again (%i entries)',
    async (count) => {
      const list = listOf(count);
      const leaves = await leafHashes(list, nodeHashMany);
      const root = hexOf(await merkleRoot(leaves, nodeHashMany));
      let reads = 0;
      const pathOf = createInclusions({
        threads,
        entries: {
          pages: () => (reads++, pagesOf(list)),
          slice: sliceOf(() => list),
        },
      });
      const frozen = { entryCount: count, root, frozenAtMs: 0, signature: '' };

      for (const number of new Set([0, count >> 1, count - 1]))
        expect(await pathOf({ giveawayId: 'one', frozen }, number)).toEqual(
          await merklePath(leaves, number, nodeHashMany),
        );
      expect(reads).toBe(1);
      await expect(pathOf({ giveawayId: 'bent', frozen: { ...frozen, root: '00' } }, 0)).rejects.toThrow('not the one');
    },
  );

  test('reads one list at a time for those who ask for proofs, and no more than so many wait', async () => {
    const list = listOf(300);
    const root = hexOf(await merkleRoot(await leafHashes(list, nodeHashMany), nodeHashMany));
    let [reading, readingMost] = [0, 0];
    const pathOf = createInclusions({
      threads,
      entries: {
        async *pages() {
          readingMost = Math.max(readingMost, (reading += 1));
          yield* pagesOf(list);
          reading -= 1;
        },
        slice: sliceOf(() => list),
      },
    });
    const frozen = { entryCount: 300, root, frozenAtMs: 0, signature: '' };

    const asked = Array.from({ length: 40 }, (_, i) => pathOf({ giveawayId: `${i}`, frozen }, i));
    const answers = await Promise.allSettled(asked);

    expect(readingMost).toBe(1);
    const refused = answers.filter(({ status }) => status === 'rejected');
    expect(refused.map((one) => (one as PromiseRejectedResult).reason)).toEqual(
      Array.from({ length: 8 }, () => expect.objectContaining({ code: 'RETRY' })),
    );
    expect((await pathOf({ giveawayId: '39', frozen }, 39)).length).toBe(9);
  });

  test.each([
    ['of which nothing is full yet', 300, 900, 0],
    ['that goes on after it was read', 2 * pageEntries + 300, 3 * pageEntries + 5, 2],
    ['that ends where it was read', 2 * pageEntries, 2 * pageEntries, 2],
  ])('reads ahead a list %s, and gives its root and its ids', async (_which, early, late, pagesAhead) => {
    const list = listOf(late);
    const reads: number[] = [];
    const lists = createLists({ threads, entries: entriesOf(list, reads) });

    await lists.readAhead([{ giveawayId: 'one', entryCount: early }]);
    await lists.readAhead([{ giveawayId: 'one', entryCount: early }]);
    expect(reads).toEqual(Array.from({ length: pagesAhead }, (_, page) => page * pageEntries));
    const { root, ids, entryCount } = await lists.whole('one');

    expect(Math.min(...reads.slice(pagesAhead))).toBeGreaterThanOrEqual(pagesAhead * pageEntries - 1);
    expect(entryCount).toBe(late);
    expect(hexOf(root)).toBe(hexOf(await merkleRoot(await leafHashes(list, nodeHashMany), nodeHashMany)));
    expect(ids).toEqual(idsOf(list));
  });

  test('reads a list anew whose end was lost by its database, and one that was cancelled no more', async () => {
    const [before, after] = [listOf(pageEntries), listOf(pageEntries)];
    after.fill(7, (pageEntries - 1) * packedEntryBytes);
    let list = before;
    const lists = createLists({
      threads,
      entries: { pages: (_id, first) => pagesOf(list.slice(first! * packedEntryBytes)), slice: sliceOf(() => list) },
    });

    await lists.readAhead([{ giveawayId: 'one', entryCount: pageEntries }]);
    list = after;
    expect((await lists.whole('one')).ids).toEqual(idsOf(after));

    list = before;
    await lists.readAhead([{ giveawayId: 'one', entryCount: pageEntries }]);
    await lists.readAhead([]);
    list = after.fill(9, 0, packedEntryBytes);
    expect((await lists.whole('one')).ids).toEqual(idsOf(after));
  });

  test('checks a public round beside the event loop', async () => {
    const { chain, recorded } = recordedRounds[0]!;
    const isGood = (round: BeaconRound) => isGoodRound(threads, chain, recorded.round, round);

    expect(await isGood(recorded)).toBe(true);
    expect(await isGood({ ...recorded, randomness: '00'.repeat(32) })).toBe(false);
  });

  test('refuses a short page that is not the last', async () => {
    await expect(hashPages(threads, pagesOf(listOf(300), 100))).rejects.toThrow(RangeError);
  });

  test('tells what went wrong in a thread, and goes on', async () => {
    const noKey = null as unknown as Bytes;

    await expect(rankIds(threads, noKey, digestOf('root'), idsOf(listOf(1)), 1)).rejects.toThrow('TypeError');
    expect((await hashPages(threads, pagesOf(listOf(2)))).entryCount).toBe(2);
  });

  test('rejects what was asked before and after the threads were closed', async () => {
    const closing = createDrawThreads(1);
    const question = () => closing.ask({ ask: 'hash', page: listOf(pageEntries), firstNumber: 0 });
    const refused = Promise.all([
      expect(question()).rejects.toThrow('ended before'),
      expect(question()).rejects.toThrow('closed'),
    ]);
    await closing.close();

    await refused;
    await expect(question()).rejects.toThrow('closed');
  });
});
