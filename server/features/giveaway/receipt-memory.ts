import type { Entry } from '../../../shared/raffle/entry.ts';
import type { Receipt } from '../../../shared/raffle/receipt.ts';
import { setNewest } from '../../../shared/newest.ts';
import type { GiveawayRow } from './giveaways.ts';
import { createPseudonyms } from './receipts.ts';
import type { SignReceipt } from './receipt-signing.ts';

/** Receipts remembered, a kilobyte each; the one not asked for the longest goes first. */
const receiptsMax = 2_000;

/** Receipts for whoever looks again and again: an entry never changes, so its receipt is signed once. */
export function createReceiptMemory(sign: SignReceipt) {
  const signed = new Map<string, Promise<Receipt>>();

  return function receiptAgain(giveaway: GiveawayRow, personId: string, entry: Entry): Promise<Receipt> {
    const receipt = signed.get(entry.id) ?? sign({ giveaway, entry, salt: createPseudonyms(giveaway)(personId).salt });
    setNewest(signed, entry.id, receipt, receiptsMax);
    receipt.catch(() => signed.delete(entry.id));
    return receipt;
  };
}
