import type { BeaconRound, DrandChain } from '../../../shared/raffle/beacon.ts';

/** A round of a public chain; null while it can't be had. */
export type FetchBeacon = (chain: DrandChain, round: number) => Promise<BeaconRound | null>;

/** Rounds remembered; the oldest goes first. */
const roundsMax = 100;

type Asked = { round: BeaconRound | null };

/**
 * Rounds that are fetched behind the worker's back: a round that is not here yet is null, and whoever asks again later finds it.
 * So a relay that does not answer holds up the draws that need it, and no other.
 */
export function createBeacons(fetchBeacon: FetchBeacon): FetchBeacon {
  const rounds = new Map<string, Asked>();

  return function ask(chain, round) {
    const key = `${chain}:${round}`;
    const asked = rounds.get(key);
    if (asked) return Promise.resolve(asked.round);
    const asking: Asked = { round: null };
    rounds.set(key, asking);
    if (rounds.size > roundsMax) rounds.delete(rounds.keys().next().value!);
    const settle = (found: BeaconRound | null): void => {
      asking.round = found;
      if (found === null) rounds.delete(key); // The next one asks the relays again.
    };
    void fetchBeacon(chain, round).then(settle, () => settle(null));
    return Promise.resolve(null);
  };
}
