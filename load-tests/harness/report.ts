import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { ComparisonResult, SideResult, TargetResult } from './compare.ts';
import type { Origin } from './machine.ts';
import type { Profile } from './scenario.ts';
import type { Spread } from './statistics.ts';

export type Check = { statement: string; holds: boolean; detail: string };

export type Report = {
  scenario: string;
  profile: Profile;
  origin: Origin;
  comparisons: ComparisonResult[];
  checks: Check[];
};

/**
 * Quotable: every check holds, the code is a commit, the server had its core, and some comparison stands. A scenario may also be of checks
 * alone; a run that measured nothing is no figure.
 */
export const isQuotable = ({ profile, origin, comparisons, checks }: Report): boolean =>
  profile === 'full' &&
  !origin.dirty &&
  origin.machine.pinning !== null &&
  checks.every(({ holds }) => holds) &&
  (comparisons.some(({ verdict }) => verdict === 'stands') || (comparisons.length === 0 && checks.length > 0));

/** Reports that can't be quoted end in `.tmp.json`, which git ignores. Returns the path. */
export function writeReport(report: Report): string {
  const folder = new URL('../results/', import.meta.url);
  mkdirSync(folder, { recursive: true });
  const time = report.origin.measuredAt.slice(0, 16).replaceAll(':', '');
  const name = `${report.scenario}-${time}-${report.origin.commit}${isQuotable(report) ? '' : '.tmp'}.json`;
  const file = new URL(name, folder);
  writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`);
  return fileURLToPath(file);
}

export function tableOf(report: Report): string {
  return [...report.comparisons.map(comparisonTable), ...report.checks.map(checkLine)].join('\n');
}

function comparisonTable(result: ComparisonResult): string {
  const { name, unit, verdict, why, rounds, nullRatio, stolenCpuShare, sides, targets } = result;
  const rows = sides.map((side) => [side.name, spreadText(side.value), spreadText(side.ratio), figuresText(side)]);
  const nullText = nullRatio ? `null run ${spreadText(nullRatio)}` : 'no null run';
  const stolenText = `${numberText(stolenCpuShare * 100)} % of the CPU stolen`;
  return [
    `\n${name}`,
    `  value: ${unit}; ${rounds} rounds, median (min to max); ${nullText}; ${stolenText}; ${verdict}${why ? `: ${why}` : ''}`,
    ...columns([['side', 'value', 'ratio', 'also'], ...rows]).map((line) => `  ${line}`),
    ...targets.map((target) => `  ${targetLine(target, verdict)}`),
  ].join('\n');
}

function targetLine({ side, of = 'ratio', max, min, measured, met }: TargetResult, verdict: string): string {
  const bound = [max === undefined ? '' : `at most ${max}`, min === undefined ? '' : `at least ${min}`]
    .filter(Boolean)
    .join(' and ');
  const outcome = verdict === 'stands' ? (met ? 'reached' : 'MISSED') : 'not judged';
  return `target: ${of} of ${side} ${bound}: ${numberText(measured)}, ${outcome}`;
}

const checkLine = ({ statement, holds, detail }: Check): string =>
  `${holds ? 'holds' : 'BROKEN'}: ${statement}${detail ? ` (${detail})` : ''}`;

const spreadText = ({ median, min, max }: Spread): string =>
  `${numberText(median)} (${numberText(min)} to ${numberText(max)})`;

const figuresText = ({ figures }: SideResult): string =>
  Object.entries(figures)
    .map(([name, value]) => `${name} ${numberText(value)}`)
    .join(', ');

/** Four digits that mean something, thousands separated. */
const numberText = (value: number): string => value.toLocaleString('en', { maximumSignificantDigits: 4 });

function columns(rows: readonly string[][]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  );
}
