import { hash } from 'node:crypto';
import { AppError } from '../../../shared/errors.ts';
import { crashAt } from './crash-point.ts';
import type { Claim, Gate, OfferRef, TakeAnswer } from './gate.ts';
import type { GateQueue, QueuedRequest } from './gate-queue.ts';
import { ledgerRetryMs, type CommitOutcome, type GroupCommit } from './group-commit.ts';
import type { OfferCache } from './offer-cache.ts';
import type { OfferTerms } from './offer-terms.ts';
import { newOrderId } from './order-id.ts';
import type { KeyOfBuyer, NewOrder, OrderStore, SoldOutQuestion, StoredOrder } from './order-store.ts';
import type { LedgerOrder, Purchase, PurchaseLine, PurchaseResult, Refusal } from './orders-ledger.ts';
import { createUnderWay } from './under-way.ts';

/**
 * Whether somebody belongs to the audience of an offer; `rightId` when the order uses up a won right. `not_open`: not yet, because
 * fans buy first.
 */
export type Admission =
  { admitted: true; rightId: string | null } | { admitted: false; outcome: 'not_for_you' | 'not_open' | 'limit' };
export type Admit = (terms: OfferTerms, buyerId: string, units: number) => Promise<Admission>;

/** Nothing has to be asked: everybody may buy, all at the same time. */
export const isForEverybody = ({ audience }: OfferTerms): boolean => audience.who === 'all' && !audience.early;

type Needs = {
  cache: OfferCache;
  queue: GateQueue;
  commits: GroupCommit;
  gate: Pick<Gate, 'confirm'>;
  /** Gives the units of a claim back to one gate, once. */
  giveBack: (offer: OfferRef, claim: Claim) => Promise<unknown>;
  /** Whether the ledger says that an offer is sold out, and that this key has no order. */
  isSoldOut: (question: SoldOutQuestion & { roomId: string }) => Promise<boolean>;
  /** The live order of a request key. */
  orderOfKey: (roomId: string, key: KeyOfBuyer) => Promise<StoredOrder | null>;
  store: Pick<OrderStore, 'rightIsUsed'>;
  admit: Admit;
  /** Something was bought, for the room to see. */
  onHeld: (purchase: Purchase, order: LedgerOrder) => void;
  /** Nothing was taken. Called for every refusal in a rush: it only counts. */
  onRefused: (outcome: Refusal['outcome']) => void;
  /** Fresh terms and the gate have other epochs: a gate whose epoch was never committed has to be loaded anew. */
  onStale: (offer: OfferRef) => void;
  onFailure: (error: unknown, work: string) => void;
  wait: (ms: number) => Promise<unknown>;
  /** How long a purchase is waited for. */
  patience: Omit<Parameters<typeof createUnderWay>[0], 'worksMax'>;
};

type Attempt = {
  purchase: Purchase;
  requestHash: string;
  /** Of units kept for waiting people. */
  waited: boolean;
  /** Whether the terms were just read. */
  isFresh: boolean;
};
type Ready = Omit<Attempt, 'isFresh'> & { terms: readonly OfferTerms[]; rightId: string | null };

/** While a gate is being rebuilt, or another try with the same key is under way, ms. */
const retryAfterMs = 200;
/** Purchases under way in one gateway, whatever they wait for: the gate, the ledger, or who belongs to an audience. */
const underWayMax = 40_000;

export type Purchases = ReturnType<typeof createPurchases>;

/** The path of a purchase; docs/decisions/0040-the-path-of-a-purchase.md says what each fault on it can do. */
export function createPurchases(needs: Needs) {
  const {
    cache,
    queue,
    commits,
    gate,
    giveBack,
    store,
    isSoldOut,
    orderOfKey,
    admit,
    onHeld,
    onRefused,
    onStale,
    onFailure,
    wait,
    patience,
  } = needs;
  /** By buyer and key: a double click is one purchase. */
  const underWay = createUnderWay<PurchaseResult>({ ...patience, worksMax: underWayMax });
  const clearing = new Map<string, { offer: OfferRef; claims: Claim[] }>();

  return {
    /** @see OrdersLedger.purchase */
    purchase(purchase: Purchase): Promise<PurchaseResult> {
      return refusedFromCache(purchase) ?? once(purchase, false);
    },
    /** Takes units kept for waiting people. */
    purchaseWaited: (purchase: Purchase): Promise<PurchaseResult> => once(purchase, true),
  };

  /** In a rush this is the common case, so it makes nothing but its answer. */
  function refusedFromCache({ lines, roomId, buyerId }: Purchase): Promise<PurchaseResult> | null {
    for (const { offerId } of lines) {
      const outcome = cache.refusalOf(roomId, offerId, buyerId);
      if (!outcome) continue;
      onRefused(outcome);
      return Promise.resolve({ outcome, offerId });
    }
    return null;
  }

  function once(purchase: Purchase, waited: boolean): Promise<PurchaseResult> {
    const requestHash = hashOf(purchase.lines);
    return underWay.run(purchase.buyerId + purchase.requestKey, requestHash, async () =>
      tellable(await attempt(purchase, requestHash, waited), purchase),
    );
  }

  async function attempt(purchase: Purchase, requestHash: string, waited: boolean): Promise<PurchaseResult> {
    for (const isFresh of [false, true]) {
      if (isFresh) await Promise.all(purchase.lines.map(({ offerId }) => cache.refresh(offerId)));
      const ready = await prepare({ purchase, requestHash, waited, isFresh });
      if (!ready) continue;
      if ('outcome' in ready) return ready;
      const answer = (waited ? null : await soldOutUnheard(purchase)) ?? (await tryOnce(ready));
      if (answer) return answer;
      // The offer has other terms than this gateway knew: once more, with those. After that its gate is behind.
      if (isFresh) ready.terms.forEach(onStale);
    }
    throw new AppError('RETRY', undefined, { retryAfterMs });
  }

  /** While changes are not heard, for Redis is slow or away, sold out is what the ledger calls so: nobody can take units then. */
  async function soldOutUnheard({ lines, roomId, buyerId, requestKey }: Purchase): Promise<Refusal | null> {
    for (const { offerId } of lines) {
      if (!cache.isSoldOutUnheard(offerId)) continue;
      if (await isSoldOut({ offerId, roomId, buyerId, requestKey })) return { outcome: 'sold_out', offerId };
    }
    return null;
  }

  /** An order is told only when no gateway may still refuse its key. */
  async function tellable(answer: PurchaseResult, { lines }: Purchase): Promise<PurchaseResult> {
    if (answer.outcome !== 'held') {
      onRefused(answer.outcome);
      return answer;
    }
    const waitMs = cache.tellableInMs(lines.map(({ offerId }) => offerId));
    if (waitMs > 0) await wait(waitMs);
    return answer;
  }

  /** Everything that can be said without the gate. Null: a price that is new to this gateway may be the one the buyer saw. */
  async function prepare({ purchase, requestHash, waited, isFresh }: Attempt): Promise<Ready | Answer | null> {
    const { lines, roomId, buyerId } = purchase;
    const terms: OfferTerms[] = [];
    for (const { offerId } of lines) {
      const known = cache.peek(offerId) ?? (await cache.get(offerId));
      if (known?.roomId !== roomId) throw new AppError('NOT_FOUND', `There is no offer ${offerId} in this room.`);
      terms.push(known);
    }
    const notOpen = terms.find(({ state }) => state !== 'open');
    if (notOpen)
      return (
        (await heldBefore(purchase, requestHash)) ??
        refusalOf(notOpen.state === 'draft' ? 'not_open' : 'ended', notOpen)
      );
    if (
      terms.some(({ merchantId, currency }) => merchantId !== terms[0]!.merchantId || currency !== terms[0]!.currency)
    )
      return { outcome: 'one_merchant' };
    const dearer = terms.find(({ priceMinor }, i) => (lines[i]!.priceMinor ?? priceMinor) !== priceMinor);
    if (dearer && !isFresh) return null;
    if (dearer) return (await heldBefore(purchase, requestHash)) ?? refusalOf('price_changed', dearer);
    let rightId: string | null = null;
    for (const [i, offer] of terms.entries()) {
      if (isForEverybody(offer)) continue;
      const admission = await admit(offer, buyerId, lines[i]!.units);
      if (!admission.admitted) return (await heldBefore(purchase, requestHash)) ?? refusalOf(admission.outcome, offer);
      // One order uses up one right: what was won is bought by itself.
      if (admission.rightId && lines.length > 1) return refusalOf('not_for_you', offer);
      rightId ??= admission.rightId;
    }
    return { purchase, terms, requestHash, rightId, waited };
  }

  /** Null: the terms were stale. */
  async function tryOnce(ready: Ready): Promise<PurchaseResult | null> {
    const order = newOrder(ready);
    commits.refuseWhenFull(order);
    const answer = await queue.take(takeRequest(ready, order));
    // Our own order id under `repeat`: the driver sent the call again after a lost connection. The units are ours.
    if (answer.code === 'taken' || (answer.code === 'repeat' && answer.orderId === order.orderId))
      return settle(ready, order, await commits.commit(order));
    return decline(ready, answer);
  }

  async function settle(ready: Ready, order: NewOrder, outcome: CommitOutcome): Promise<PurchaseResult | null> {
    if (outcome.outcome === 'unknown') throw new AppError('RETRY', undefined, { retryAfterMs });
    if (outcome.outcome === 'written') {
      crashAt('before-clearing-marks');
      return held(ready, order, heldOrder(ready, order, outcome.payByMs));
    }
    // Its own: the answer of the commit was lost.
    if (outcome.outcome === 'there_before' && outcome.order.orderId === order.orderId)
      return held(ready, order, publicPart(outcome.order));
    await giveAllBack(order);
    if (outcome.outcome === 'unsent') throw new AppError('RETRY', undefined, { retryAfterMs: ledgerRetryMs });
    if (outcome.outcome === 'there_before') return { outcome: 'held', order: publicPart(outcome.order) };
    if (outcome.outcome === 'key_reused') throw new AppError('KEY_REUSED');
    if (order.rightId && (await store.rightIsUsed(order.rightId))) return refusalOf('limit', ready.terms[0]!);
    return null;
  }

  function held({ purchase }: Ready, order: NewOrder, told: LedgerOrder): PurchaseResult {
    clearMarks(order);
    onHeld(purchase, told);
    return { outcome: 'held', order: told };
  }

  async function decline({ purchase, requestHash }: Ready, answer: NotTaken): Promise<PurchaseResult | null> {
    const { code, offerId } = answer;
    if (code === 'stale') return null;
    // Told `ended`, a buyer would give up an offer that may go on.
    if (code === 'stopped') throw new AppError('RETRY', undefined, { retryAfterMs });
    if (code === 'repeat' || code === 'key_reused') {
      // Of a paid late order the gate knows the claim of that payment, not what the buyer once asked for.
      const found = await fromLedger(purchase, requestHash);
      if (found) return found;
      if (code === 'key_reused') throw new AppError('KEY_REUSED');
      // Taken, but not in the ledger (yet): by another try that is under way, or by one that died and will be settled.
      throw new AppError('RETRY', undefined, { retryAfterMs });
    }
    const before = 'knownBuyer' in answer && answer.knownBuyer ? await fromLedger(purchase, requestHash) : null;
    return before ?? (code === 'sold_out' ? soldOut(purchase, offerId) : { outcome: code, offerId });
  }

  /** With what is left, as the gate has just said, when it is something: the buyer may want that. */
  function soldOut({ lines }: Purchase, offerId: string): Refusal {
    const asked = lines.find((line) => line.offerId === offerId)!.units;
    const unitsLeft = cache.leftOf(offerId) ?? 0;
    const isFew = unitsLeft > 0 && unitsLeft < asked;
    return { outcome: 'sold_out', offerId, ...(isFew && { unitsLeft }) };
  }

  /** What the gate was not asked for: units may have come back a moment ago without our having heard of it. */
  async function heldBefore(purchase: Purchase, requestHash: string): Promise<StoredAnswer | null> {
    const found = await fromLedger(purchase, requestHash);
    if (found) await wait(cache.staleMsMax);
    return found;
  }

  /** A rule that changed since must not hide an order that was held: its retry gets the answer of the first time. */
  async function fromLedger(purchase: Purchase, requestHash: string): Promise<StoredAnswer | null> {
    const found = await orderOfKey(purchase.roomId, purchase);
    if (!found) return null;
    if (found.requestHash !== requestHash) throw new AppError('KEY_REUSED');
    return { outcome: 'held', order: publicPart(found) };
  }

  async function giveAllBack(order: NewOrder): Promise<void> {
    const { roomId } = order;
    const released = order.lines.map(({ offerId }) => giveBack({ offerId, roomId }, order));
    // What fails here is settled as an old mark.
    await Promise.all(released).catch((error: unknown) => onFailure(error, 'give back'));
  }

  /** In bulk, after the answers of this turn are on their way: nobody waits for it. */
  function clearMarks(order: NewOrder): void {
    if (clearing.size === 0) setImmediate(() => void flushMarks());
    for (const { offerId } of order.lines) {
      const entry = clearing.get(offerId) ?? { offer: { offerId, roomId: order.roomId }, claims: [] };
      entry.claims.push(order);
      clearing.set(offerId, entry);
    }
  }

  async function flushMarks(): Promise<void> {
    const batches = [...clearing.values()];
    clearing.clear();
    await Promise.all(batches.map(({ offer, claims }) => gate.confirm(offer, claims))).catch((error: unknown) =>
      onFailure(error, 'clear marks'),
    );
  }
}

type NotTaken = Exclude<TakeAnswer, { code: 'taken' }>;
type StoredAnswer = { outcome: 'held'; order: LedgerOrder };
type Answer = Refusal | StoredAnswer;

const refusalOf = (outcome: Exclude<Refusal['outcome'], 'one_merchant'>, { offerId }: OfferTerms): Refusal => ({
  outcome,
  offerId,
});

/** Fingerprint of what a request asks for: 22 characters, whatever the order of its lines. */
export function hashOf(lines: readonly PurchaseLine[]): string {
  const [only] = lines;
  const text =
    lines.length === 1
      ? `${only!.offerId} ${only!.units}`
      : lines
          .map(({ offerId, units }) => `${offerId} ${units}`)
          .sort()
          .join('\n');
  return hash('sha256', text, 'base64url').slice(0, 22);
}

function newOrder({ purchase, terms, requestHash, rightId }: Ready): NewOrder {
  const { buyerId, roomId, requestKey, lines } = purchase;
  const numbered = lines.map(({ offerId, units }, i) => ({
    lineNumber: i + 1,
    offerId,
    units,
    epoch: terms[i]!.epoch,
  }));
  return { orderId: newOrderId(), roomId, buyerId, requestKey, requestHash, rightId, lines: numbered };
}

const takeRequest = ({ purchase, waited }: Ready, order: NewOrder): QueuedRequest => ({
  orderId: order.orderId,
  requestHash: order.requestHash,
  buyerId: order.buyerId,
  requestKey: order.requestKey,
  roomId: order.roomId,
  lines: purchase.lines,
  epochs: order.lines.map(({ epoch }) => epoch),
  waited,
});

/** The same as the ledger has: the terms of an epoch never change. */
function heldOrder({ terms }: Ready, order: NewOrder, payByMs: number): LedgerOrder {
  const { orderId, roomId, buyerId } = order;
  const { merchantId, currency } = terms[0]!;
  const lines = order.lines.map(({ lineNumber, offerId, units }, i) => ({
    lineNumber,
    offerId,
    units,
    priceMinor: terms[i]!.priceMinor,
  }));
  const totalMinor = lines.reduce((sum, { units, priceMinor }) => sum + units * priceMinor, 0);
  return { orderId, roomId, merchantId, buyerId, state: 'held', currency, totalMinor, payByMs, lines };
}

export function publicPart(order: StoredOrder): LedgerOrder {
  const { orderId, roomId, merchantId, buyerId, state, currency, totalMinor, payByMs, lines } = order;
  return { orderId, roomId, merchantId, buyerId, state, currency, totalMinor, payByMs, lines };
}
