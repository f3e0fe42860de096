import type { Claim, GateTerms, Waiter } from './gate.ts';

/** What a gate is loaded from: the ledger of one offer, while nobody else can move it. */
export type LockedLedger = {
  /** Draws a new epoch for the offer; from now on nothing of the old one can be committed. */
  raiseEpoch(): Promise<GateTerms & { freeUnits: number }>;
  /** Every order there ever was, in pages; with 0 units those that have ended. */
  orders(): AsyncIterable<readonly (Claim & { units: number })[]>;
  waiters(): AsyncIterable<readonly (Waiter & { ticket: number })[]>;
};

/** Each right limits by itself what is bought with it. A limit over all of them would make the second of two wins worthless. */
export const noLimitUnits = 2_147_483_647;

export type OfferCounters = {
  epoch: number;
  supplyUnits: number;
  heldUnits: number;
  soldUnits: number;
  withdrawnUnits: number;
};

export type GateSource = {
  /** The open ones of these offers as they are at this instant. `version` is another one after every write of the offer's row. */
  counters(offerIds: readonly string[]): Promise<ReadonlyMap<string, OfferCounters & { version: string }>>;
  /** Of these order ids, those in the ledger, dead or alive. */
  known(orderIds: readonly string[]): Promise<ReadonlySet<string>>;
  /**
   * Runs `work` with the row of an open offer locked: no order of it is written, ended or paid meanwhile. Whoever falls asleep in it loses
   * the lock after two seconds, and nothing of it is committed.
   * @returns null when somebody else has it locked for the same purpose and `wait` is not set, or it is not open.
   */
  whileLocked<T>(
    offer: { offerId: string },
    work: (counters: OfferCounters, ledger: LockedLedger) => Promise<T>,
    options?: { wait: boolean },
  ): Promise<T | null>;
};
