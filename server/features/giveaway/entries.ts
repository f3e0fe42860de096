import type { Entry } from '../../../shared/raffle/entry.ts';
import type { Bytes } from '../../../shared/raffle/bytes.ts';
import type { EntryPages } from './draw.ts';

export type NewEntry = { personId: string; entryId: string; entrant: string; nonce: string };

/** What became of a batch: the entries in order of the people, and which numbers are new. */
export type AddedEntries =
  { outcome: 'closed' | 'full' } | { outcome: 'taken'; entries: Entry[]; firstNewNumber: number; newCount: number };

/** The list of entries: dense numbers from 0, one per account, append-only. */
export type EntryStore = {
  /**
   * Adds those who are not in the list yet, all in one commit; resolves when they are durable.
   *
   * Idempotent per person: who is in the list is answered with the entry that is there.
   * `closed`: the giveaway takes no entries by the clock given, or by its state; nothing was added.
   */
  add(giveawayId: string, people: readonly NewEntry[], nowMs: number): Promise<AddedEntries>;
  ofPerson(giveawayId: string, personId: string): Promise<Entry | null>;
  /** Whose entries these are, in order of the numbers given. */
  peopleOf(giveawayId: string, entryNumbers: readonly number[]): Promise<string[]>;
  /** Packed entries in draw pages, in order. */
  pages(giveawayId: string): EntryPages;
  /** Packed entries from a number on, `count` at the most. */
  slice(giveawayId: string, firstNumber: number, count: number): Promise<Bytes>;
};
