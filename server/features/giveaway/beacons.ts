import type { BeaconRound, DrandChain } from '../../../shared/raffle/beacon.ts';
import { setNewest } from '../../../shared/newest.ts';

/** Whether this is that round of that chain, by its signature. */
export type IsGoodRound = (chain: DrandChain, round: number, recorded: BeaconRound) => Promise<boolean>;
/** A round of a public chain; null while it can't be had. A source may ask others when what it got is not good. */
export type FetchBeacon = (chain: DrandChain, round: number, isGood: IsGoodRound) => Promise<BeaconRound | null>;
/** A round that is here, or null. */
export type AskBeacon = (chain: DrandChain, round: number) => Promise<BeaconRound | null>;

/** A round that could not be had is asked for again after so long, ms. */
const restMs = 5_000;
/** Rounds remembered; the oldest goes first. */
const roundsMax = 100;

/** `failedAtMs`: null while it is being asked for, and once it is here. */
type Asked = { round: BeaconRound | null; failedAtMs: number | null };

/**
 * Rounds that are fetched behind the worker's back: a round that is not here yet is null, and whoever asks again later finds it.
 * So a relay that does not answer holds up the draws that need it, and no other.
 */
export function createBeacons(fetchBeacon: FetchBeacon, isGood: IsGoodRound, nowMs: () => number): AskBeacon {
  const rounds = new Map<string, Asked>();

  return function ask(chain, round) {
    const key = `${chain}:${round}`;
    const asked = rounds.get(key);
    const isResting = asked?.failedAtMs == null || nowMs() < asked.failedAtMs + restMs;
    if (asked && isResting) return Promise.resolve(asked.round);
    const asking: Asked = { round: null, failedAtMs: null };
    setNewest(rounds, key, asking, roundsMax);
    const settle = (found: BeaconRound | null): void => {
      asking.round = found;
      if (found === null) asking.failedAtMs = nowMs();
    };
    void fetchBeacon(chain, round, isGood).then(settle, () => settle(null));
    return Promise.resolve(null);
  };
}
