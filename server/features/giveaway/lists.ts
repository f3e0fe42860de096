import type { Bytes } from '../../../shared/raffle/bytes.ts';
import { hashPages, hashStart, noStart, type HashedList, type ListStart } from './draw.ts';
import type { DrawThreads } from './draw-threads.ts';
import type { EntryStore } from './entries.ts';
import type { ClosingGiveaway } from './giveaways.ts';
import { pageEntries } from './list-sizes.ts';

type Needs = { entries: Pick<EntryStore, 'pages' | 'slice'>; threads: DrawThreads };

/** Pages of one list that are read in one turn: 131,072 entries. Draws that are due meanwhile wait for no more than that. */
const pagesAtOnce = 16;
/** Pages of one list that are kept: of a million entries 16 MB. What is behind them is read at the close. */
const pagesKeptMax = 128;

export type Lists = Pick<ReturnType<typeof createLists>, 'whole'>;

/**
 * Reads and hashes lists of entries, most of them before they close: entries are only ever added, so a page that is full stays as it is.
 * The winners then wait for the last page and no longer for the whole list, nor for threads that start.
 */
export function createLists({ entries, threads }: Needs) {
  const starts = new Map<string, ListStart>();

  return {
    /** Goes on reading the lists that close soon. @param closing all of them: what was read of others is forgotten. */
    async readAhead(closing: readonly ClosingGiveaway[]): Promise<void> {
      const ids = new Set(closing.map(({ giveawayId }) => giveawayId));
      for (const giveawayId of starts.keys()) if (!ids.has(giveawayId)) starts.delete(giveawayId);
      if (closing.length > 0) threads.start();
      for (const giveaway of closing) await readOn(giveaway);
    },
    /** The whole list of a giveaway that takes no entries any more. */
    async whole(giveawayId: string): Promise<HashedList> {
      const start = starts.get(giveawayId);
      starts.delete(giveawayId);
      const known = start && (await isStillThere(giveawayId, start)) ? start : noStart;
      return hashPages(threads, entries.pages(giveawayId, known.entryCount), known);
    },
  };

  async function readOn({ giveawayId, entryCount }: ClosingGiveaway): Promise<void> {
    const known = starts.get(giveawayId) ?? noStart;
    const firstPage = known.parts.length;
    const pageCount = Math.min(Math.floor(entryCount / pageEntries), firstPage + pagesAtOnce, pagesKeptMax);
    if (pageCount <= firstPage) return;
    starts.set(giveawayId, await hashStart(threads, fullPages(giveawayId, firstPage, pageCount), known));
  }

  async function* fullPages(giveawayId: string, from: number, to: number): AsyncGenerator<Bytes> {
    for (let page = from; page < to; page++) yield entries.slice(giveawayId, page * pageEntries, pageEntries);
  }

  /**
   * False when the database lost its latest commits meanwhile, by a failover or a restore, and others took the numbers: what it loses is
   * always the end of a list, so the last entry tells.
   */
  async function isStillThere(giveawayId: string, { entryCount, last }: ListStart): Promise<boolean> {
    return Buffer.compare(await entries.slice(giveawayId, entryCount - 1, 1), last) === 0;
  }
}
