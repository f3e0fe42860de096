import { isToDraw } from '../../shared/giveaway-state.ts';
import type { Giveaway } from '../../shared/protocol/giveaway.ts';

/** What is not decided yet; what closes first comes first. */
export const openGiveaways = (known: readonly Giveaway[]): Giveaway[] =>
  known.filter(isToDraw).sort((a, b) => a.rules.closesAtMs - b.rules.closesAtMs);
