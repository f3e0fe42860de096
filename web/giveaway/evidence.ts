import type { Giveaway } from '../../shared/protocol/giveaway.ts';
import type { Receipt } from '../../shared/raffle/receipt.ts';
import { createKeptList } from '../state/kept-list.ts';
import { useStore } from '../state/store.ts';

/** A receipt is about 1.5 KB, a hash 120 bytes; a browser gives a page 5 MB. */
const receiptsMax = 200;
const hashesMax = 1_000;

type OwnReceipt = { personId: string; receipt: Receipt };
type SeenRules = { giveawayId: string; rulesHash: string };

const ownId = (personId: string, giveawayId: string): string => `${giveawayId} ${personId}`;

/**
 * What a browser keeps of draws, so that it need not believe the server later: the receipts of the person, and the hash of the
 * rules as they were first seen in the room.
 */
const ownReceipts = createKeptList<OwnReceipt>(
  'nm:receipts',
  ({ personId, receipt }) => ownId(personId, receipt.giveawayId),
  receiptsMax,
);
const seenRules = createKeptList<SeenRules>('nm:rules', ({ giveawayId }) => giveawayId, hashesMax);

export const keepReceipt = (personId: string, receipt: Receipt): void => ownReceipts.keep({ personId, receipt });

export const seeRules = (giveaways: readonly Pick<Giveaway, 'giveawayId' | 'rulesHash'>[]): void => {
  for (const { giveawayId, rulesHash } of giveaways) seenRules.keep({ giveawayId, rulesHash });
};

/** The receipt of a person that this browser kept. */
export function useKeptReceipt(personId: string, giveawayId: string): Receipt | null {
  useStore(ownReceipts.store);
  return ownReceipts.find(ownId(personId, giveawayId))?.receipt ?? null;
}

/** A receipt of this draw: that of the person who is signed in, else of anybody who entered with this browser. */
export function keptReceipt(giveawayId: string, personId: string | undefined): Receipt | null {
  const kept = ownReceipts.store.get().filter(({ receipt }) => receipt.giveawayId === giveawayId);
  return (kept.find((one) => one.personId === personId) ?? kept[0])?.receipt ?? null;
}

/** The hash of the rules as this browser first saw it in the room; null when it was not there. */
export const seenRulesHash = (giveawayId: string): string | null => seenRules.find(giveawayId)?.rulesHash ?? null;
