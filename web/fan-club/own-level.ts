import { AppError } from '../../shared/errors.ts';
import { ask } from '../session/connection.ts';
import { session } from '../session/session.ts';
import { createStore, useSelected, useStore } from '../state/store.ts';
import { useLoaded } from '../state/use-loaded.ts';

/** Rises when this person joined or left a club: whoever showed a level reads it again. */
const changes = createStore(0);
export const membershipChanged = (): void => changes.update((before) => before + 1);

/** One's level in a club: 0 for those who are not in it, `unknown` when it could not be read. Asked for only where `clubId` is given. */
export function useOwnLevel(clubId: string | null): number | 'loading' | 'unknown' {
  const personId = useSelected(session, (current) => current?.person.personId ?? null);
  const { loaded } = useLoaded(() => levelIn(clubId), [clubId, personId, useStore(changes)]);
  if (loaded.state === 'failed') return 'unknown';
  return loaded.state === 'ready' ? loaded.value : 'loading';
}

async function levelIn(clubId: string | null): Promise<number> {
  if (clubId === null) return 0;
  try {
    return (await ask('fan-club:get', { clubId })).own.level ?? 0;
  } catch (error) {
    if (error instanceof AppError && error.code === 'NOT_FOUND') return 0; // The host has no club.
    throw error;
  }
}
