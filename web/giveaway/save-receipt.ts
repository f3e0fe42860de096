import type { Receipt } from '../../shared/raffle/receipt.ts';
import { entryNo } from './entry-no.ts';
import { saveFile } from '../state/save-file.ts';

/** The receipt as a file of the entrant's own: the verify page takes it back. */
export const saveReceipt = (receipt: Receipt): void =>
  saveFile(
    `receipt-${receipt.giveawayId}-${entryNo(receipt.entry.number)}.json`,
    JSON.stringify(receipt, null, 2),
    'application/json',
  );
