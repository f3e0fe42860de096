import type { PointSource } from '../../../shared/fan-levels.ts';

/** A person in a host's club. */
export type Fan = { clubId: string; personId: string };

/** What points are given for: each once. */
export type Cause = Fan & { source: PointSource; cause: string };

/** Something a member did. The same cause gives points once, whoever tells it how often. */
export type Deed = Cause & { times: number };

/** What a deed gave: points now, or they were in the list before, or nothing: not a member, or enough for today. */
export type Awarded = 'given' | 'before' | 'nothing';

export type PointsRow = { source: string; delta: number; cause: string; atMs: number };

/** Points that a member has, and when they begin to go, Unix ms. */
export type DecayWarning = Fan & { hostName: string; points: number; decaysAtMs: number };

/** A member whose kept sum is not the sum of their list. */
export type Drift = Fan & { kept: number; summed: number };

/** The append-only list of points, and the sums kept beside it. */
export type FanPointsStore = {
  /** Gives points for deeds of members; others get prizes alone, for the day they join. Caps are those of the UTC day of `nowMs`. Answers in order of the deeds. */
  award(deeds: readonly Deed[], nowMs: number): Promise<Awarded[]>;
  /** Takes back, once, what a cause gave, also from somebody who has left; no more than there is. Nothing when it gave nothing. */
  takeBack(cause: Cause, nowMs: number): Promise<void>;
  /** Takes a day's decay from members whose points go now, longest due first. @returns how many members lost points. */
  decay(nowMs: number, membersMax: number): Promise<number>;
  /** Members to warn that their points will begin to decay; each once per stretch of inactivity, and no points go for a day. */
  takeWarnings(nowMs: number, membersMax: number): Promise<DecayWarning[]>;
  /** Clubs of a member whose points begin to go, or do, soonest first. */
  warnings(personId: string, clubsMax: number): Promise<DecayWarning[]>;
  /** Newest first. */
  rows(clubId: string, personId: string, rowsMax: number): Promise<PointsRow[]>;
  /** Compares sum and list of the members after one, null: from the first; `next` to go on from, null at the end. Drift is a bug. */
  audit(after: Fan | null, membersMax: number): Promise<{ drifted: Drift[]; next: Fan | null }>;
};
