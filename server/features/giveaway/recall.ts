import { createShortMemory } from '../../platform/short-memory.ts';
import type { GiveawayStore } from './giveaways.ts';

/** Rules never change and a close is checked again where entries are written, so a giveaway may be remembered this long, ms. */
const freshMs = 1_000;
const keysMax = 1_000;

/** Giveaways from a short-lived memory: in a flash crowd everybody asks for the same one. */
export function createRecall(store: Pick<GiveawayStore, 'find'>, nowMs: () => number) {
  const giveaways = createShortMemory({ read: (giveawayId) => store.find(giveawayId), freshMs, keysMax, nowMs });
  return { recall: giveaways.of, forget: giveaways.forget };
}
