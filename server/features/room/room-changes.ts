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
/** Who has not looked for so long takes everything for changed, ms. */
export const missedAfterMs = 5 * 60_000;
/** What was changed is kept this long after it was committed, ms: twice as long as a gateway may go without a look and still be told. */
const keptMs = 2 * missedAfterMs;
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
  let last: { seen: string; atMs: number } | null = null;

  return {
    onChange(listener: (isChanged: IsChanged) => void): void {
      listeners.push(listener);
    },
    /** How long, ms, what was read of a room may be believed now: `untoldMs` when nobody would say that it changed. */
    freshMs: (untoldMs: number): number => (last && elapsedMs() - last.atMs < currentMs ? toldFreshMs : untoldMs),
    async look(): Promise<void> {
      const atMs = elapsedMs();
      const before = last;
      const { seen, about } = await store.look(before?.seen ?? null, aboutMax);
      last = { seen, atMs };
      // Another PostgreSQL, with less in it, has taken over when the numbers go back.
      const isLost = !before || atMs - before.atMs > missedAfterMs || nextOf(seen) < nextOf(before.seen);
      if (isLost || about.length > aboutMax) tell(() => true);
      else if (about.length > 0) tell(among(new Set(about)));
    },
  };

  function tell(isChanged: IsChanged): void {
    for (const listener of listeners) listener(isChanged);
  }
}

/** The first transaction that had not begun when a snapshot was taken. Written as "oldest running:this:all that run". */
const nextOf = (snapshot: string): bigint => BigInt(snapshot.split(':')[1]!);

const among =
  (changed: ReadonlySet<string>): IsChanged =>
  (...ids) =>
    ids.some((id) => changed.has(id));

/**
 * Deletes what was committed long ago, run by run. Not by the instant at which it was written down: whoever commits later than that
 * would have it deleted before anybody saw it.
 */
export function createForgetting({
  store,
  elapsedMs,
}: { store: Pick<RoomChangesStore, 'forget'> } & Pick<Needs, 'elapsedMs'>) {
  /** Transactions before which all had ended at an instant, oldest first: those of `keptMs`, and one that is older. */
  let marks: { ended: string; atMs: number }[] = [];

  return async function forget(): Promise<void> {
    const atMs = elapsedMs();
    const old = marks.findLastIndex((mark) => mark.atMs <= atMs - keptMs);
    marks = marks.slice(Math.max(0, old));
    marks.push({ ended: await store.forget(old < 0 ? null : marks[0]!.ended), atMs });
  };
}
