import { drandChains, type BeaconRound } from './beacon.ts';
import { bytesOfHex, bytesOfText, bytesOfUint64, concatBytes, type Bytes } from './bytes.ts';
import { hmacSha256, sha256 } from './hash.ts';
import type { Rules } from './rules.ts';

/** Where the randomness came from: a seed that was revealed, or the rules' default when it was not. */
export type Randomness = { seed: string | null; beacon: BeaconRound | null };

const beaconTag = bytesOfText('nm-raffle-v1:beacon');
const unrevealedTag = bytesOfText('nm-raffle-v1:unrevealed');

/**
 * The 32-byte key that ranks the entries.
 *
 * Without a beacon it is the seed. With one it is HMAC-SHA-256(seed, tag ‖ chain hash ‖ round ‖ randomness). When the seed was not
 * revealed and the rules say "beacon-only", the seed's place is taken by SHA-256(tag ‖ rules hash), which everybody knows.
 */
export async function drawKey(rules: Rules, rulesHash: string, { seed, beacon }: Randomness): Promise<Bytes> {
  const secret = seed === null ? await sha256(concatBytes(unrevealedTag, bytesOfHex(rulesHash))) : bytesOfHex(seed);
  if (rules.beacon === null || beacon === null) return secret;
  const chainHash = bytesOfHex(drandChains[rules.beacon.chain].hash);
  return hmacSha256(
    secret,
    concatBytes(beaconTag, chainHash, bytesOfUint64(beacon.round), bytesOfHex(beacon.randomness)),
  );
}
