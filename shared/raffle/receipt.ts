import { z } from 'zod';
import { bytesOfHex, hexOf, type Bytes } from './bytes.ts';
import { Digest, Entry } from './entry.ts';
import { entrantPseudonym, leafHash } from './packed-entry.ts';
import { rootOfPath } from './merkle.ts';
import { Signature, type Frozen } from './proof-document.ts';
import { comparison, type ProofStep } from './proof-step.ts';
import { hashOfRules, type Rules } from './rules.ts';
import { batchStatement, verifySignature } from './signature.ts';

/** A tree over four million leaves is 22 levels high. */
const MerklePath = z.array(Digest).max(32);
/** Entries taken together and signed once. */
export const batchEntriesMax = 4_096;

/** What an entrant gets at once and keeps: the server's signed word that this entry is in the list, under this number. */
export const Receipt = z.strictObject({
  format: z.literal('nightmarket-raffle-receipt/1'),
  giveawayId: z.string().min(1).max(64),
  rulesHash: Digest,
  entry: Entry,
  entrantSalt: Digest.describe('Secret of the entrant: with it and the account id the pseudonym can be recomputed.'),
  // The leaf follows from the entry, and the root of the batch from leaf and path: neither is told.
  batch: z.strictObject({
    size: z.int().min(1).max(batchEntriesMax),
    index: z
      .int()
      .min(0)
      .max(batchEntriesMax - 1),
    path: MerklePath,
  }),
  signature: Signature,
});
export type Receipt = z.infer<typeof Receipt>;

/** Way from one entry to the root of the frozen list. */
export const InclusionProof = z.strictObject({ entryNumber: Entry.shape.number, path: MerklePath });
export type InclusionProof = z.infer<typeof InclusionProof>;

/** Who holds a receipt: what only they can compare. A receipt that nothing is held against can be anybody's. */
export type Holder = {
  /** The account that entered. Without it one entry could be handed to any number of people. */
  accountId?: string | undefined;
  /** What the device chose when it entered; only that device knows, and only if it was the first. */
  nonce?: string | undefined;
};

type Known = Holder & {
  rules: Rules;
  /** The frozen list and the way to it, once the giveaway is closed. */
  closed?: { frozen: Pick<Frozen, 'entryCount' | 'root'>; inclusion: InclusionProof };
};

/** Checks a receipt against the published rules and, after the close, against the frozen list. A failed `included` step is evidence against the server. */
export async function verifyReceipt(candidate: unknown, known: Known): Promise<ProofStep[]> {
  const parsed = Receipt.safeParse(candidate);
  const format = {
    check: 'format',
    ok: parsed.success,
    what: 'The receipt has the form it should have',
    details: parsed.error?.message ?? '',
  };
  if (!parsed.success) return [format];
  const receipt = parsed.data;
  const leaf = await leafHash(receipt.entry);
  return [
    format,
    comparison('giveaway', 'It is a receipt of this giveaway', receipt.giveawayId, known.rules.giveawayId),
    comparison('rules', 'It was given under the published rules', receipt.rulesHash, await hashOfRules(known.rules)),
    await batchStep(receipt, leaf, known.rules.signingKey),
    ...(known.accountId === undefined ? [] : [await accountStep(receipt, known.accountId)]),
    ...(known.nonce === undefined ? [] : [nonceStep(receipt, known.nonce)]),
    ...(known.closed === undefined ? [] : [await inclusionStep(receipt, leaf, known.closed)]),
  ];
}

/**
 * Checks a receipt against a draw whose list was read and recomputed: it has the entry at its number, or it has not.
 *
 * @param listed what stands at the receipt's number; undefined when the list has no such number.
 */
export async function verifyReceiptInList(
  candidate: unknown,
  rules: Rules,
  listed: Entry | undefined,
  holder: Holder = {},
): Promise<ProofStep[]> {
  const steps = await verifyReceipt(candidate, { rules, ...holder });
  if (!steps[0]!.ok) return steps;
  const inList = listed ? hexOf(await leafHash(listed)) : 'nothing: the list has no such number';
  const held = hexOf(await leafHash((candidate as Receipt).entry));
  return [...steps, comparison('included', 'The entry is in the frozen list', held, inList)];
}

async function batchStep(
  { rulesHash, batch: { size, index, path }, signature }: Receipt,
  leaf: Bytes,
  signingKey: string,
): Promise<ProofStep> {
  const root = await rootOfPath(leaf, index, size, path);
  const ok =
    root !== null &&
    (await verifySignature(signingKey, signature, batchStatement(rulesHash, { size, root: hexOf(root) })));
  return {
    check: 'batch',
    ok,
    what: "The entry is in a batch that is signed with the giveaway's key",
    details: root ? signingKey : pathDoesNotFit,
  };
}

async function accountStep({ entry, entrantSalt }: Receipt, accountId: string): Promise<ProofStep> {
  const pseudonym = hexOf(await entrantPseudonym(bytesOfHex(entrantSalt), accountId));
  return comparison('account', 'The pseudonym is that of this account', entry.entrant, pseudonym);
}

const nonceStep = ({ entry }: Receipt, nonce: string): ProofStep =>
  comparison('nonce', 'The entry has the nonce that this device chose', entry.nonce, nonce);

async function inclusionStep(
  { entry }: Receipt,
  leaf: Bytes,
  { frozen, inclusion }: NonNullable<Known['closed']>,
): Promise<ProofStep> {
  const root = await rootOfPath(leaf, entry.number, frozen.entryCount, inclusion.path);
  return comparison('included', 'The entry is in the frozen list', frozen.root, root ? hexOf(root) : pathDoesNotFit);
}

const pathDoesNotFit = 'nothing: the path does not fit';
