import type { Giveaway } from '../../shared/protocol/giveaway.ts';
import type { Frozen } from '../../shared/raffle/proof-document.ts';
import type { Receipt } from '../../shared/raffle/receipt.ts';
import { createKeptList } from '../state/kept-list.ts';
import { newKey } from '../state/new-key.ts';
import { useStore } from '../state/store.ts';

/** A receipt is about 1 KB, a seal 400 bytes, a hash or a nonce 150; a browser gives a page 5 MB. */
const receiptsMax = 200;
const noncesMax = 200;
const sealsMax = 1_000;
const hashesMax = 1_000;

type OwnReceipt = { personId: string; receipt: Receipt };
type OwnNonce = { personId: string; giveawayId: string; nonce: string };
type SeenRules = { giveawayId: string; rulesHash: string };
type SeenList = { giveawayId: string; frozen: Frozen; seenAtMs: number };

const ownId = (personId: string, giveawayId: string): string => `${giveawayId} ${personId}`;

/**
 * What a browser keeps of draws, so that it need not believe the server later: the receipts of the person, the nonces it chose for
 * them, and the hash of the rules and the sealed list as they were first seen in the room.
 */
const ownReceipts = createKeptList<OwnReceipt>(
  'nm:receipts',
  ({ personId, receipt }) => ownId(personId, receipt.giveawayId),
  receiptsMax,
);
const ownNonces = createKeptList<OwnNonce>(
  'nm:nonces',
  ({ personId, giveawayId }) => ownId(personId, giveawayId),
  noncesMax,
);
const seenLists = createKeptList<SeenList>('nm:lists', ({ giveawayId }) => giveawayId, sealsMax);
const seenRules = createKeptList<SeenRules>('nm:rules', ({ giveawayId }) => giveawayId, hashesMax);

export const keepReceipt = (personId: string, receipt: Receipt): void => ownReceipts.keep({ personId, receipt });

/** The nonce of a person's entry: the same however often it is sent, so that whatever answer comes can be held against it. */
export function nonceFor(personId: string, giveawayId: string): string {
  ownNonces.keep({ personId, giveawayId, nonce: newKey() });
  return keptNonce(personId, giveawayId)!;
}

/** Undefined when this browser has not entered. */
export const keptNonce = (personId: string, giveawayId: string): string | undefined =>
  ownNonces.find(ownId(personId, giveawayId))?.nonce;

type Shown = Pick<Giveaway, 'giveawayId' | 'rulesHash' | 'frozen'>;

/** Keeps what the room shows of draws now, where it was not seen before. */
export const seeGiveaways = (giveaways: readonly Shown[]): void => {
  for (const { giveawayId, rulesHash, frozen } of giveaways) {
    seenRules.keep({ giveawayId, rulesHash });
    if (frozen) seenLists.keep({ giveawayId, frozen, seenAtMs: Date.now() });
  }
};

/** The receipt of a person that this browser kept. */
export function useKeptReceipt(personId: string, giveawayId: string): Receipt | null {
  useStore(ownReceipts.store);
  return ownReceipts.find(ownId(personId, giveawayId))?.receipt ?? null;
}

/** A receipt of this draw: that of the person who is signed in, else of anybody who entered with this browser. */
export function keptReceipt(giveawayId: string, personId: string | undefined): OwnReceipt | null {
  const kept = ownReceipts.store.get().filter(({ receipt }) => receipt.giveawayId === giveawayId);
  return kept.find((one) => one.personId === personId) ?? kept[0] ?? null;
}

/** The hash of the rules as this browser first saw it in the room; null when it was not there. */
export const seenRulesHash = (giveawayId: string): string | null => seenRules.find(giveawayId)?.rulesHash ?? null;

/** The sealed list as this browser first saw it, and when by its own clock; null when it has not. */
export const seenList = (giveawayId: string): SeenList | null => seenLists.find(giveawayId) ?? null;
