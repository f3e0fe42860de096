import type { Entry } from '../../shared/raffle/entry.ts';
import { entriesOfNdjson, type ProofDocument } from '../../shared/raffle/proof-document.ts';
import { comparison, type ProofStep } from '../../shared/raffle/proof-step.ts';
import { Receipt, verifyReceiptInList } from '../../shared/raffle/receipt.ts';
import { verifyDraw } from '../../shared/raffle/verify-draw.ts';

/** Why nothing could be checked. None of these says anything about the draw. */
export type NothingToCheck = 'noSuchDraw' | 'notDrawn' | 'unreachable' | 'notProof' | 'notReceipt' | 'otherReceipt';

/** Thrown where the answer is none: neither "right" nor "does not fit". */
export class NotChecked extends Error {
  readonly why: NothingToCheck;
  constructor(why: NothingToCheck) {
    super(why);
    this.why = why;
  }
}

/** What was recomputed. `own`: of the reader's receipt; empty without one. */
export type Checked = { document: ProofDocument; steps: readonly ProofStep[]; own: readonly ProofStep[] };

/** What this browser kept of a draw while the person was in the room. */
export type KeptOf = (giveawayId: string) => { receipt: Receipt | null; rulesHash: string | null };

/**
 * Recomputes a draw here, and looks for the reader's own entry in it.
 *
 * @param source  the document as JSON, or the id of the giveaway, by which it is fetched.
 * @param receipt JSON of a receipt; empty: that which this browser kept, if any.
 * @param keptOf  what the document is held to besides itself.
 * @throws NotChecked when there is nothing to check: not what it should be, or lost on the way.
 */
export async function checkDraw(source: string, receipt: string, keptOf: KeptOf): Promise<Checked> {
  const typed = receipt.trim() ? (parsed(receipt, 'notReceipt') as Partial<Receipt>) : null;
  const isPasted = source.trimStart().startsWith('{');
  const address = `/api/giveaways/${encodeURIComponent(source)}/proof`;
  const document = (isPasted ? parsed(source, 'notProof') : await fetchProof(address)) as ProofDocument;
  const kept = keptOf(idOf(document));
  const held = typed ?? (Receipt.safeParse(kept.receipt).success ? kept.receipt : null);
  const list = createList(new URL(isPasted ? '/' : address, location.origin), held?.entry?.number);
  const steps = await verifyDraw(document, { readEntries: list.read });
  if (list.isLost()) throw new NotChecked('unreachable');
  if (!steps[0]?.ok) throw new NotChecked('notProof');
  const place = 'inline' in document.entries ? document.entries.inline[held?.entry?.number ?? 0] : list.entry();
  return {
    document,
    steps: [...steps, ...seenSteps(kept.rulesHash, document)],
    own: held ? await receiptSteps(held, document, place) : [],
  };
}

/** Of a document that was not checked yet. */
const idOf = (document: Partial<ProofDocument> | null): string => String(document?.rules?.giveawayId);

/** A server that shows other rules later, and a draw that fits them, is found out by who was there. */
const seenSteps = (seenHash: string | null, { rulesHash }: ProofDocument): ProofStep[] =>
  seenHash === null
    ? []
    : [comparison('seen', 'The rules are those this browser saw in the room', rulesHash, seenHash)];

/** The receipt against the same document: the list that was just recomputed has the entry at its place, or it has not. */
async function receiptSteps(
  receipt: Partial<Receipt>,
  { rules }: ProofDocument,
  entry: Entry | undefined,
): Promise<ProofStep[]> {
  const steps = await verifyReceiptInList(receipt, rules, entry);
  if (!steps[0]?.ok) throw new NotChecked('notReceipt');
  if (steps.some(({ check, ok }) => check === 'giveaway' && !ok)) throw new NotChecked('otherReceipt');
  return steps;
}

function parsed(text: string, otherwise: NothingToCheck): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new NotChecked(otherwise);
  }
}

/** What a refusal of the proof means; anything else is a server that can't answer now. */
const refusals: Readonly<Partial<Record<number, NothingToCheck>>> = { 404: 'noSuchDraw', 409: 'notDrawn' };

async function fetchProof(address: string): Promise<unknown> {
  const response = await fetch(address).catch(() => null);
  if (!response?.ok) throw new NotChecked(refusals[response?.status ?? 0] ?? 'unreachable');
  return response.json().catch(() => {
    throw new NotChecked('unreachable');
  });
}

/**
 * The separate list of a large draw. A check calls a list that can't be read wrong; whether it was only lost on the way is
 * known here, and a lost connection must not look like fraud.
 */
function createList(base: URL, wantedNumber: number | undefined) {
  let isLost = false;
  let wanted: Entry | undefined;
  return {
    async *read(where: string): AsyncGenerator<Entry> {
      for await (const entry of entriesOfNdjson(received(new URL(where, base)))) {
        if (entry.number === wantedNumber) wanted = entry;
        yield entry;
      }
    },
    isLost: (): boolean => isLost,
    /** The entry of the wanted number, once the list was read. */
    entry: (): Entry | undefined => wanted,
  };

  async function* received(url: URL): AsyncGenerator<Uint8Array> {
    try {
      const { ok, body } = await fetch(url);
      if (!ok || !body) throw new TypeError('the list did not come');
      const reader = body.getReader();
      for (let part = await reader.read(); !part.done; part = await reader.read()) yield part.value;
    } catch (error) {
      isLost = true;
      throw error;
    }
  }
}
