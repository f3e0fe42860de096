import type { GiveawayRow, GiveawayStore } from './giveaways.ts';

/** Rules never change and a close is checked again where entries are written, so a giveaway may be remembered this long, ms. */
const freshMs = 1_000;
const rememberedMax = 1_000;

/** Giveaways from a short-lived memory: in a flash crowd everybody asks for the same one. */
export function createRecall(store: Pick<GiveawayStore, 'find'>, nowMs: () => number) {
  const known = new Map<string, { row: Promise<GiveawayRow | null>; atMs: number }>();

  return {
    recall(giveawayId: string): Promise<GiveawayRow | null> {
      const found = known.get(giveawayId);
      if (found && nowMs() - found.atMs < freshMs) return found.row;
      const row = store.find(giveawayId);
      known.delete(giveawayId);
      known.set(giveawayId, { row, atMs: nowMs() });
      if (known.size > rememberedMax) known.delete(known.keys().next().value!);
      row.catch(() => known.delete(giveawayId));
      return row;
    },
    forget: (giveawayId: string): void => void known.delete(giveawayId),
  };
}
