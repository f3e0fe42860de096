import type { Store } from '../state/store.ts';

/** The waiting lists one is on, by offer, with the place one has; null where the server did not say it. */
export type Places = ReadonlyMap<string, number | null>;

export const takePlace = (places: Store<Places>, offerId: string, position: number | null): void =>
  places.update((known) => new Map(known).set(offerId, position));

/** Units that one waited for are held, or one left: the place is gone. */
export const leavePlace = (places: Store<Places>, offerId: string): void =>
  places.update((known) => new Map([...known].filter(([id]) => id !== offerId)));
