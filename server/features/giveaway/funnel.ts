import type { Members } from '../fan-club/membership.ts';
import type { Purchases } from '../orders/purchases.ts';
import type { EntryStore } from './entries.ts';
import type { GiveawayRow } from './giveaways.ts';
import type { WatchTime } from './watch-time.ts';

export type FunnelCounts = { viewers: number; entrants: number; joined: number; buyers: number };
export type Funnel = { of(giveaway: GiveawayRow): Promise<FunnelCounts> };

type Needs = {
  entries: Pick<EntryStore, 'people'>;
  members: Members;
  purchases: Pick<Purchases, 'buyersSince'>;
  watchTime: Pick<WatchTime, 'viewers'>;
};

/** Entrants looked up at once: bounds what a giveaway with a million of them takes. */
const peopleAtOnce = 10_000;

/** From viewer to entrant to fan to buyer: of those who entered, who became a fan since it was published, and who bought in the room since they entered. */
export function createFunnel({ entries, members, purchases, watchTime }: Needs): Funnel {
  return {
    async of({ giveawayId, roomId, hostId, entryCount, publishedAtMs }) {
      const counts = { viewers: await watchTime.viewers(roomId), entrants: entryCount, joined: 0, buyers: 0 };
      for (let first = 0; first < entryCount; first += peopleAtOnce) {
        const people = await entries.people(giveawayId, first, peopleAtOnce);
        const [fans, buyers] = await Promise.all([
          members.among(
            hostId,
            people.map(({ personId }) => personId),
          ),
          purchases.buyersSince(
            roomId,
            people.map(({ personId, enteredAtMs }) => ({ personId, sinceMs: enteredAtMs })),
          ),
        ]);
        for (const { firstJoinedAtMs } of fans.values()) if (firstJoinedAtMs >= publishedAtMs) counts.joined += 1;
        counts.buyers += buyers.size;
      }
      return counts;
    },
  };
}
