import type { Fleet, FleetOptions } from './fleet.ts';
import type { Stores } from './stores.ts';
import type { ServerOptions, ServerUnderTest } from './server-under-test.ts';

/** `smoke` runs in the tests and judges correctness only; `full` takes minutes and measures. */
export type Profile = 'smoke' | 'full';

/** A file in load-tests/scenarios/ exports one as `scenario`; the file's name is the name on the command line. */
export type Scenario = {
  /** One line for the listing. */
  summary: string;
  run(load: Load): Promise<void>;
};

/** What one measurement of one side gave. */
export type Sample = {
  /** What the sides are compared by, in the comparison's unit. */
  value: number;
  /** Everything else worth keeping; each name ends in its unit. */
  figures?: Readonly<Record<string, number>>;
};

/** A side that is up and can be measured again and again. */
export type OpenSide = { measure(): Promise<Sample>; close(): Promise<void> };

/** Ours, a peer or a floor. */
export type Side = {
  name: string;
  /** How it is set up, in words: a reader must be able to say whether that is fair. */
  setUp: string;
  open(): Promise<OpenSide>;
};

/** A promise about one side: about its ratio to the baseline, or about one of its figures. At least one bound. */
export type Target = { side: string; of?: 'ratio' | (string & {}); max?: number; min?: number };

/**
 * Sides measured in the same run. Ratios are each side's value over the baseline's; the baseline is opened a second time and
 * compared with itself, and the comparison is void when those two differ.
 */
export type Comparison = {
  name: string;
  /** For example `µs of server CPU per delivered message`. */
  unit: string;
  baseline: Side;
  sides: readonly Side[];
  targets?: readonly Target[];
  /** Rounds of the full profile by the same processes, 5 if not said. More rounds of shorter measurements stand noise better. */
  rounds?: number;
  /** How often the full profile does these rounds, all sides opened anew. 3 if not said. */
  openings?: number;
};

/** What a scenario works with. Whatever it opens is closed after it, in reverse order. */
export type Load = {
  profile: Profile;
  /** One of two sizes, by profile. */
  scale<T>(sizes: Readonly<Record<Profile, T>>): T;
  /** Measures the sides side by side and keeps the result for the report. */
  compare(comparison: Comparison): Promise<void>;
  /** A statement that must hold in every profile; the run fails when one does not. */
  check(statement: string, holds: boolean, detail?: string): void;
  /** An empty PostgreSQL and Redis; the same ones at every call. */
  stores(): Promise<Stores>;
  /** Nightmarket, or a peer, as a program of its own on the server's core. */
  server(options?: ServerOptions): Promise<ServerUnderTest>;
  /** Sockets that cost little, on the load's core. */
  fleet(options: FleetOptions): Promise<Fleet>;
  /** Runs `close` after the scenario. */
  onClose(close: () => Promise<unknown>): void;
};
