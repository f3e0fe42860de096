import type { PointSource } from '../../../shared/fan-levels.ts';

/** Something a member did. The same (source, cause) gives points once, whoever tells it how often. */
export type Deed = { clubId: string; personId: string; source: PointSource; cause: string; times: number };

export type PointsRow = { source: string; delta: number; cause: string; atMs: number };

/** Points that a member has, and when they begin to go, Unix ms. */
export type DecayWarning = { clubId: string; personId: string; hostName: string; points: number; decaysAtMs: number };

/** The append-only list of points, and the sums kept beside it. */
export type FanPointsStore = {
  /**
   * Gives points for deeds of members; others get none. Caps are those of the UTC day of `nowMs`.
   * @returns for each deed whether its points are in the list, from now or from before.
   */
  award(deeds: readonly Deed[], nowMs: number): Promise<boolean[]>;
  /** Takes a day's decay from members who got nothing for too long and were warned a day before. @returns how many members lost points. */
  decay(nowMs: number, membersMax: number): Promise<number>;
  /** Members to warn that their points will begin to decay; each once per stretch of inactivity. */
  takeWarnings(nowMs: number, membersMax: number): Promise<DecayWarning[]>;
  rows(clubId: string, personId: string, rowsMax: number): Promise<PointsRow[]>;
  /** Members whose kept sum is not the sum of their list. Empty, or there is a bug. */
  drifted(membersMax: number): Promise<{ clubId: string; personId: string; kept: number; summed: number }[]>;
};
