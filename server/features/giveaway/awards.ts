import type { Placed } from '../../../shared/raffle/ranking.ts';
import type { Rules } from '../../../shared/raffle/rules.ts';

export type PlaceState = 'waiting' | 'offered' | 'claimed' | 'forfeited' | 'absent';

/** One place of a draw and who is on it. */
export type Place = {
  giveawayId: string;
  place: number;
  entryNumber: number;
  entryId: string;
  score: string;
  personId: string;
  name: string;
  state: PlaceState;
  claimByMs: number | null;
  addressId: string | null;
  awardId: string | null;
};

/** A prize that somebody won, with the rules it was won under. */
export type WonPlace = Place & { rules: Rules };

/** Who has won what. Prizes that are out (offered or claimed) are never more than the rules name. */
export type AwardStore = {
  /**
   * frozen → drawn, with all places, in one commit. Does nothing when the giveaway is not frozen any more.
   * `present`: false takes the place out of the running, because the rules asked for presence.
   * `revealed`: the seed is public from now on; false when the draw fell back on the beacon alone.
   */
  draw(
    giveawayId: string,
    placed: readonly (Placed & { present: boolean })[],
    revealed: boolean,
    nowMs: number,
  ): Promise<void>;
  /** Gives the free prizes to the next places that wait. @returns the places that now have one. */
  offer(giveawayId: string, rules: Rules, nowMs: number): Promise<Place[]>;
  /** Giveaways with a prize that nobody claimed in time, or with a free prize and a place that waits. */
  due(nowMs: number, max: number): Promise<string[]>;
  /** Ends what was not claimed in time. A right to buy that was used counts as claimed. */
  forfeit(giveawayId: string, nowMs: number): Promise<void>;
  claim(
    giveawayId: string,
    personId: string,
    addressId: string | null,
    nowMs: number,
  ): Promise<'claimed' | 'nothing_to_claim' | 'too_late'>;
  places(giveawayId: string, max: number): Promise<Place[]>;
  ofPerson(giveawayId: string, personId: string): Promise<WonPlace | null>;
  wins(personId: string, max: number): Promise<WonPlace[]>;
};
