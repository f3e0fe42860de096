import { limits } from '../../../shared/limits.ts';
import type { Giveaway, ShownWinner } from '../../../shared/protocol/giveaway.ts';
import type { GivenPlace, Place, WonPlace } from './awards.ts';
import type { GiveawayRow } from './giveaways.ts';

/** "Marianne" becomes "M…e": enough to find oneself. */
export function shortened(name: string): string {
  const letters = [...new Intl.Segmenter().segment(name)].map(({ segment }) => segment);
  return letters.length < 3 ? `${letters[0] ?? ''}…` : `${letters[0]}…${letters.at(-1)}`;
}

export function shownWinner({ place, entryNumber, entryId, name }: Place): ShownWinner {
  return { place, entryNumber, entryId, name: shortened(name) };
}

/** A giveaway without its secrets. @param holders who has its prizes. */
export function shownGiveaway(row: GiveawayRow, holders: readonly Place[]): Giveaway {
  const { giveawayId, roomId, state, rules, rulesHash, entryCount, frozen, cancelReason } = row;
  const winners = holders.slice(0, limits.shownWinnersMax).map(shownWinner);
  return { giveawayId, roomId, state, rules, rulesHash, entryCount, frozen, winners, cancelReason };
}

export function shownAward({ giveawayId, place, state, rules, claimByMs }: GivenPlace & Pick<WonPlace, 'rules'>) {
  return { giveawayId, place, state, prize: rules.prize, title: rules.title, claimByMs };
}
