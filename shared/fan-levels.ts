/** Points from which a member has level 1, 2, … 20. Data: change it, and every level is recomputed from the points. */
export const levelPoints: readonly number[] = [
  0, 50, 150, 300, 500, 800, 1_200, 1_700, 2_300, 3_000, 4_000, 5_200, 6_600, 8_200, 10_000, 13_000, 17_000, 22_000,
  28_000, 36_000,
];

export const levelMax = levelPoints.length;

/** Level 1 to 20 of a member with these points. */
export function levelOfPoints(points: number): number {
  return levelPoints.findLastIndex((from) => points >= from) + 1;
}

/** Points from which a member has this level. @param level 1 to 20. */
export function pointsOfLevel(level: number): number {
  return levelPoints[level - 1]!;
}

/** What a member can get points for. */
export type PointSource = 'watch' | 'comment' | 'like' | 'share' | 'buy' | 'prize';

/**
 * Points for each thing done, and how many of one source count on one UTC day. The caps are what makes farming pointless: a
 * script that does everything all day gets what an attentive fan gets.
 */
export const pointRules: Readonly<Record<PointSource, { each: number; perDayMax: number }>> = {
  /** A minute of watching. */
  watch: { each: 1, perDayMax: 60 },
  comment: { each: 2, perDayMax: 20 },
  /** A burst of likes. */
  like: { each: 1, perDayMax: 10 },
  share: { each: 5, perDayMax: 15 },
  /** A paid order, if it is not too small: see `thankedOrderMinorMin`. */
  buy: { each: 30, perDayMax: 90 },
  /** A point of a prize: what a draw gave is given whole. */
  prize: { each: 1, perDayMax: Infinity },
};

/**
 * An order gives points from this sum on, without shipping and without what went back, in minor units of its currency: or points
 * could be had for a cent, or for money that goes back the same day.
 */
export const thankedOrderMinorMin = 100;

/** Points decay when none came in for a week; a warning comes a day before. */
export const decay = {
  /** After the last points. */
  afterMs: 7 * 86_400_000,
  /** From the warning to the first points that go, at the least: also when nobody was there to give it in time. */
  warnBeforeMs: 86_400_000,
  /** From one decay to the next. */
  everyMs: 86_400_000,
  /** Share of the points that goes each time, and the least that goes. */
  sharePerDay: 0.05,
  pointsMin: 5,
} as const;

/** When points begin, or go on, to go unless new ones come in. `decaysAtMs`: what a warning that was given said. */
export function decayStart(of: { activeAtMs: number; decaysAtMs: number | null }, nowMs: number): number {
  return of.decaysAtMs ?? Math.max(of.activeAtMs + decay.afterMs, nowMs + decay.warnBeforeMs);
}

/** Points that one day of decay takes from a member who has this many. */
export function decayOf(points: number): number {
  return Math.min(points, Math.max(decay.pointsMin, Math.floor(points * decay.sharePerDay)));
}
