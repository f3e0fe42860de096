import type { Clock } from '../../platform/clock.ts';
import { createShortMemory } from '../../platform/short-memory.ts';
import type { EntryListeners } from '../room-log/entry-listeners.ts';
import type { CoHosts } from './co-hosts.pg.ts';

type Needs = { coHosts: CoHosts; onEntry: EntryListeners['on']; nowMs: Clock };

/** How late it is noticed what another gateway has changed in a room that this one does not serve, ms. */
const freshMs = 1_000;
const roomsMax = 10_000;

/**
 * Who is expected to publish in a room, remembered for a moment: a crowd of strangers before the door of a show for fans has the
 * question asked for each of them, in the seconds in which PostgreSQL has most to do.
 */
export function createExpectedCoHosts({ coHosts, onEntry, nowMs }: Needs) {
  const expected = createShortMemory({ read: coHosts.expected, freshMs, keysMax: roomsMax, nowMs });
  onEntry('media:co-hosts', expected.forget);

  return {
    /** Whether the person accepted, or may still accept. */
    async has(roomId: string, personId: string): Promise<boolean> {
      const untilMs = (await expected.of(roomId)).get(personId);
      return untilMs !== undefined && (untilMs === null || nowMs() < untilMs);
    },
    /** The store for those who change it: what is changed here is known here at once. */
    coHosts: {
      ...coHosts,
      invite: (roomId, personId) => coHosts.invite(roomId, personId).finally(() => expected.forget(roomId)),
      accept: (roomId, personId) => coHosts.accept(roomId, personId).finally(() => expected.forget(roomId)),
      remove: (roomId, personId) => coHosts.remove(roomId, personId).finally(() => expected.forget(roomId)),
      giveBack: (roomId, personId, say) =>
        coHosts.giveBack(roomId, personId, say).finally(() => expected.forget(roomId)),
    } satisfies CoHosts,
  };
}
