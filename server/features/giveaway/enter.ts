import { newId } from '../../../shared/ids.ts';
import type { Output } from '../../../shared/protocol/index.ts';
import type { EntrantFactsSource } from './entrant-facts.ts';
import type { EntryStore, NewEntry } from './entries.ts';
import type { GiveawayRow } from './giveaways.ts';
import { createPseudonyms, type HeldEntry, type Pseudonym } from './receipts.ts';
import { missingFor } from './tasks.ts';

export type EnterAnswer = Output<'giveaway:enter'>;
export type Entrant = { personId: string; nonce: string };
/** What became of an entrant. Who is in has no receipt yet: the entry is durable, and what is signed can be signed again. */
export type Taken = (HeldEntry & { outcome: 'entered' }) | Exclude<EnterAnswer, { outcome: 'entered' }>;

type Needs = {
  entries: EntryStore;
  facts: EntrantFactsSource;
  /** So many are in by now. */
  onCount: (giveaway: GiveawayRow, entryCount: number) => void;
  nowMs: () => number;
};

/**
 * Takes a batch of entries of one giveaway: tasks checked together, added in one commit.
 *
 * Answers in order. Who is in already gets the same entry again, also after the close, or when a task is not done any more.
 */
export function createEnter({ entries, facts, onCount, nowMs }: Needs) {
  return async function enter(giveaway: GiveawayRow, people: readonly Entrant[]): Promise<Taken[]> {
    // One instant for all of it: a clock that is set back in between must let nobody in without the tasks.
    const enteredAtMs = nowMs();
    const missing = await missingOf(giveaway, people, enteredAtMs);
    const isQualified = (i: number): boolean => missing[i]!.length === 0;
    const pseudonymOf = createPseudonyms(giveaway);
    const known = people.map((person) => ({ ...person, ...pseudonymOf(person.personId) }));
    const [added, there] = await Promise.all([
      add(
        giveaway,
        known.filter((_, i) => isQualified(i)),
        enteredAtMs,
      ),
      alreadyIn(
        giveaway,
        people.filter((_, i) => !isQualified(i)),
      ),
    ]);
    const inOrder = added.values();
    return known.map(({ personId, salt }, i): Taken => {
      const entry = isQualified(i) ? inOrder.next().value : there.get(personId);
      if (!entry) return { outcome: 'not_qualified', missing: missing[i]! };
      return typeof entry === 'string' ? { outcome: entry } : { outcome: 'entered', entry, salt };
    });
  };

  async function missingOf(giveaway: GiveawayRow, people: readonly Entrant[], enteredAtMs: number) {
    const { tasks } = giveaway.rules;
    // After the close nobody can do anything any more, and those who are in are asked for no tasks.
    if (tasks.length === 0 || enteredAtMs >= giveaway.rules.closesAtMs) return people.map(() => []);
    const known = await facts.of(
      giveaway,
      people.map(({ personId }) => personId),
    );
    return known.map((each) => missingFor(tasks, each, enteredAtMs));
  }

  /** What became of each, in order. */
  async function add(giveaway: GiveawayRow, people: readonly (Entrant & Pseudonym)[], enteredAtMs: number) {
    if (people.length === 0) return [];
    const wished = people.map(({ personId, nonce, entrant }): NewEntry => ({
      personId,
      entryId: newId(),
      entrant,
      nonce,
    }));
    const { entries: taken, entryCount } = await entries.add(giveaway.giveawayId, wished, enteredAtMs);
    onCount(giveaway, entryCount);
    return taken;
  }

  async function alreadyIn({ giveawayId }: GiveawayRow, people: readonly Entrant[]) {
    if (people.length === 0) return new Map<string, never>();
    return entries.ofPeople(
      giveawayId,
      people.map(({ personId }) => personId),
    );
  }
}
