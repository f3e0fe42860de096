import { compareSides } from './compare.ts';
import { openFleet } from './fleet.ts';
import { originOf } from './machine.ts';
import type { Report } from './report.ts';
import type { Load, Profile, Scenario } from './scenario.ts';
import { startServer } from './server-under-test.ts';
import { startStores, type Stores } from './stores.ts';

export type RunOptions = {
  name: string;
  profile: Profile;
  /** Only comparisons whose names contain this, in whatever case. */
  only?: string;
  /** How often all processes are started anew, instead of what a comparison says: on a noisy machine more rounds know a median as well. */
  openings?: number | undefined;
  /** Databases to use instead of ones of the run's own; their owner closes them. */
  stores?: Pick<Stores, 'databaseUrl' | 'redisUrl'>;
  say?: (line: string) => void;
};

/**
 * Runs one scenario and gives back all it opened, whatever happens.
 *
 * @throws Error when there is no comparison of the name asked for: a run that measured nothing must not look like one that did.
 */
export async function runScenario(scenario: Scenario, options: RunOptions): Promise<Report> {
  const { name, profile, only = '', openings, say = () => undefined } = options;
  const chosen = `${only ? ` --only ${only}` : ''}${openings ? ` --openings ${openings}` : ''}`;
  const origin = originOf(`npm run load -- ${name} --profile ${profile}${chosen}`);
  const report: Report = { scenario: name, profile, origin, comparisons: [], checks: [] };
  const closers: (() => Promise<unknown>)[] = [];
  let stores: Promise<Stores> | null = null;
  const leftOut: string[] = [];

  const load: Load = {
    profile,
    scale: (sizes) => sizes[profile],
    async compare(comparison) {
      if (!comparison.name.toLowerCase().includes(only.toLowerCase())) return void leftOut.push(comparison.name);
      say(`\n${comparison.name}`);
      report.comparisons.push(await compareSides(openings ? { ...comparison, openings } : comparison, profile, say));
    },
    check(statement, holds, detail = '') {
      const known = report.checks.find((check) => check.statement === statement);
      // Said once, however often it was looked at; a single failure is what is remembered.
      if (!known) report.checks.push({ statement, holds, detail });
      else if (known.holds) Object.assign(known, { holds, detail });
    },
    stores: () => (stores ??= openStores()),
    async server(serverOptions) {
      return closing(await startServer(await load.stores(), serverOptions), ({ stop }) => stop());
    },
    fleet: async (fleetOptions) => closing(await openFleet(fleetOptions), (fleet) => fleet.close()),
    onClose: (close) => void closers.push(close),
  };
  try {
    await scenario.run(load);
  } finally {
    for (const close of closers.reverse()) await close();
  }
  if (leftOut.length > 0 && report.comparisons.length === 0)
    throw new Error(`no comparison with "${only}" in its name; there are: ${leftOut.join('; ')}`);
  return report;

  async function openStores(): Promise<Stores> {
    if (options.stores) return { ...options.stores, close: async () => undefined };
    return closing(await startStores(), (started) => started.close());
  }

  function closing<T>(opened: T, close: (opened: T) => Promise<unknown>): T {
    closers.push(() => close(opened));
    return opened;
  }
}
