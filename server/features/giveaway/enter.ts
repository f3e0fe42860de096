import { newId } from '../../../shared/ids.ts';
import type { Output } from '../../../shared/protocol/index.ts';
import type { Entry } from '../../../shared/raffle/entry.ts';
import type { EntrantFactsSource } from './entrant-facts.ts';
import type { EntryStore, NewEntry } from './entries.ts';
import type { GiveawayRow } from './giveaways.ts';
import { entrantOf, receiptsOf } from './receipts.ts';
import { missingFor } from './tasks.ts';

export type EnterAnswer = Output<'giveaway:enter'>;
export type Entrant = { personId: string; nonce: string };

type Needs = {
  entries: EntryStore;
  facts: EntrantFactsSource;
  nowMs: () => number;
};

/**
 * Takes a batch of entries of one giveaway: tasks checked together, added in one commit, receipts under one signature.
 * Answers in order; who was in already gets the same entry again.
 */
export function createEnter({ entries, facts, nowMs }: Needs) {
  return async function enter(giveaway: GiveawayRow, people: readonly Entrant[]): Promise<EnterAnswer[]> {
    const missing = await missingOf(giveaway, people);
    const qualified = people.filter((_, i) => missing[i]!.length === 0);
    const answers = await take(giveaway, qualified);
    return people.map(({ personId }, i) =>
      missing[i]!.length > 0 ? { outcome: 'not_qualified', missing: missing[i]! } : answers.get(personId)!,
    );
  };

  async function missingOf(giveaway: GiveawayRow, people: readonly Entrant[]) {
    const { tasks } = giveaway.rules;
    if (tasks.length === 0) return people.map(() => []);
    const known = await facts.of(
      giveaway,
      people.map(({ personId }) => personId),
    );
    return known.map((each) => missingFor(tasks, each, nowMs()));
  }

  async function take(giveaway: GiveawayRow, people: readonly Entrant[]): Promise<Map<string, EnterAnswer>> {
    if (people.length === 0) return new Map();
    const added = await entries.add(
      giveaway.giveawayId,
      people.map((person) => newEntry(giveaway, person)),
      nowMs(),
    );
    if (added.outcome !== 'taken') return new Map(people.map(({ personId }) => [personId, { outcome: added.outcome }]));
    const taken = new Map(people.map(({ personId }, i) => [personId, added.entries[i]!]));
    return receiptsFor(giveaway, taken, added.firstNewNumber);
  }
}

/** New entries share a batch; an entry that was there already gets a receipt of its own. */
async function receiptsFor(
  giveaway: GiveawayRow,
  taken: ReadonlyMap<string, Entry>,
  firstNewNumber: number,
): Promise<Map<string, EnterAnswer>> {
  const all = [...taken].map(([personId, entry]) => ({ personId, entry }));
  const fresh = all
    .filter(({ entry }) => entry.number >= firstNewNumber)
    .sort((a, b) => a.entry.number - b.entry.number);
  const known = all.filter(({ entry }) => entry.number < firstNewNumber);
  const batches = await Promise.all([
    receiptsOf(giveaway, fresh),
    ...known.map((each) => receiptsOf(giveaway, [each])),
  ]);
  const people = [...fresh, ...known];
  return new Map(batches.flat().map((receipt, i) => [people[i]!.personId, { outcome: 'entered', receipt }]));
}

function newEntry(giveaway: GiveawayRow, { personId, nonce }: Entrant): NewEntry {
  return { personId, entryId: newId(), entrant: entrantOf(giveaway, personId).entrant, nonce };
}
