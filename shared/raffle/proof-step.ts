/** One thing that was checked. `check` is a stable name that a page can translate; the texts are for people who read English. */
export type ProofStep = { check: string; ok: boolean; what: string; details: string };

export function allOk(steps: readonly ProofStep[]): boolean {
  return steps.every((step) => step.ok);
}

/** A step that compares what was published with what was computed. */
export function comparison(check: string, what: string, published: string, computed: string): ProofStep {
  const ok = published === computed;
  return { check, ok, what, details: ok ? computed : `published ${published}, computed ${computed}` };
}
