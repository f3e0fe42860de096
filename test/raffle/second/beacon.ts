/** The table of chains in docs/provably-fair.md. The keys are not here: drand's own library checks the BLS signature of a round. */
export const chains: Record<string, { hash: string; periodS: number; genesisS: number }> = {
  quicknet: {
    hash: '52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971',
    periodS: 3,
    genesisS: 1_692_803_367,
  },
  default: {
    hash: '8990e7a9aaed2ffed73dbd7092123d6f289930540d7651336225dc172e51b2ce',
    periodS: 30,
    genesisS: 1_595_431_050,
  },
};

export function roundAtMs(chain: string, round: number): number {
  const { genesisS, periodS } = chains[chain]!;
  return 1_000 * (genesisS + (round - 1) * periodS);
}
