import { AppError } from '../../../shared/errors.ts';
import type { Output } from '../../../shared/protocol/index.ts';
import { hexOf, type Bytes } from '../../../shared/raffle/bytes.ts';
import type { Entry } from '../../../shared/raffle/entry.ts';
import { packedEntryBytes, unpackEntry } from '../../../shared/raffle/packed-entry.ts';

import { inlineEntriesMax, ndjsonLine, type ProofDocument } from '../../../shared/raffle/proof-document.ts';
import { isFrozenTooLate } from '../../../shared/raffle/void.ts';
import type { AwardStore, Place } from './awards.ts';
import { createInclusions } from './inclusion.ts';
import type { DrawThreads } from './draw-threads.ts';
import type { EntryStore } from './entries.ts';
import type { GiveawayRow, GiveawayStore } from './giveaways.ts';

type Needs = { store: GiveawayStore; entries: EntryStore; awards: AwardStore; threads: DrawThreads };

/** Lines sent at once from a long list: about a quarter of a megabyte. */
const linesAtOnce = 1_024;

/** Everything that anybody needs to check a draw, from the ledger. */
export function createProofs({ store, entries, awards, threads }: Needs) {
  const pathOf = createInclusions({ entries, threads });

  return {
    /** @throws AppError NOT_FOUND, or CONFLICT before the draw and for what was cancelled. */
    async document(giveawayId: string): Promise<ProofDocument> {
      const giveaway = await ended(giveawayId);
      const { rules, rulesHash, frozen, beacon, revealed, seed, entryCount } = giveaway;
      const places = await awards.places(giveawayId, rules.prizeCount + rules.alternateCount);
      return {
        format: 'nightmarket-raffle-proof/1',
        rules,
        rulesHash,
        frozen: frozen!,
        seed: revealed ? hexOf(seed) : null,
        // One that was noted for a list frozen too late is no part of what the proof says.
        beacon: isFrozenTooLate({ rules, frozen: frozen! }) ? null : beacon,
        entries:
          entryCount <= inlineEntriesMax
            ? { inline: await inlineEntries(giveawayId, entryCount) }
            : { ndjson: 'entries' },
        winners: placedOf(places.filter(({ place }) => place < rules.prizeCount)),
        alternates: placedOf(places.filter(({ place }) => place >= rules.prizeCount)),
      };
    },
    /** The entry list as NDJSON, piece by piece. Public once it is frozen. */
    async *lines(giveawayId: string): AsyncGenerator<string> {
      const { entryCount } = await frozen(giveawayId);
      for (let first = 0; first < entryCount; first += linesAtOnce) {
        const list = unpackAll(await entries.slice(giveawayId, first, linesAtOnce), first);
        yield list.map(ndjsonLine).join('');
      }
    },
    async inclusion(giveawayId: string, entryNumber: number): Promise<Output<'giveaway:inclusion'>> {
      const giveaway = await frozen(giveawayId);
      if (entryNumber >= giveaway.entryCount) throw new AppError('NOT_FOUND', 'There is no such entry.');
      const entry = { ...unpackEntry(await entries.slice(giveawayId, entryNumber, 1), 0), number: entryNumber };
      const path = await pathOf(giveaway, entryNumber);
      return { entry, inclusion: { entryNumber, path }, frozen: giveaway.frozen! };
    },
  };

  async function frozen(giveawayId: string): Promise<GiveawayRow> {
    const giveaway = await store.find(giveawayId);
    if (!giveaway) throw new AppError('NOT_FOUND');
    if (giveaway.state === 'cancelled')
      throw new AppError('CONFLICT', `It was cancelled, nothing is drawn: ${giveaway.cancelReason}`, {
        reason: 'giveaway-cancelled',
      });
    if (!giveaway.frozen)
      throw new AppError('CONFLICT', 'The list of entries is not closed.', { reason: 'entries-open' });
    return giveaway;
  }

  async function ended(giveawayId: string): Promise<GiveawayRow> {
    const giveaway = await frozen(giveawayId);
    if (giveaway.state === 'frozen') throw new AppError('CONFLICT', 'There was no draw yet.', { reason: 'not-drawn' });
    return giveaway;
  }

  async function inlineEntries(giveawayId: string, entryCount: number): Promise<Entry[]> {
    return unpackAll(await entries.slice(giveawayId, 0, entryCount), 0);
  }
}

function unpackAll(packed: Bytes, firstNumber: number): Entry[] {
  const count = packed.length / packedEntryBytes;
  return Array.from({ length: count }, (_, i) => ({ ...unpackEntry(packed, i), number: firstNumber + i }));
}

const placedOf = (places: readonly Place[]) =>
  places.map(({ entryNumber, entryId, score }) => ({ entryNumber, entryId, score }));
