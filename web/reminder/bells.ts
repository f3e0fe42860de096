import { loadConnection } from '../session/lazy-connection.ts';
import { onOtherPerson } from '../session/session.ts';
import { createStore } from '../state/store.ts';

/** The coming shows one is reminded of; null until known. One value for all bells of the page. */
export const bells = createStore<ReadonlySet<string> | null>(null);

let knownOf: string | null = null;
onOtherPerson(() => {
  knownOf = null;
  bells.set(null);
});

/** Reads them once for each person. */
export async function readBells(personId: string): Promise<void> {
  if (knownOf === personId) return;
  knownOf = personId;
  bells.set(null);
  try {
    const { ask } = await loadConnection();
    const { roomIds } = await ask('reminder:bells', {});
    if (knownOf === personId) bells.set(new Set(roomIds));
  } catch {
    if (knownOf === personId) knownOf = null; // The next bell that is shown asks again.
  }
}

/**
 * Shown at once, put back when the server says no.
 *
 * @throws AppError CONFLICT when the show is not coming any more.
 */
export async function setBell(roomId: string, on: boolean): Promise<void> {
  ring(roomId, on);
  try {
    const { ask } = await loadConnection();
    await ask('reminder:bell', { roomId, on });
    ring(roomId, on); // Whoever had no name became a guest on the way, and what was known of nobody was dropped.
  } catch (error) {
    ring(roomId, !on);
    throw error;
  }
}

function ring(roomId: string, on: boolean): void {
  const next = new Set(bells.get());
  if (on) next.add(roomId);
  else next.delete(roomId);
  bells.set(next);
}
