type Needs = {
  /** Unix ms; null when the gate's clock is not known just now. */
  knownMs(): number | null;
  /** Asks the gate, Unix ms. */
  askMs(): Promise<number>;
  /** @param tookMs  how long the gate took to answer. */
  learn(nowMs: number, tookMs: number): void;
};

/**
 * The clock that opens offers, Unix ms: what is known of it, else what the gate says. All who ask at once share one question, and are told
 * a moment too early rather than too late.
 */
export function createSaleClock({ knownMs, askMs, learn }: Needs): () => Promise<number> {
  let underWay: Promise<number> | null = null;

  return async () => {
    const known = knownMs();
    if (known !== null) return known;
    underWay ??= ask().finally(() => (underWay = null));
    return underWay;
  };

  async function ask(): Promise<number> {
    const askedAtMs = performance.now();
    const nowMs = await askMs();
    learn(nowMs, performance.now() - askedAtMs);
    return nowMs;
  }
}
