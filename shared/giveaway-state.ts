import type { GiveawayState } from './protocol/giveaway.ts';

/** Published and not decided yet: neither drawn, nor void, nor cancelled. */
export const isToDraw = ({ state }: { state: GiveawayState }): boolean =>
  state === 'published' || state === 'closing' || state === 'frozen';
