/**
 * Numbers the sell-outs of an offer: a room is told of each number once. Only a gate knows whether units that came back are for everybody
 * or for somebody in line, so what it has left decides.
 */
export type SellOuts = {
  /** A gate that had nothing left has something. Also when that sell-out was never told, or is being told now: a number may be left out. */
  reopened(offerId: string): Promise<void>;
  /** Gates of these offers have something left. Makes up for a `reopened` that was lost. */
  forSale(offerIds: readonly string[]): Promise<void>;
};
