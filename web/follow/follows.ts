import { loadConnection } from '../session/lazy-connection.ts';
import { onOtherPerson, person } from '../session/session.ts';
import { createStore } from '../state/store.ts';

/** Hosts read at once; whoever follows more sees the newest marked, and may press for the others without harm. */
const hostsMax = 100;

/** The hosts one follows; null until known. One value for all cards of the page. */
export const follows = createStore<ReadonlySet<string> | null>(null);

let knownOf: string | null = null;
onOtherPerson(() => {
  knownOf = null;
  follows.set(null);
});

/** Reads them once for each person. */
export async function readFollows(personId: string): Promise<void> {
  if (knownOf === personId) return;
  knownOf = personId;
  follows.set(null);
  try {
    const { ask } = await loadConnection();
    const { hosts } = await ask('follow:mine', { rows: hostsMax });
    if (knownOf === personId) follows.set(new Set(hosts.map(({ hostId }) => hostId)));
  } catch {
    if (knownOf === personId) knownOf = null; // The next card that is shown asks again.
  }
}

/** Reads whether one follows this host: of who follows more than are read at once, too. Not known is not followed. */
export async function readFollow(hostId: string): Promise<void> {
  const askedBy = person()?.personId;
  try {
    const { ask } = await loadConnection();
    const { sinceMs } = await ask('follow:host', { hostId });
    if (person()?.personId === askedBy) mark(hostId, sinceMs !== null);
  } catch {
    // The button offers to follow, which does no harm to who does.
  }
}

/** Shown at once, put back when the server says no. @throws AppError as the server said it. */
export async function setFollow(hostId: string, wanted: boolean): Promise<void> {
  mark(hostId, wanted);
  try {
    const { ask } = await loadConnection();
    await ask(wanted ? 'follow:start' : 'follow:stop', { hostId });
    mark(hostId, wanted); // Whoever signed in on the way is somebody else, and what was known of nobody was dropped.
  } catch (error) {
    mark(hostId, !wanted);
    throw error;
  }
}

function mark(hostId: string, isFollowed: boolean): void {
  const next = new Set(follows.get());
  if (isFollowed) next.add(hostId);
  else next.delete(hostId);
  follows.set(next);
}
