import type { Members } from '../fan-club/membership.ts';
import type { Followers } from '../follow/follows.ts';
import type { Purchases } from '../orders/purchases.ts';
import type { Task } from '../../../shared/raffle/rules.ts';
import type { EntrantFactsSource } from './entrant-facts.ts';
import type { WatchTime } from './watch-time.ts';

type Needs = {
  followers: Followers;
  members: Members;
  purchases: Pick<Purchases, 'buyersAmong'>;
  watchTime: Pick<WatchTime, 'of' | 'said'>;
};

/** Asks each feature for what it knows, about a whole batch of people at once, and only what the tasks ask for. */
export function createEntrantFacts({ followers, members, purchases, watchTime }: Needs): EntrantFactsSource {
  return {
    async of({ giveawayId, roomId, hostId, rules }, personIds) {
      const asked = new Set<Task['task']>(rules.tasks.map(({ task }) => task));
      const [follow, fans, buyers, watched, said] = await Promise.all([
        asked.has('follow') ? followers.among(hostId, personIds) : nobody,
        asked.has('fan-club') ? members.among(hostId, personIds) : new Map<string, { level: number }>(),
        asked.has('bought-in-room') ? purchases.buyersAmong(roomId, personIds) : nobody,
        asked.has('watch') || asked.has('present-at-draw') ? watchTime.of(roomId, personIds) : null,
        asked.has('comment') ? watchTime.said(roomId, giveawayId, personIds) : null,
      ]);
      return personIds.map((personId, i) => ({
        follows: follow.has(personId),
        fanLevel: fans.get(personId)?.level ?? 0,
        boughtInRoom: buyers.has(personId),
        watchedMs: watched?.[i]?.watchedMs ?? 0,
        seenAtMs: watched?.[i]?.seenAtMs ?? 0,
        saidKeyword: said?.[i] ?? false,
      }));
    },
  };
}

const nobody: ReadonlySet<string> = new Set();
