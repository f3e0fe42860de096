import type { ProofDocument } from './proof-document.ts';

/** One thing that was checked. `check` is a stable name that a page can translate; the texts are for people who read English. */
export type ProofStep = { check: string; ok: boolean; what: string; details: string };

export function allOk(steps: readonly ProofStep[]): boolean {
  return steps.every((step) => step.ok);
}

/** `withheld`: by the published default the beacon alone decided, since the secret did not come. `void`: nobody won, and why is told. */
export type Verdict = 'right' | 'void' | 'withheld' | 'wrong';

/** A draw that was withheld may follow its rules, but is not what entrants hoped for: it is never just "right". */
export function verdictOf({ seed, winners }: ProofDocument, holds: boolean): Verdict {
  if (!holds) return 'wrong';
  if (seed !== null) return 'right';
  return winners.length === 0 ? 'void' : 'withheld';
}

/** A step that compares what was published with what was computed. */
export function comparison(check: string, what: string, published: string, computed: string): ProofStep {
  const ok = published === computed;
  return { check, ok, what, details: ok ? computed : `published ${published}, computed ${computed}` };
}
