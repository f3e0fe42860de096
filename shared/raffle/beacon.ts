import { z } from 'zod';
import type { ChainInfo, RandomnessBeacon } from 'drand-client';

/**
 * The public randomness chains a draw may name, with the keys their rounds are checked against.
 *
 * The keys are part of this code, not of a proof: a document that brought its own key could bring its own randomness.
 * Source: the constants of drand-client 1.4 and https://docs.drand.love. Periods and times are seconds, as drand writes them.
 */
export const drandChains = {
  quicknet: {
    public_key:
      '83cf0f2896adee7eb8b5f01fcad3912212c437e0073e911fb90022d3e760183c8c4b450b6a0a6c3ac6a5776a2d1064510d1fec758c921cc22b0e17e63aaf4bcb5ed66304de9cf809bd274ca73bab4af5a6e9c76a4bc09e76eae8991ef5ece45a',
    period: 3,
    genesis_time: 1_692_803_367,
    hash: '52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971',
    groupHash: 'f477d5c89f21a17c863a7f937c6a6d15859414d2be09cd448d4279af331c5d3e',
    schemeID: 'bls-unchained-g1-rfc9380',
    metadata: { beaconID: 'quicknet' },
  },
  default: {
    public_key: '868f005eb8e6e4ca0a47c8a77ceaa5309a47978a7c71bc5cce96366b5d7a569937c529eeda66c7293784a9402801af31',
    period: 30,
    genesis_time: 1_595_431_050,
    hash: '8990e7a9aaed2ffed73dbd7092123d6f289930540d7651336225dc172e51b2ce',
    groupHash: '176f93498eac9ca337150b46d21dd58673ea4e3581185f869672e59fa4cb390a',
    schemeID: 'pedersen-bls-chained',
    metadata: { beaconID: 'default' },
  },
} satisfies Record<string, ChainInfo>;

export const DrandChain = z.enum(['quicknet', 'default']);
export type DrandChain = z.infer<typeof DrandChain>;

/** One round as drand serves it: `{round, randomness, signature}`, and `previous_signature` on a chained chain. */
export const BeaconRound = z.strictObject({
  round: z.int().min(1),
  randomness: z.string().regex(/^[0-9a-f]{64}$/),
  signature: z.string().regex(/^([0-9a-f]{96}|[0-9a-f]{192})$/),
  previous_signature: z
    .string()
    .regex(/^([0-9a-f]{64}|[0-9a-f]{192})$/)
    .optional(),
});
export type BeaconRound = z.infer<typeof BeaconRound>;

/** When a round becomes known to the world. Unix epoch, ms. */
export function beaconRoundAtMs(chain: DrandChain, round: number): number {
  const { genesis_time, period } = drandChains[chain];
  return (genesis_time + (round - 1) * period) * 1_000;
}

/** The first round that becomes known at or after an instant. @param atMs Unix epoch, ms. */
export function firstBeaconRoundFrom(chain: DrandChain, atMs: number): number {
  const { genesis_time, period } = drandChains[chain];
  return Math.max(1, Math.ceil((atMs / 1_000 - genesis_time) / period) + 1);
}

/**
 * Whether a recorded round is really the named round of the named chain: BLS signature and randomness, checked by drand's own library.
 *
 * The library offers the check only as part of fetching, so it is given a client that "fetches" the recorded round. No network is used.
 * It is loaded when first needed: most draws name no beacon, and it is the largest thing a verify page would load.
 */
export async function verifyBeaconRound(
  chain: DrandChain,
  expectedRound: number,
  recorded: BeaconRound,
): Promise<boolean> {
  const { fetchBeacon, defaultChainOptions } = await import('drand-client');
  const beacon = recorded as RandomnessBeacon;
  const replay = {
    options: defaultChainOptions,
    get: () => Promise.resolve(beacon),
    latest: () => Promise.resolve(beacon),
    chain: () => ({ baseUrl: 'recorded:', info: () => Promise.resolve(drandChains[chain]) }),
  };
  return fetchBeacon(replay, expectedRound).then(
    () => true,
    () => false, // Both a false signature and a malformed point are thrown.
  );
}
