import { BeaconRound, drandChains, type DrandChain } from '../../../shared/raffle/beacon.ts';
import type { Log } from '../../platform/log.ts';
import type { FetchBeacon, IsGoodRound } from './beacons.ts';

/** Public relays; the first with a good round is enough. */
const publicRelays = ['https://api.drand.sh', 'https://drand.cloudflare.com'];
/** A relay that is slower is passed over, ms. */
const relayTimeoutMs = 5_000;

/** Rounds of drand from its relays, each checked by its signature before it is taken. Null when no relay has a good one now. */
export function createDrandSource(log: Log, relays: readonly string[] = publicRelays): FetchBeacon {
  return async function fetchBeacon(chain, round, isGood) {
    for (const relay of relays) {
      try {
        return await goodRound(relay, chain, round, isGood);
      } catch (error) {
        log.warn({ err: error, relay, round }, 'beacon round not to be had here');
      }
    }
    return null;
  };
}

/** @throws Error when the relay is silent, refuses, or lies: the next one is asked then. */
async function goodRound(relay: string, chain: DrandChain, round: number, isGood: IsGoodRound): Promise<BeaconRound> {
  const response = await fetch(`${relay}/${drandChains[chain].hash}/public/${round}`, {
    signal: AbortSignal.timeout(relayTimeoutMs),
  });
  if (!response.ok) throw new Error(`the relay answered ${response.status}`);
  const answer = BeaconRound.parse(await response.json());
  if (!(await isGood(chain, round, answer))) throw new Error('the round is not the one of the chain');
  return answer;
}
