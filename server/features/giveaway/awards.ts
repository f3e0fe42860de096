import type { PostalAddress } from '../../../shared/protocol/address.ts';
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
  /** Where goods go, once claimed; a copy. */
  address: PostalAddress | null;
  awardId: string | null;
};

/** A prize that was just given. */
export type GivenPlace = Pick<Place, 'giveawayId' | 'place' | 'personId' | 'state' | 'claimByMs' | 'awardId'>;

/** A prize that somebody won, with the rules it was won under. */
export type WonPlace = Place & { rules: Rules };

/**
 * Who has won what. Prizes that are out (offered or claimed) are never more than the rules name; a place has a prize once,
 * and one that lost it does not get it back.
 */
export type AwardStore = {
  /**
   * frozen → drawn, with all places and the prizes of the winners, in one commit. Does nothing when the giveaway is not frozen any more.
   * `present`: false takes the place out of the running, because the rules asked for presence.
   * `revealed`: the seed is public from now on; false when the draw fell back on the beacon alone.
   * @throws Error when the room was not told of the frozen list: a seed is never public before the root.
   */
  draw(
    giveaway: { giveawayId: string; rules: Rules },
    placed: readonly (Placed & { present: boolean })[],
    revealed: boolean,
    nowMs: number,
  ): Promise<void>;
  /**
   * Moves the end of what these places were given on, when that was more than a moment ago: winners have the whole time from when they are told.
   * @returns the new end of each that was moved, Unix ms.
   */
  extend(
    giveawayId: string,
    places: readonly number[],
    rules: Rules,
    nowMs: number,
  ): Promise<ReadonlyMap<number, number>>;
  /**
   * Ends what was not claimed in time, and gives the free prizes to the next places that wait, in one commit. A right to buy that
   * was used counts as claimed; one that an unpaid order holds is decided when that order is.
   */
  passOn(giveawayId: string, rules: Rules, nowMs: number): Promise<void>;
  /**
   * Says that prizes are being seen to now. When nobody had said so for `silentMsMin`, the end of all that is on offer, and was then, is put
   * off by as long: a machine that was down must not cost winners what they had minutes to buy. By the clock of the database.
   */
  beat(silentMsMin: number): Promise<void>;
  /**
   * Giveaways with a prize that nobody claimed in time, or one that went on and the room has not been told of: the first `max` behind the id
   * given, by their ids. Some stay due for a while, as when an unpaid order holds a right; whoever asks on from the last one gets to all.
   */
  due(nowMs: number, max: number, afterId: string): Promise<string[]>;
  claim(
    giveawayId: string,
    personId: string,
    address: PostalAddress | null,
    nowMs: number,
  ): Promise<'claimed' | 'nothing_to_claim' | 'too_late'>;
  /** Claims on behalf of winners who have got their prize. */
  settle(giveawayId: string, places: readonly number[], nowMs: number): Promise<void>;
  /** The last moment at which a prize of it could or can be claimed, Unix ms, null when there was none; and whether one still waits for its claim. */
  claims(giveawayId: string): Promise<{ untilMs: number | null; areOpen: boolean }>;
  places(giveawayId: string, max: number): Promise<Place[]>;
  /** Places of which something became, behind a place, in order: all but those that wait. */
  settled(giveawayId: string, afterPlace: number, max: number): Promise<Place[]>;
  /** Places that have a prize, best first. */
  holders(giveawayId: string, max: number): Promise<Place[]>;
  /** The same of several giveaways, `max` of each. */
  holdersOf(giveawayIds: readonly string[], max: number): Promise<Place[]>;
  /** What the room has not been told of yet: places whose prize lapsed, and places that a prize went on to, those of one commit together. */
  unannounced(giveawayId: string): Promise<{ lapsed: Place[]; given: Place[][] }>;
  markAnnounced(giveawayId: string, places: readonly number[], what: 'lapsed' | 'given'): Promise<void>;
  ofPerson(giveawayId: string, personId: string): Promise<WonPlace | null>;
  wins(personId: string, max: number): Promise<WonPlace[]>;
};
