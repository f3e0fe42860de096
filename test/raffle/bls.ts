import { BeaconRound, DrandChain, verifyBeaconRound } from '../../shared/raffle/beacon.ts';

/** What the second verifier asks of drand's own library. */
export const isBlsGood = (chain: string, round: number, beacon: unknown): Promise<boolean> =>
  verifyBeaconRound(DrandChain.parse(chain), round, BeaconRound.parse(beacon));
