import { newId } from '../../../shared/ids.ts';
import type { Output } from '../../../shared/protocol/index.ts';
import type { Entry } from '../../../shared/raffle/entry.ts';
import type { EntrantFactsSource } from './entrant-facts.ts';
import type { EntryStore, NewEntry } from './entries.ts';
import type { GiveawayRow } from './giveaways.ts';
import { createPseudonyms, receiptsOf, type Pseudonyms } from './receipts.ts';
import { missingFor } from './tasks.ts';

export type EnterAnswer = Output<'giveaway:enter'>;
export type Entrant = { personId: string; nonce: string };

type Needs = {
  entries: EntryStore;
  facts: EntrantFactsSource;
  /** So many are in by now. */
  onCount: (giveaway: GiveawayRow, entryCount: number) => void;
  nowMs: () => number;
};

/**
 * Takes a batch of entries of one giveaway: tasks checked together, added in one commit, receipts under one signature.
 *
 * Answers in order. Who is in already gets the same entry again, also after the close, or when a task is not done any more.
 */
export function createEnter({ entries, facts, onCount, nowMs }: Needs) {
  return async function enter(giveaway: GiveawayRow, people: readonly Entrant[]): Promise<EnterAnswer[]> {
    const missing = await missingOf(giveaway, people);
    const isQualified = (_person: Entrant, i: number): boolean => missing[i]!.length === 0;
    const [entered, there] = await Promise.all([
      take(giveaway, people.filter(isQualified)),
      alreadyIn(
        giveaway,
        people.filter((person, i) => !isQualified(person, i)),
      ),
    ]);
    return people.map(
      ({ personId }, i): EnterAnswer =>
        entered.get(personId) ?? there.get(personId) ?? { outcome: 'not_qualified', missing: missing[i]! },
    );
  };

  async function missingOf(giveaway: GiveawayRow, people: readonly Entrant[]) {
    const { tasks } = giveaway.rules;
    // After the close nobody can do anything any more, and those who are in are asked for no tasks.
    if (tasks.length === 0 || nowMs() >= giveaway.rules.closesAtMs) return people.map(() => []);
    const known = await facts.of(
      giveaway,
      people.map(({ personId }) => personId),
    );
    return known.map((each) => missingFor(tasks, each, nowMs()));
  }

  async function take(giveaway: GiveawayRow, people: readonly Entrant[]): Promise<Map<string, EnterAnswer>> {
    if (people.length === 0) return new Map();
    const pseudonyms = createPseudonyms(giveaway);
    const wished = people.map(({ personId, nonce }): NewEntry => ({
      personId,
      entryId: newId(),
      entrant: pseudonyms.entrantOf(personId),
      nonce,
    }));
    const { entries: taken, entryCount } = await entries.add(giveaway.giveawayId, wished, nowMs());
    onCount(giveaway, entryCount);
    const refused = new Map<string, EnterAnswer>();
    const entered = new Map<string, Entry>();
    for (const [i, { personId }] of people.entries()) {
      const entry = taken[i]!;
      if (typeof entry === 'string') refused.set(personId, { outcome: entry });
      else entered.set(personId, entry);
    }
    return new Map([...refused, ...(await receiptsFor(giveaway, entered, pseudonyms))]);
  }

  async function alreadyIn(giveaway: GiveawayRow, people: readonly Entrant[]): Promise<Map<string, EnterAnswer>> {
    if (people.length === 0) return new Map();
    const personIds = people.map(({ personId }) => personId);
    return receiptsFor(giveaway, await entries.ofPeople(giveaway.giveawayId, personIds));
  }
}

async function receiptsFor(
  giveaway: GiveawayRow,
  entered: ReadonlyMap<string, Entry>,
  pseudonyms?: Pseudonyms,
): Promise<Map<string, EnterAnswer>> {
  const inOrder = [...entered]
    .map(([personId, entry]) => ({ personId, entry }))
    .sort((a, b) => a.entry.number - b.entry.number);
  const receipts = await receiptsOf(giveaway, inOrder, pseudonyms);
  return new Map(inOrder.map(({ personId }, i) => [personId, { outcome: 'entered', receipt: receipts[i]! }]));
}
