import { createKept } from '../state/kept.ts';
import { createStore, useStore } from '../state/store.ts';

type Choice = { personId: string; hideName: boolean };

/** People of one browser whose choice is remembered; the oldest goes. */
const peopleMax = 20;

const kept = createKept<readonly Choice[]>('nm:hide-name', (raw) => (Array.isArray(raw) ? raw.filter(isChoice) : null));
const choices = createStore<readonly Choice[]>(kept.read() ?? []);

function isChoice(raw: unknown): raw is Choice {
  if (typeof raw !== 'object' || raw === null) return false;
  const { personId, hideName } = raw as Partial<Choice>;
  return typeof personId === 'string' && typeof hideName === 'boolean';
}

/** The newest is last. Who has not chosen yet has, until then, the choice made here last: a guest may have ticked it and signed in to buy. */
const choiceOf = (all: readonly Choice[], personId: string): boolean =>
  (all.find((one) => one.personId === personId) ?? all.at(-1))?.hideName ?? false;

export const hidesName = (personId: string): boolean => choiceOf(choices.get(), personId);

export function chooseHiding(personId: string, hideName: boolean): void {
  const others = (kept.read() ?? []).filter((one) => one.personId !== personId); // Another tab may have written meanwhile.
  const all = [...others, { personId, hideName }].slice(-peopleMax);
  kept.write(all);
  choices.set(all);
}

/** Whether somebody wants not to be named in the room when they buy: kept in this browser, for every sheet and every show. */
export function useHideName(personId: string) {
  const hideName = choiceOf(useStore(choices), personId);
  return { hideName, setHideName: (hide: boolean) => chooseHiding(personId, hide) };
}
