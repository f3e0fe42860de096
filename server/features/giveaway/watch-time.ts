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
  /** Since when it is known who is in the room, Unix ms: later than people came, when Redis was lost. Null when nothing is known. */
  knownSince(roomId: string): Promise<number | null>;
  /** Keeps what is known of the room, and what will be, until then and a while longer, also when nobody comes. */
  keepUntil(roomId: string, untilMs: number): Promise<void>;
  of(roomId: string, personIds: readonly string[]): Promise<Watched[]>;
  /** Whom of a room was ever seen. */
  viewers(roomId: string): Promise<number>;
  /** Notes that somebody said a keyword of a giveaway, until it closes and a while longer. */
  noteSaid(giveaway: { roomId: string; giveawayId: string; closesAtMs: number }, personId: string): Promise<void>;
  said(roomId: string, giveawayId: string, personIds: readonly string[]): Promise<boolean[]>;
};
