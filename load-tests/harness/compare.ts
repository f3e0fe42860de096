import { watchStolen } from './cpu.ts';
import type { Comparison, OpenSide, Profile, Sample, Side, Target } from './scenario.ts';
import { meanOf, spreadOf, type Spread } from './statistics.ts';

/** A comparison of a side with itself must come out within these, or the machine was too noisy to say anything. */
export const nullRatioRange = { min: 0.97, max: 1.03 } as const;
/** And its median must be known this well (standard error): the middle of a few wild rounds is there by chance. */
export const nullErrorMax = 0.04;

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
  /** Of the machine's CPU time, by its host, while all this was measured. */
  stolenCpuShare: number;
  sides: SideResult[];
  targets: TargetResult[];
};

/** Rounds by the same processes, and how often all processes are started anew. */
const roundsDefault = 5;
const openingsDefault = 3;

/**
 * Opens all sides, measures them in rounds of mirrored order (A B N N B A: drift falls on all alike) and compares within each
 * round, so that noise of seconds cancels out. N is the baseline once more: the null run; from round to round the two change places, for who comes
 * after a side that writes much finds another disk than who comes after itself. All this several times with fresh
 * processes: two processes of one program differ by what their compilers made of it, and no number of rounds evens that out.
 */
export async function compareSides(
  comparison: Comparison,
  profile: Profile,
  say: (line: string) => void,
): Promise<ComparisonResult> {
  const { baseline, sides, rounds = roundsDefault, openings = openingsDefault } = comparison;
  const times = profile === 'smoke' ? { openings: 1, rounds: 1 } : { openings, rounds };
  const twin = profile === 'full' ? [{ ...baseline, name: 'null' }] : [];
  const lanes = [baseline, ...sides, ...twin].map((side): Lane => ({ side, rounds: [] }));
  const stolen = watchStolen();
  for (let opening = 0; opening < times.openings; opening++) {
    await whileOpen(lanes, async (open) => {
      if (profile === 'full') await measureThere(open); // Warm-up: compilers and heaps settle. Not counted.
      for (let round = 1; round <= times.rounds; round++) {
        await (profile === 'smoke' ? countThere(open) : measureRound(round % 2 ? open : swapped(open)));
        const values = lanes.map((lane) => `${lane.side.name} ${shown(last(lane))}`).join(', ');
        say(`round ${opening * times.rounds + round}/${times.openings * times.rounds}: ${values}`);
      }
    });
  }
  return resultOf(comparison, profile, lanes, stolen());
}

type Lane = { side: Side; rounds: Sample[][] };
type OpenLane = { lane: Lane; open: OpenSide };

/** Opens all at once, for nothing is measured yet; closes those that could be opened, even when one could not. */
async function whileOpen(lanes: readonly Lane[], use: (open: readonly OpenLane[]) => Promise<void>): Promise<void> {
  const settled = await Promise.allSettled(lanes.map(async (lane) => ({ lane, open: await lane.side.open() })));
  const open = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  try {
    const failed = settled.find((one) => one.status === 'rejected');
    if (failed) throw failed.reason;
    await use(open);
  } finally {
    await Promise.all(open.reverse().map((one) => one.open.close()));
  }
}

/** One sample of each: enough to settle compilers and heaps, or to see that all is right. */
async function measureThere(lanes: readonly OpenLane[]): Promise<Map<Lane, Sample>> {
  const there = new Map<Lane, Sample>();
  for (const { lane, open } of lanes) there.set(lane, await open.measure());
  return there;
}

async function countThere(lanes: readonly OpenLane[]): Promise<void> {
  for (const [lane, sample] of await measureThere(lanes)) lane.rounds.push([sample]);
}

/** There and back: each lane is measured twice, at the same mean distance from the round's middle. */
async function measureRound(lanes: readonly OpenLane[]): Promise<void> {
  const there = await measureThere(lanes);
  for (const { lane, open } of [...lanes].reverse()) lane.rounds.push([there.get(lane)!, await open.measure()]);
}

/** With the baseline and its twin, the first and the last, in each other's place. */
const swapped = (lanes: readonly OpenLane[]): OpenLane[] => [lanes.at(-1)!, ...lanes.slice(1, -1), lanes[0]!];

const valuesOf = (lane: Lane): number[] => lane.rounds.map((samples) => meanOf(samples.map(({ value }) => value)));
const last = (lane: Lane): number => valuesOf(lane).at(-1)!;
const shown = (value: number): string => value.toPrecision(4);

function resultOf(
  { name, unit, targets = [] }: Comparison,
  profile: Profile,
  lanes: readonly Lane[],
  stolenCpuShare: number,
) {
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
    stolenCpuShare,
    sides,
    targets: targets.map((target) => judge(target, sides)),
  };
  return result;
}

function verdictOn(nullRatio: Spread | null): { verdict: Verdict; why: string | null } {
  if (!nullRatio) return { verdict: 'unmeasured', why: 'a smoke run checks correctness only' };
  const { median, standardError } = nullRatio;
  const { min, max } = nullRatioRange;
  if (median < min || median > max) return voidBecause(`came out as ${median.toFixed(3)}, outside ${min} to ${max}`);
  if (standardError > nullErrorMax) {
    return voidBecause(`is known to ${standardError.toFixed(3)} only, more than ${nullErrorMax}`);
  }
  return { verdict: 'stands', why: null };
}

const voidBecause = (what: string) => ({ verdict: 'void', why: `the baseline against itself ${what}` }) as const;

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
