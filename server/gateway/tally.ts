export type Tally = ReturnType<typeof createTally>;

/** How many of something each network holds. Who holds none is not remembered, so it is no longer than what is held. */
export function createTally() {
  const held = new Map<string, number>();

  return {
    of: (network: string): number => held.get(network) ?? 0,
    /** Counts one more; returns how to give it back, once. */
    take(network: string): () => void {
      held.set(network, (held.get(network) ?? 0) + 1);
      return () => {
        const left = held.get(network)! - 1;
        if (left > 0) held.set(network, left);
        else held.delete(network);
      };
    },
  };
}
