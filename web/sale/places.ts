import type { Store } from '../state/store.ts';

/**
 * A place on a waiting list. `position`: null where the server did not say it. `knownAtMs`: when it was asked for, by the server's
 * clock; whatever the place turns into is younger.
 */
export type Place = { position: number | null; knownAtMs: number };

/** The waiting lists one is on, by offer. */
export type Places = ReadonlyMap<string, Place>;

export const takePlace = (places: Store<Places>, offerId: string, place: Place): void =>
  places.update((known) => new Map(known).set(offerId, place));

/** Units that one waited for are held, or one left: the place is gone. */
export const leavePlace = (places: Store<Places>, offerId: string): void =>
  places.update((known) => new Map([...known].filter(([id]) => id !== offerId)));
