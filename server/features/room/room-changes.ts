import type { RoomChangesStore } from './room-changes.pg.ts';

type Needs = {
  store: Pick<RoomChangesStore, 'look'>;
  /** ms since any fixed moment, never jumping. */
  elapsedMs: () => number;
};

/** Whether one of these ids, of a room or of its host, is among those that changed. */
export type IsChanged = (...ids: string[]) => boolean;

/** A look this long ago still tells what there is, ms: two in a row may be late. */
const currentMs = 1_000;
/** What was read is believed this long while changes are told, ms. Should ever one be missed, it ends there. */
const toldFreshMs = 60_000;
/** Changes are kept somewhat longer; who has not looked for so long takes everything for changed, ms. */
export const missedAfterMs = 5 * 60_000;
/** Rooms and hosts of one look. More, and everything counts as changed. */
const aboutMax = 2_000;

export type RoomChanges = ReturnType<typeof createRoomChanges>;

/**
 * What changes in the ledger about rooms, whichever process changes it: one question to PostgreSQL every half second for all rooms together,
 * instead of reading each of them again every second. While the looks go well, what was read is believed until a look says otherwise.
 *
 * @see docs/decisions/0024-one-look-for-all-rooms.md
 */
export function createRoomChanges({ store, elapsedMs }: Needs) {
  const listeners: ((isChanged: IsChanged) => void)[] = [];
  let last: { upTo: string; atMs: number } | null = null;

  return {
    onChange(listener: (isChanged: IsChanged) => void): void {
      listeners.push(listener);
    },
    /** How long, ms, what was read of a room may be believed now: `untoldMs` when nobody would say that it changed. */
    freshMs: (untoldMs: number): number => (last && elapsedMs() - last.atMs < currentMs ? toldFreshMs : untoldMs),
    async look(): Promise<void> {
      const atMs = elapsedMs();
      const before = last;
      const { upTo, about } = await store.look(before?.upTo ?? null, aboutMax);
      last = { upTo, atMs };
      // Another PostgreSQL, with less in it, has taken over when the numbers go back.
      const isLost = !before || atMs - before.atMs > missedAfterMs || BigInt(upTo) < BigInt(before.upTo);
      if (isLost || about.length > aboutMax) tell(() => true);
      else if (about.length > 0) tell(among(new Set(about)));
    },
  };

  function tell(isChanged: IsChanged): void {
    for (const listener of listeners) listener(isChanged);
  }
}

const among =
  (changed: ReadonlySet<string>): IsChanged =>
  (...ids) =>
    ids.some((id) => changed.has(id));
