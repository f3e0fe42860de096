import type { Entry } from './entry.ts';
import type { Frozen, ProofDocument } from './proof-document.ts';
import type { ProofStep } from './proof-step.ts';
import { InclusionProof, verifyReceipt, verifyReceiptInList, type Holder, type Receipt } from './receipt.ts';
import { verifyBesidesList, verifyDraw, type VerifyOptions } from './verify-draw.ts';

/** What a reader holds as the receipt of their own entry, not checked yet, and who they are. */
export type Held = { receipt: unknown; holder: Holder };

/** `steps`: of the draw. `own`: of the reader's receipt; empty without one, or when there is no document to hold it against. */
export type Judged = { steps: ProofStep[]; own: ProofStep[] };

/** Checks a draw with its whole list, and looks there for the reader's own entry. @param held null: no receipt. */
export async function verifyDrawAndReceipt(
  candidate: unknown,
  held: Held | null,
  { readEntries, hashMany }: Required<VerifyOptions>,
): Promise<Judged> {
  let read: Entry | undefined;
  const steps = await verifyDraw(candidate, { readEntries: noting, hashMany });
  if (!steps[0]!.ok || !held) return { steps, own: [] };
  const { rules, entries } = candidate as ProofDocument;
  const listed = 'inline' in entries ? entries.inline[numberIn(held.receipt)] : read;
  return { steps, own: await verifyReceiptInList(held.receipt, rules, listed, held.holder) };

  async function* noting(location: string): AsyncGenerator<Entry> {
    const wanted = held && numberIn(held.receipt);
    for await (const entry of readEntries(location)) {
      if (entry.number === wanted) read = entry;
      yield entry;
    }
  }
}

/**
 * The same without the list, whatever its length: the winners are not worked out.
 *
 * @param inclusionOf reads the way from the reader's entry to the root; not asked without a receipt.
 */
export async function verifyReceiptBesidesList(
  candidate: unknown,
  held: Held | null,
  inclusionOf: (entryNumber: number, frozen: Frozen) => Promise<InclusionProof>,
): Promise<Judged> {
  const steps = await verifyBesidesList(candidate);
  if (!steps[0]!.ok || !held) return { steps, own: [] };
  const { rules, frozen } = candidate as ProofDocument;
  const inclusion = await inclusionOf(numberIn(held.receipt), frozen);
  return { steps, own: await verifyReceipt(held.receipt, { rules, ...held.holder, closed: { frozen, inclusion } }) };
}

/** The inclusion proof in the answer of a server; null when there is none in it. */
export function inclusionIn(answer: unknown): InclusionProof | null {
  return InclusionProof.safeParse((answer as { data?: { inclusion?: unknown } } | null)?.data?.inclusion).data ?? null;
}

/** Any number will do for what is no receipt: that is found out before the number matters. */
const numberIn = (receipt: unknown): number => (receipt as Partial<Receipt> | null)?.entry?.number ?? 0;
