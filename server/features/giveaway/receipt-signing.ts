import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Receipt } from '../../../shared/raffle/receipt.ts';
import { createBatches } from '../../platform/batches.ts';
import type { GiveawayRow } from './giveaways.ts';
import { receiptsOf, type HeldEntry } from './receipts.ts';

/**
 * Entries signed together. Twice as many would halve each one's share of a signature, and lengthen every receipt by a hash, which costs as much.
 */
const signedTogetherMax = 128;
/** Receipts that wait for their signature, over all giveaways of this gateway. */
const waitingMax = 50_000;

type ReceiptWish = HeldEntry & { giveaway: GiveawayRow };
/** @throws AppError RETRY when too much is waiting: the entry stands, and who asks again gets its receipt. */
export type SignReceipt = (wish: ReceiptWish) => Promise<Receipt>;

/**
 * Signs what is asked for at the same time together, a group in each turn of the event loop: a thousand entries of one commit, answered
 * in one turn, would hold up everybody else for longer than the commit took, and be in memory all at once.
 */
export function createReceiptSigning(): SignReceipt {
  const groups = createBatches<ReceiptWish, Receipt>({
    itemsMax: signedTogetherMax,
    waitingMax,
    async run(_giveawayId, wishes) {
      const receipts = await receiptsOf(wishes[0]!.giveaway, wishes);
      await nextTurn();
      return receipts;
    },
  });
  return (wish) => groups.add(wish.giveaway.giveawayId, wish);
}
