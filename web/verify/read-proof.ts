import { beaconRoundAtMs } from '../../shared/raffle/beacon.ts';
import type { Entry } from '../../shared/raffle/entry.ts';
import { plainHashMany } from '../../shared/raffle/hash-many.plain.ts';
import { entriesOfNdjson, type Frozen, type ProofDocument } from '../../shared/raffle/proof-document.ts';
import { comparison, type ProofStep } from '../../shared/raffle/proof-step.ts';
import { Receipt, type InclusionProof } from '../../shared/raffle/receipt.ts';
import {
  inclusionIn,
  verifyDrawAndReceipt,
  verifyReceiptBesidesList,
} from '../../shared/raffle/verify-with-receipt.ts';
import { whyVoid, type VoidReason } from '../../shared/raffle/void.ts';

/** Why nothing could be checked. None of these says anything about the draw. */
export type NothingToCheck =
  'noSuchDraw' | 'notDrawn' | 'cancelled' | 'unreachable' | 'unable' | 'notProof' | 'notReceipt' | 'otherReceipt';

/** Thrown where the answer is none: neither "right" nor "does not fit". */
export class NotChecked extends Error {
  readonly why: NothingToCheck;
  constructor(why: NothingToCheck) {
    super(why);
    this.why = why;
  }
}

/**
 * What was recomputed. `own`: of the reader's receipt; empty without one. `isWhole`: the list was read and the winners worked out; else
 * only what needs no list. `voidReason`: why nobody won, where the draw is void; worked out here, beside the schemas that it needs.
 */
export type Checked = {
  document: ProofDocument;
  steps: readonly ProofStep[];
  own: readonly ProofStep[];
  isWhole: boolean;
  voidReason: VoidReason;
};

/** A receipt, and the account that it is said to be of; null: nobody says. */
export type HeldReceipt = { receipt: Receipt; personId: string | null };

/** The list as it was first seen, and when by this device's own clock. */
export type SeenList = { frozen: Frozen; seenAtMs: number };

/** What this browser kept of a draw while the person was in the room. */
export type KeptOf = (giveawayId: string) => {
  own: HeldReceipt | null;
  rulesHash: string | null;
  list: SeenList | null;
};

/** `receipt`: JSON; empty: that which this browser kept, if any. `personId`: whose the reader says it is. */
export type TypedReceipt = { receipt: string; personId: string | null };

/** `origin`: of the server that is asked. `wholeList`: also a list that is a file of its own; for a million entries that is 190 MB. */
export type Way = { origin: string; wholeList: boolean };

/**
 * Recomputes a draw here, and looks for the reader's own entry in it.
 *
 * @param source  the document as JSON, or the id of the giveaway, by which it is fetched.
 * @param typed   a receipt that the reader gives.
 * @param keptOf  what the document is held to besides itself: what was kept of the draw that was asked for, not of the one it names.
 * @throws NotChecked when there is nothing to check: not what it should be, or lost on the way.
 */
export async function checkDraw(
  source: string,
  typed: TypedReceipt,
  keptOf: KeptOf,
  { origin, wholeList }: Way,
): Promise<Checked> {
  const isPasted = source.trimStart().startsWith('{');
  const address = `/api/giveaways/${encodeURIComponent(source)}/proof`;
  const url = new URL(isPasted ? '/' : address, origin);
  const document = (isPasted ? parsed(source, 'notProof') : await fetchJson(url)) as ProofDocument;
  const giveawayId = isPasted ? idOf(document) : source;
  const kept = keptOf(giveawayId);
  const own = heldReceipt(typed, kept.own);
  if (own && own.receipt.giveawayId !== giveawayId) throw new NotChecked('otherReceipt');
  // The reader's own entry first: a short path, whatever the length of the list. Of a document that was pasted nobody here has one.
  const isWhole = wholeList || isPasted || !hasListApart(document);
  const held = own && { receipt: own.receipt, holder: { accountId: own.personId ?? undefined } };
  const list = createList(url);
  const { steps, own: ownSteps } = isWhole
    ? await verifyDrawAndReceipt(document, held, { readEntries: list.read, hashMany: plainHashMany })
    : await verifyReceiptBesidesList(document, held, (entryNumber, frozen) => inclusionOf(entryNumber, frozen, url));
  if (list.isLost()) throw new NotChecked('unreachable');
  if (!steps[0]?.ok) throw new NotChecked('notProof');
  steps.push(askedStep(giveawayId, document), ...seenSteps(kept, document));
  return { document, steps, own: ownSteps, isWhole, voidReason: whyVoid(document) };
}

/** The way from an entry to the root. None leads there from a number that the list has not. */
async function inclusionOf(entryNumber: number, { entryCount }: Frozen, proof: URL): Promise<InclusionProof> {
  if (entryNumber >= entryCount) return { entryNumber, path: [] };
  const inclusion = inclusionIn(await fetchJson(new URL(`inclusion/${entryNumber}`, proof)));
  if (!inclusion) throw new NotChecked('unreachable');
  return inclusion;
}

/** One that was typed must be a receipt; one that was kept and is none any more is as good as lost. */
function heldReceipt(typed: TypedReceipt, kept: HeldReceipt | null): HeldReceipt | null {
  if (!typed.receipt.trim()) return kept && Receipt.safeParse(kept.receipt).success ? kept : null;
  const receipt = Receipt.safeParse(parsed(typed.receipt, 'notReceipt'));
  if (!receipt.success) throw new NotChecked('notReceipt');
  return { receipt: receipt.data, personId: typed.personId };
}

/** Of a document that was not checked yet. */
const hasListApart = (document: Partial<ProofDocument> | null): boolean => 'ndjson' in (document?.entries ?? {});
const idOf = (document: Partial<ProofDocument> | null): string => String(document?.rules?.giveawayId);

/** A server that answers with another draw, which is right by itself, must not pass for the one that was asked for. */
const askedStep = (giveawayId: string, { rules }: ProofDocument): ProofStep =>
  comparison('asked', 'It is the document of the draw that was asked for', rules.giveawayId, giveawayId);

/** A server that shows other rules or another list later, and a draw that fits them, is found out by who was there. */
function seenSteps({ rulesHash, list }: ReturnType<KeptOf>, { rules, rulesHash: shown, frozen }: ProofDocument) {
  const steps: ProofStep[] = [];
  if (rulesHash !== null)
    steps.push(comparison('seen', 'The rules are those this browser saw in the room', shown, rulesHash));
  if (list === null) return steps;
  steps.push(
    comparison('seen-list', 'The list is the one this browser saw sealed', wordsOf(frozen), wordsOf(list.frozen)),
  );
  // Who came later saw it later: only having seen it before says something.
  if (rules.beacon !== null && list.seenAtMs < beaconRoundAtMs(rules.beacon.chain, rules.beacon.round))
    steps.push({
      check: 'seen-in-time',
      ok: true,
      what: 'This browser saw the seal before the round was known',
      details: new Date(list.seenAtMs).toISOString(),
    });
  return steps;
}

const wordsOf = ({ entryCount, root, frozenAtMs }: Frozen): string => `${entryCount} entries, ${root}, ${frozenAtMs}`;

function parsed(text: string, otherwise: NothingToCheck): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new NotChecked(otherwise);
  }
}

/** What a refusal of the proof means; anything else is a server that can't answer now. */
async function refusalOf(response: Response): Promise<NothingToCheck> {
  if (response.status === 404) return 'noSuchDraw';
  if (response.status !== 409) return 'unreachable';
  const refusal = (await response.json().catch(() => null)) as { error?: { reason?: string } } | null;
  return refusal?.error?.reason === 'giveaway-cancelled' ? 'cancelled' : 'notDrawn';
}

async function fetchJson(address: URL): Promise<unknown> {
  const response = await fetch(address).catch(() => null);
  if (!response?.ok) throw new NotChecked(response ? await refusalOf(response) : 'unreachable');
  return response.json().catch(() => {
    throw new NotChecked('unreachable');
  });
}

/**
 * The separate list of a large draw. A check calls a list that can't be read wrong; whether it was only lost on the way is
 * known here, and a lost connection must not look like fraud.
 */
function createList(base: URL) {
  let isLost = false;
  return {
    read: (where: string): AsyncIterable<Entry> => entriesOfNdjson(received(new URL(where, base))),
    isLost: (): boolean => isLost,
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
