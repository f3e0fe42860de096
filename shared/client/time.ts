/** Time and chance, as the client sees them; tests bring their own. */
export type Time = {
  /** Unix epoch, ms. */
  nowMs(): number;
  /** Calls once after `ms`; returns how to call it off. */
  after(ms: number, run: () => void): () => void;
  /** 0 to 1. */
  random(): number;
};

export const systemTime: Time = {
  nowMs: () => Date.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
  random: () => Math.random(),
};
