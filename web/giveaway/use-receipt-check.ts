import { useEffect, useState } from 'preact/hooks';
import type { Receipt } from '../../shared/raffle/receipt.ts';
import type { Rules } from '../../shared/raffle/rules.ts';
import { keptNonce } from './evidence.ts';

/** `otherNonce`: all holds but the nonce, which is another device's or the server's own: only the person can tell. */
export type ReceiptProblem = 'broken' | 'otherNonce';

/**
 * Works out here, as soon as there is a receipt, whether it is one: of this draw, of this person, with what this device chose. Who waits
 * for the draw would learn too late that they hold somebody else's.
 *
 * @returns null while it holds, is being worked out, or can't be (the computing part did not come, or the browser lacks it).
 */
export function useReceiptCheck(receipt: Receipt | null, rules: Rules, personId: string): ReceiptProblem | null {
  const [problem, setProblem] = useState<ReceiptProblem | null>(null);
  useEffect(() => {
    if (receipt) void problemOf(receipt, rules, personId).then(setProblem, () => undefined);
  }, [receipt?.signature, personId]);
  return problem;
}

async function problemOf(receipt: Receipt, rules: Rules, personId: string): Promise<ReceiptProblem | null> {
  const { verifyReceipt } = await import('../../shared/raffle/receipt.ts');
  const nonce = keptNonce(personId, rules.giveawayId);
  const steps = await verifyReceipt(receipt, { rules, accountId: personId, nonce });
  const failed = steps.filter(({ ok }) => !ok).map(({ check }) => check);
  if (failed.length === 0) return null;
  return failed.every((check) => check === 'nonce') ? 'otherNonce' : 'broken';
}
