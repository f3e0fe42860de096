import { beaconRoundAtMs } from './beacon.ts';
import type { Frozen } from './proof-document.ts';
import type { Rules } from './rules.ts';

/** With `ifUnrevealed` "beacon-only", the round of the beacon is waited for this long after `revealByMs`, ms; then nobody wins. */
export const roundWaitMs = 7 * 86_400_000;

type Draw = {
  rules: Pick<Rules, 'beacon' | 'ifUnrevealed'>;
  frozen: Pick<Frozen, 'frozenAtMs'>;
};

/** Whoever froze the list could have known the result already. */
export function isFrozenTooLate({ rules: { beacon }, frozen: { frozenAtMs } }: Draw): boolean {
  return beacon !== null && frozenAtMs >= beaconRoundAtMs(beacon.chain, beacon.round);
}

export type VoidReason = 'frozenTooLate' | 'noRound' | 'notRevealed';

/** Why a draw that is void is void: it follows from its rules and from when its list was frozen. */
export function whyVoid(draw: Draw): VoidReason {
  if (isFrozenTooLate(draw)) return 'frozenTooLate';
  return draw.rules.ifUnrevealed === 'beacon-only' ? 'noRound' : 'notRevealed';
}

export const voidReasons = {
  frozenTooLate: 'The list was frozen when its public randomness was known already.',
  noRound: 'The public randomness that the rules name could not be had.',
  notRevealed: 'The seed was not revealed in time.',
} as const satisfies Record<VoidReason, string>;
