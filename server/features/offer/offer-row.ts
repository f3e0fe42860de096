import type { Offer } from '../../../shared/protocol/offer.ts';

/** An offer as the ledger has it. What a viewer sees is made of it by `offerView`. */
export type OfferRow = Omit<Offer, 'state' | 'unitsLeft' | 'waiting'> & {
  hostId: string;
  state: 'draft' | 'open' | 'closed' | 'discarded';
  requiresShipping: boolean;
  /** Of a rehearsal: it sells a copy of the stock, and nobody can pay. */
  rehearsal: boolean;
  supplyUnits: number;
  heldUnits: number;
  soldUnits: number;
  withdrawnUnits: number;
  requestKey: string | null;
  /** Since when there is something the room was not told, as the database writes it; null when it knows everything. */
  untoldSince: string | null;
  /** Terms or a pin are among it. */
  untoldChange: boolean;
  /** Its room was told of its opening. */
  announced: boolean;
};

/** By what was done to it; the time of one that is open may be up. */
export const isEnded = ({ state }: Pick<OfferRow, 'state'>): boolean => state === 'closed' || state === 'discarded';

/** What the gate shows of an offer that is on sale. */
export type Shown = { left: number; waiting: number };

/** The offer as everybody may see it, at an instant of the server's clock. */
export function offerView(row: OfferRow, shown: Shown | null, nowMs: number): Offer {
  const {
    hostId,
    state,
    requiresShipping,
    rehearsal,
    supplyUnits,
    heldUnits,
    soldUnits,
    withdrawnUnits,
    requestKey,
    untoldSince,
    untoldChange,
    announced,
    ...seen
  } = row;
  const free = supplyUnits - heldUnits - soldUnits - withdrawnUnits;
  return {
    ...seen,
    state: stateAt(row, nowMs),
    unitsLeft: state === 'draft' ? seen.allotmentUnits : state === 'open' ? (shown?.left ?? free) : 0,
    waiting: shown?.waiting ?? 0,
  };
}

function stateAt({ state, opensAtMs, closesAtMs }: OfferRow, nowMs: number): Offer['state'] {
  if (state === 'draft') return 'draft';
  if (state !== 'open' || (closesAtMs !== null && nowMs >= closesAtMs)) return 'ended';
  return opensAtMs !== null && nowMs < opensAtMs ? 'announced' : 'open';
}
