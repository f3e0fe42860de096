/** What the room knows about somebody's presence. Times are ms; `seenAtMs` is 0 when never seen. */
export type Watched = { watchedMs: number; seenAtMs: number };

/** What people have watched, ms, in order. `sinceMs`: when the count of their room began; another one than before when Redis was lost. */
export type Counted = { sinceMs: number; watchedMs: number[] };

/**
 * How far the reports of who is in a room can be trusted. From `steadyMs` to `lastMs` they came without a break; `quietFromMs` is the
 * last one before the break that came first; gateways that come back within `backWithinMs` of each other had one break. Unix ms, 0 when
 * there was none.
 */
export type Reports = { lastMs: number; steadyMs: number; quietFromMs: number };

/** From the last report before it to the first one after it, Unix ms. */
export type Outage = { fromMs: number; untilMs: number };

/** Since when gateways report, whoever is in a room, and the outages in which none did, newest first. Unix ms, 0 when there was none. */
export type GatewayReports = { lastMs: number; steadyMs: number; outages: Outage[] };

/** After a break in the reports people need so long to come back and be reported, ms. */
export const backWithinMs = 15_000;

/** How long people have watched a room, counted by the server. Survives reconnects and the death of a gateway. */
export type WatchTime = {
  /**
   * Notes that people are in the room now.
   * @param counts whether the time since they were last seen was watched; else they are seen, and it was not.
   */
  credit(roomId: string, personIds: readonly string[], counts: boolean): Promise<Counted>;
  /** Nothing but 0 when Redis was lost and nobody has been reported since. */
  reports(roomId: string): Promise<Reports>;
  /** Notes that a gateway has reported all its rooms, also when there is nobody in any, and could let people in. */
  reported(): Promise<void>;
  /** Whether gateways report at all, whoever is in a room: what tells an empty room from one that nobody could come into. */
  gatewayReports(): Promise<GatewayReports>;
  /** Keeps what is known of the room, and what will be, until then and a while longer, also when nobody comes. */
  keepUntil(roomId: string, untilMs: number): Promise<void>;
  of(roomId: string, personIds: readonly string[]): Promise<Watched[]>;
  /** Whom of a room was ever seen. */
  viewers(roomId: string): Promise<number>;
  /** Notes that somebody said a keyword of a giveaway, until it closes and a while longer. */
  noteSaid(
    giveaway: { roomId: string; giveawayId: string; closesAtMs: number },
    personIds: readonly string[],
  ): Promise<void>;
  said(roomId: string, giveawayId: string, personIds: readonly string[]): Promise<boolean[]>;
};
