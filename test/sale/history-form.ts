// What a history of a sale is made of: what clients were told, and what is in the ledger.

/** `priceMinor`: of one unit, in a request the price that was seen. Left out where nothing was said of it. */
export type Line = { offerId: string; units: number; priceMinor?: number };

/** One request to buy as its client saw it. `endedAtMs` null: no answer ever came. */
export type Attempt = {
  buyerId: string;
  requestKey: string;
  lines: readonly Line[];
  beganAtMs: number;
  endedAtMs: number | null;
  answer:
    | { outcome: 'held'; orderId: string; totalMinor?: number }
    | { outcome: 'sold_out' | 'limit' | 'not_open' | 'ended' | 'not_for_you' | 'price_changed'; offerId: string }
    | { outcome: 'retry'; retryAfterMs?: number | undefined }
    | { outcome: 'unknown' };
};

/** One request to stand in line, or to leave it. */
export type Joining = Line & {
  personId: string;
  beganAtMs: number;
  endedAtMs: number;
  answer: 'waiting' | 'available' | 'left' | 'other';
};

/** An order as the ledger has it, and when it had its units: twice when it was paid after its hold had ended. */
export type LedgerOrder = {
  orderId: string;
  buyerId: string;
  requestKey: string;
  lines: readonly Line[];
  spans: readonly { fromMs: number; untilMs: number | null }[];
};

/** A place in line as the ledger has it. */
export type Place = Line & { personId: string; state: string; orderId: string | null };

/** Money that arrived after the hold of its order had ended, and what it was used for. */
export type LatePayment = {
  orderId: string;
  arrivedAtMs: number;
  settledAtMs: number | null;
  settlement: 'order' | 'refund' | null;
};

/** What an offer cost, by the list of prices. */
export type PriceSpan = { offerId: string; priceMinor: number; fromMs: number; untilMs: number | null };

/** From when to when an offer sold, as the ledger has it in the end; a history in which its end is put off has none. */
export type Window = { offerId: string; opensAtMs: number; endsAtMs: number | null };

export type OnSale = { offerId: string; supplyUnits: number; limitUnits: number };

export type Bounds = {
  /** How long released units may take to be for sale everywhere, ms (FAULTS I4). */
  releaseMsMax: number;
  /** How long units of a try that failed may be out of sale until they are settled, ms. */
  settleMsMax: number;
  /** How long the first in line may wait for units that are there, ms. */
  serveMsMax: number;
};

export type Sale = Bounds & { offers: readonly OnSale[] };
export type Told = { attempts: readonly Attempt[]; joinings: readonly Joining[] };
export type Ledger = {
  orders: readonly LedgerOrder[];
  places: readonly Place[];
  latePayments: readonly LatePayment[];
  prices: readonly PriceSpan[];
  windows: readonly Window[];
};

export const keyOf = ({ buyerId, requestKey }: Pick<Attempt, 'buyerId' | 'requestKey'>): string =>
  `${buyerId} ${requestKey}`;
