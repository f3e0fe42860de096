import { setNewest } from '../../../shared/newest.ts';
import { groupsOf } from '../../platform/each-of.ts';
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
  /** Hears why fans could not be thanked. */
  warn: (error: unknown) => void;
};

/** Fans thanked at once: a full house must not be more than may wait for the ledger. */
const thankedAtOnce = 1_000;

/** Rooms remembered as they were; the one asked for longest ago goes first. */
const roomsMax = 10_000;

type Due = { personId: string; minute: number };

type Stage = { hostId: string; isOnAir: boolean };

/**
 * Counts who is in a room, and thanks fans for each whole minute: a minute is a cause, and a cause gives points once. People are there
 * also while the ledger is away: it fails only when they could not be reported.
 */
export function createWatching({ rooms, watchTime, members, award, warn }: Needs) {
  const lastKnown = new Map<string, Stage>();

  return async function credit(roomId: string, personIds: readonly string[]): Promise<void> {
    const { hostId, isOnAir } = await stageOf(roomId);
    const { sinceMs, watchedMs } = await watchTime.credit(roomId, personIds, isOnAir);
    if (!isOnAir) return;
    const due = personIds.flatMap((personId, i) => dueOf(personId, watchedMs[i]!));
    // A count that begins again has minutes of its own.
    const count = `${roomId}:${sinceMs}`;
    try {
      for (const some of groupsOf(due, thankedAtOnce)) await thank(count, hostId, some);
    } catch (error) {
      warn(error);
    }
  };

  /** While the ledger can't be asked a room is what it was: it changes there alone. Of one never known nobody watches anything. */
  async function stageOf(roomId: string): Promise<Stage> {
    try {
      const { hostId, kind, state, rehearsal } = await rooms.get(roomId);
      // Whoever waits for a show, talks in a fan group or helps to rehearse is there and watches nothing.
      return keep(roomId, { hostId, isOnAir: kind === 'show' && state === 'live' && !rehearsal });
    } catch (error) {
      warn(error);
      return lastKnown.get(roomId) ?? { hostId: '', isOnAir: false };
    }
  }

  function keep(roomId: string, stage: Stage): Stage {
    setNewest(lastKnown, roomId, stage, roomsMax);
    return stage;
  }

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
