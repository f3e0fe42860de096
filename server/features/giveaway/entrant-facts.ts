import type { GiveawayRow } from './giveaways.ts';

/** What a task may ask about a person, as the ledger and the room know it. Only what the tasks of the giveaway ask for is looked up. */
export type EntrantFacts = {
  follows: boolean;
  /** 0 when not a member. */
  fanLevel: number;
  watchedMs: number;
  seenAtMs: number;
  saidKeyword: boolean;
  boughtInRoom: boolean;
};

/** Looks people up many at a time: entries come as a flash crowd. */
export type EntrantFactsSource = {
  /** Facts of each person, in order. */
  of(
    giveaway: Pick<GiveawayRow, 'giveawayId' | 'roomId' | 'hostId' | 'rules'>,
    personIds: readonly string[],
  ): Promise<EntrantFacts[]>;
};
