import type { Comparison, OpenSide, Profile, Sample, Side, Target } from './scenario.ts';
import { meanOf, spreadOf, type Spread } from './statistics.ts';

/** A comparison of a side with itself must come out within these, or the machine was too noisy to say anything. */
export const nullRatioRange = { min: 0.97, max: 1.03 } as const;
/** And half of its rounds within these: a median in the middle of wild rounds is there by chance. */
export const nullQuartileRange = { min: 0.92, max: 1.08 } as const;

/** `stands`: may be quoted. `void`: measured, but the machine was too noisy. `unmeasured`: a smoke run. */
export type Verdict = 'stands' | 'void' | 'unmeasured';

export type SideResult = {
  name: string;
  setUp: string;
  /** Of this side's value over the baseline's of the same round; 1 for the baseline. */
  ratio: Spread;
  value: Spread;
  /** Medians of the sample's other figures. */
  figures: Record<string, number>;
};

export type TargetResult = Target & { measured: number; met: boolean };

export type ComparisonResult = {
  name: string;
  unit: string;
  verdict: Verdict;
  why: string | null;
  rounds: number;
  /** The baseline against a second instance of itself. */
  nullRatio: Spread | null;
  sides: SideResult[];
  targets: TargetResult[];
};

const roundsDefault = 7;

/**
 * Opens all sides, measures them in rounds of mirrored order (A B N N B A: drift falls on all alike) and compares within each
 * round, so that noise of seconds cancels out. N is the baseline once more: the null run.
 */
export async function compareSides(
  comparison: Comparison,
  profile: Profile,
  say: (line: string) => void,
): Promise<ComparisonResult> {
  const { baseline, sides } = comparison;
  const rounds = profile === 'smoke' ? 1 : (comparison.rounds ?? roundsDefault);
  const twin = profile === 'full' ? [{ ...baseline, name: 'null' }] : [];
  const lanes: Lane[] = [];
  try {
    await openAll([baseline, ...sides, ...twin], lanes);
    if (profile === 'full') await measureThere(lanes); // Warm-up: compilers and heaps settle. Not counted.
    for (const lane of lanes) lane.rounds = [];
    for (let round = 1; round <= rounds; round++) {
      await (profile === 'smoke' ? measureThere(lanes) : measureRound(lanes));
      say(`round ${round}/${rounds}: ${lanes.map((lane) => `${lane.side.name} ${shown(last(lane))}`).join(', ')}`);
    }
    return resultOf(comparison, profile, lanes);
  } finally {
    await Promise.all(lanes.reverse().map((lane) => lane.open.close()));
  }
}

type Lane = { side: Side; open: OpenSide; rounds: Sample[][] };

/** Opens all at once: nothing is measured yet. Those that could be opened are in `lanes` even when one could not. */
async function openAll(sides: readonly Side[], lanes: Lane[]): Promise<void> {
  const opened = await Promise.allSettled(sides.map((side) => side.open()));
  opened.forEach((result, i) => {
    if (result.status === 'fulfilled') lanes.push({ side: sides[i]!, open: result.value, rounds: [] });
  });
  const failed = opened.find(({ status }) => status === 'rejected');
  if (failed?.status === 'rejected') throw failed.reason;
}

/** One sample of each lane: enough to settle compilers and heaps, or to see that all is right. */
async function measureThere(lanes: readonly Lane[]): Promise<void> {
  for (const lane of lanes) lane.rounds.push([await lane.open.measure()]);
}

/** There and back: each lane is measured twice, at the same mean distance from the round's middle. */
async function measureRound(lanes: readonly Lane[]): Promise<void> {
  const there = new Map<Lane, Sample>();
  for (const lane of lanes) there.set(lane, await lane.open.measure());
  for (const lane of [...lanes].reverse()) lane.rounds.push([there.get(lane)!, await lane.open.measure()]);
}

const valuesOf = (lane: Lane): number[] => lane.rounds.map((samples) => meanOf(samples.map(({ value }) => value)));
const last = (lane: Lane): number => valuesOf(lane).at(-1)!;
const shown = (value: number): string => value.toPrecision(4);

function resultOf({ name, unit, targets = [] }: Comparison, profile: Profile, lanes: readonly Lane[]) {
  const baselineValues = valuesOf(lanes[0]!);
  const ratioOf = (lane: Lane): Spread =>
    spreadOf(valuesOf(lane).map((value, round) => value / baselineValues[round]!));
  const twin = profile === 'full' ? lanes.at(-1)! : null;
  const nullRatio = twin && ratioOf(twin);
  const sides = lanes
    .filter((lane) => lane !== twin)
    .map((lane) => ({
      name: lane.side.name,
      setUp: lane.side.setUp,
      ratio: ratioOf(lane),
      value: spreadOf(valuesOf(lane)),
      figures: mediansOf(lane.rounds.flat()),
    }));
  const result: ComparisonResult = {
    name,
    unit,
    ...verdictOn(nullRatio),
    rounds: baselineValues.length,
    nullRatio,
    sides,
    targets: targets.map((target) => judge(target, sides)),
  };
  return result;
}

function verdictOn(nullRatio: Spread | null): { verdict: Verdict; why: string | null } {
  if (!nullRatio) return { verdict: 'unmeasured', why: 'a smoke run checks correctness only' };
  const { median, lowerQuartile, upperQuartile } = nullRatio;
  const why =
    outside(nullRatioRange, 'the baseline against itself came out as', median) ??
    outside(nullQuartileRange, 'a quarter of the rounds of the baseline against itself lay beyond', lowerQuartile) ??
    outside(nullQuartileRange, 'a quarter of the rounds of the baseline against itself lay beyond', upperQuartile);
  return { verdict: why ? 'void' : 'stands', why };
}

function outside({ min, max }: { min: number; max: number }, what: string, ratio: number): string | null {
  return ratio >= min && ratio <= max ? null : `${what} ${ratio.toFixed(3)}, outside ${min} to ${max}`;
}

function mediansOf(samples: readonly Sample[]): Record<string, number> {
  const names = Object.keys(samples[0]?.figures ?? {});
  return Object.fromEntries(
    names.map((name) => [name, spreadOf(samples.map(({ figures }) => figures?.[name] ?? NaN)).median]),
  );
}

function judge(target: Target, sides: readonly SideResult[]): TargetResult {
  const side = sides.find(({ name }) => name === target.side);
  const measured = (target.of ?? 'ratio') === 'ratio' ? side?.ratio.median : side?.figures[target.of!];
  if (measured === undefined)
    throw new Error(`no side ${target.side} with ${target.of ?? 'ratio'} to hold a target to`);
  const met = measured <= (target.max ?? Infinity) && measured >= (target.min ?? -Infinity);
  return { ...target, measured, met };
}
