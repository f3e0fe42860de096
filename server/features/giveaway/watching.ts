import type { Deed } from '../fan-club/fan-points.ts';
import type { Members } from '../fan-club/membership.ts';
import type { Rooms } from '../room/rooms.ts';
import type { WatchTime } from './watch-time.ts';
import { creditEveryMs, gapMsMax } from './watch-time.redis.ts';

type Needs = {
  rooms: Pick<Rooms, 'get'>;
  watchTime: Pick<WatchTime, 'credit'>;
  members: Members;
  award: (deed: Deed) => Promise<boolean>;
};

/** Fans thanked at once: a full house must not be more than may wait for the ledger. */
const thankedAtOnce = 1_000;

type Due = { personId: string; minute: number };

/** Counts who is in a room, and thanks fans for each whole minute: a minute is a cause, and a cause gives points once. */
export function createWatching({ rooms, watchTime, members, award }: Needs) {
  return async function credit(roomId: string, personIds: readonly string[]): Promise<void> {
    const { hostId, kind, state } = await rooms.get(roomId);
    // Whoever waits for a show, or talks in a fan group, is there and watches nothing.
    const isOnAir = kind === 'show' && state === 'live';
    const { sinceMs, watchedMs } = await watchTime.credit(roomId, personIds, isOnAir);
    if (!isOnAir) return;
    const due = personIds.flatMap((personId, i) => dueOf(personId, watchedMs[i]!));
    // A count that begins again has minutes of its own.
    const count = `${roomId}:${sinceMs}`;
    for (let from = 0; from < due.length; from += thankedAtOnce)
      await thank(count, hostId, due.slice(from, from + thankedAtOnce));
  };

  async function thank(count: string, clubId: string, due: readonly Due[]): Promise<void> {
    const fans = await members.among(
      clubId,
      due.map(({ personId }) => personId),
    );
    const deeds = due
      .filter(({ personId }) => fans.has(personId))
      .map(({ personId, minute }) => ({ clubId, personId, cause: `${count}:${minute}` }));
    await Promise.all(deeds.map((deed) => award({ ...deed, source: 'watch', times: 1 })));
  }
}

/** As long as one run may add, and one run more, because one may fail. */
function dueOf(personId: string, watchedMs: number): Due[] {
  const minute = Math.floor(watchedMs / 60_000);
  const isNew = minute > 0 && watchedMs % 60_000 < gapMsMax + creditEveryMs;
  return isNew ? [{ personId, minute }] : [];
}
