import type { Award } from '../../shared/protocol/giveaway.ts';
import { followNotices } from '../session/follow-notices.ts';
import { createStore } from '../state/store.ts';

/** `decaying`: points of a fan club begin to go. */
type Decaying = { clubId: string; hostName: string; points: number; decaysAtMs: number };

type Told = { what: 'won'; award: Award } | { what: 'decaying'; club: Decaying };

/** What was told to this person and to nobody else, wherever they are on these pages. */
export type News = Told & { id: number };

/** Shown at once; the oldest goes. Wins are found again under the orders, levels in the fan club. */
const newsMax = 3;

export const news = createStore<readonly News[]>([]);
let lastId = 0;

export const dismissNews = (id: number): void => news.update((known) => known.filter((one) => one.id !== id));

/** Hears the news of a person until the returned function is called. */
export function followNews(): () => void {
  const stop = followNotices(({ onNotice }) => [
    onNotice<Award>('giveaway:won', (award) => tell({ what: 'won', award })),
    onNotice<Decaying>('fan-club:decaying', (club) => tell({ what: 'decaying', club })),
  ]);
  return () => {
    stop();
    news.set([]);
  };
}

function tell(told: Told): void {
  lastId += 1;
  const others = news.get().filter((one) => subjectOf(one) !== subjectOf(told));
  news.set([...others, { ...told, id: lastId }].slice(-newsMax));
}

/** What is told again replaces what was told of it before. */
const subjectOf = (told: Told): string =>
  told.what === 'won' ? `won ${told.award.giveawayId}` : `decaying ${told.club.clubId}`;
