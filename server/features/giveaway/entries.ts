import type { Entry } from '../../../shared/raffle/entry.ts';
import type { Bytes } from '../../../shared/raffle/bytes.ts';
import type { EntryPages } from './draw.ts';

export type NewEntry = { personId: string; entryId: string; entrant: string; nonce: string };

/** Who entered, and when, Unix ms. */
export type Entrant = { personId: string; enteredAtMs: number };

/** What became of each of a batch, in order of the people, and how many entries there are by now. */
export type AddedEntries = { entries: (Entry | 'closed' | 'not_open' | 'full')[]; entryCount: number };

/** The list of entries: dense numbers from 0, one per account, append-only. */
export type EntryStore = {
  /**
   * Adds those who are not in the list yet, all in one commit; resolves when they are durable.
   *
   * Idempotent per person: who is in the list is answered with the entry that is there, whatever the clock says by now.
   * Others are `closed` when the giveaway takes no entries any more, by the clock given or by its state; `not_open` before its
   * time, and as long as the room log has not got the rules.
   */
  add(giveawayId: string, people: readonly NewEntry[], nowMs: number): Promise<AddedEntries>;
  /** Entries that are there, by person. */
  ofPeople(giveawayId: string, personIds: readonly string[]): Promise<Map<string, Entry>>;
  /** Whose entries these are, from a number on, `count` at the most. */
  people(giveawayId: string, firstNumber: number, count: number): Promise<Entrant[]>;
  /** Packed entries in draw pages, in order. @param firstNumber where to begin: the first entry of a page. */
  pages(giveawayId: string, firstNumber?: number): EntryPages;
  /** The ids of the whole list, 16 bytes each, in order: a million of them are 16 MB. */
  ids(giveawayId: string, entryCount: number): Promise<Bytes>;
  /** Packed entries from a number on, `count` at the most. */
  slice(giveawayId: string, firstNumber: number, count: number): Promise<Bytes>;
};
