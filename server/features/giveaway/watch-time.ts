/** What the room knows about somebody's presence. Times are ms; `seenAtMs` is 0 when never seen. */
export type Watched = { watchedMs: number; seenAtMs: number };

/** How long people have watched a room, counted by the server. Survives reconnects and the death of a gateway. */
export type WatchTime = {
  /**
   * Notes that people are in the room now.
   * @param counts whether the time since they were last seen was watched; else they are seen, and it was not.
   * @returns their watched ms, in order.
   */
  credit(roomId: string, personIds: readonly string[], counts: boolean): Promise<number[]>;
  of(roomId: string, personIds: readonly string[]): Promise<Watched[]>;
  /** Whom of a room was ever seen. */
  viewers(roomId: string): Promise<number>;
  /** Notes that somebody said a keyword of a giveaway. */
  noteSaid(roomId: string, giveawayId: string, personId: string): Promise<void>;
  said(roomId: string, giveawayId: string, personIds: readonly string[]): Promise<boolean[]>;
};
