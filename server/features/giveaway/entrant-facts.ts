/** What a task may ask about a person, as the ledger and the room know it. */
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
    giveaway: { giveawayId: string; roomId: string; hostId: string },
    personIds: readonly string[],
  ): Promise<EntrantFacts[]>;
};
