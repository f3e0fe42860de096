import { defaultChainOptions, HttpCachingChain, HttpChainClient } from 'drand-client';
import { BeaconRound, drandChains } from '../../../shared/raffle/beacon.ts';
import type { Log } from '../../platform/log.ts';
import type { FetchBeacon } from './beacons.ts';

/** Public relays; the first that answers is enough, since every round is checked by its signature. */
const relays = ['https://api.drand.sh', 'https://drand.cloudflare.com'];

/** Rounds of drand from its public relays. Null when none can be had now. */
export function createDrandSource(log: Log): FetchBeacon {
  return async function fetchBeacon(chain, round) {
    const { hash, public_key: publicKey } = drandChains[chain];
    const options = { ...defaultChainOptions, chainVerificationParams: { chainHash: hash, publicKey } };
    for (const relay of relays) {
      try {
        const client = new HttpChainClient(new HttpCachingChain(`${relay}/${hash}`, options), options);
        return BeaconRound.parse(await client.get(round));
      } catch (error) {
        log.warn({ err: error, relay, round }, 'beacon round not to be had here');
      }
    }
    return null;
  };
}
