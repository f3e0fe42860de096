import type { Claim, Place, TakeAnswer, TakeRequest, Waiter } from '../../server/features/sale/gate.ts';

type ModelOffer = {
  left: number;
  kept: number;
  limitUnits: number;
  opensAtMs: number;
  closesAtMs: number | null;
  bought: Map<string, number>;
  taken: Map<string, { claim: Claim; units: number }>;
  pending: Set<string>;
  waiting: { personId: string; units: number; ticket: number }[];
  stopped: boolean;
};

export type ModelTerms = { limitUnits: number; opensAtMs: number; closesAtMs: number | null; freeUnits: number };

/**
 * The gate as anybody would write it: one request after another, no batches, no strings. The Lua scripts must give the same
 * answers for any sequence of calls.
 */
export class GateModel {
  readonly #offers = new Map<string, ModelOffer>();

  load(offerId: string, { limitUnits, opensAtMs, closesAtMs, freeUnits }: ModelTerms): void {
    const empty = {
      kept: 0,
      bought: new Map(),
      taken: new Map(),
      pending: new Set<string>(),
      waiting: [],
      stopped: false,
    };
    this.#offers.set(offerId, { left: freeUnits, limitUnits, opensAtMs, closesAtMs, ...empty });
  }

  /** `staleId`: the offer that the caller knows under another epoch. */
  take(request: TakeRequest, nowMs: number, staleId?: string): TakeAnswer {
    if (request.lines.some(({ offerId }) => offerId === staleId)) return { code: 'stale', offerId: staleId! };
    const key = request.buyerId + request.requestKey;
    for (const { offerId } of request.lines) {
      const earlier = this.#offers.get(offerId)!.taken.get(key)?.claim;
      if (!earlier) continue;
      return earlier.requestHash === request.requestHash
        ? { code: 'repeat', offerId, orderId: earlier.orderId }
        : { code: 'key_reused', offerId };
    }
    const knownBuyer = request.lines.some(({ offerId }) => this.#offers.get(offerId)!.bought.has(request.buyerId));
    for (const { offerId, units } of request.lines) {
      const code = this.#refusal(this.#offers.get(offerId)!, request, units, nowMs);
      if (code === 'stopped') return { code, offerId };
      if (code) return { code, offerId, knownBuyer };
    }
    for (const { offerId, units } of request.lines) {
      const offer = this.#offers.get(offerId)!;
      offer[request.waited ? 'kept' : 'left'] -= units;
      offer.bought.set(request.buyerId, (offer.bought.get(request.buyerId) ?? 0) + units);
      offer.taken.set(key, { claim: request, units });
      offer.pending.add(request.orderId);
    }
    return { code: 'taken', offerId: request.lines[0]!.offerId };
  }

  #refusal(offer: ModelOffer, { buyerId, waited }: TakeRequest, units: number, nowMs: number) {
    if (nowMs < offer.opensAtMs) return 'not_open';
    if (offer.closesAtMs !== null && nowMs >= offer.closesAtMs) return 'ended';
    if (offer.stopped) return 'stopped';
    if ((offer.bought.get(buyerId) ?? 0) + units > offer.limitUnits) return 'limit';
    return units > (waited ? offer.kept : offer.left) ? 'sold_out' : null;
  }

  release(offerId: string, claim: Claim): { units: number; left: number; kept: number } {
    const offer = this.#offers.get(offerId)!;
    const key = claim.buyerId + claim.requestKey;
    const order = offer.taken.get(key);
    const same = order?.claim.orderId === claim.orderId && order.claim.requestHash === claim.requestHash;
    const units = same ? order.units : 0;
    if (same) {
      offer.taken.delete(key);
      offer.pending.delete(claim.orderId);
      offer.bought.set(claim.buyerId, offer.bought.get(claim.buyerId)! - units);
      offer[offer.waiting.length > 0 ? 'kept' : 'left'] += units;
    }
    return { units, left: offer.left, kept: offer.kept };
  }

  /** Orders that are on their way to the ledger. */
  pending(offerId: string): string[] {
    return [...this.#offers.get(offerId)!.pending].sort();
  }

  confirm(offerId: string, { orderId }: Claim): void {
    this.#offers.get(offerId)!.pending.delete(orderId);
  }

  wait(offerId: string, { ticket, ...waiter }: Waiter & { ticket: number | null }): { code: string; position: number } {
    const offer = this.#offers.get(offerId)!;
    if (offer.stopped) return { code: 'stale', position: 0 };
    const isSame = (other: Waiter): boolean => other.personId === waiter.personId;
    if (!offer.waiting.some(isSame)) {
      const units = (offer.bought.get(waiter.personId) ?? 0) + waiter.units;
      if (units > offer.limitUnits) return { code: 'limit', position: 0 };
      if (offer.left > 0) return { code: 'available', position: 0 };
      if (ticket === null) return { code: 'room', position: 0 };
      offer.waiting.push({ ...waiter, ticket });
    } else if (ticket !== null) {
      offer.waiting = offer.waiting.map((other) =>
        isSame(other) && other.ticket < ticket ? { ...waiter, ticket } : other,
      );
    }
    offer.waiting.sort((a, b) => a.ticket - b.ticket);
    return { code: 'waiting', position: offer.waiting.findIndex(isSame) + 1 };
  }

  leave(offerId: string, { personId, ticket }: Place): { kept: number; people: number; freed: number; left: number } {
    const offer = this.#offers.get(offerId)!;
    offer.waiting = offer.waiting.filter((waiter) => waiter.personId !== personId || waiter.ticket > ticket);
    const freed = offer.waiting.length === 0 ? offer.kept : 0;
    if (offer.waiting.length === 0) {
      offer.left += offer.kept;
      offer.kept = 0;
    }
    return { kept: offer.kept, people: offer.waiting.length, freed, left: offer.left };
  }

  /** How many orders are on their way to the ledger. */
  stop(offerId: string): number {
    const offer = this.#offers.get(offerId)!;
    offer.stopped = true;
    return offer.pending.size;
  }

  /** What the ledger has, so that a gate can be loaded with it; nothing is on its way to it then. */
  reload(offerId: string) {
    const offer = this.#offers.get(offerId)!;
    const freeUnits = offer.left + offer.kept;
    const keptUnits = offer.waiting.length > 0 ? freeUnits : 0;
    Object.assign(offer, { stopped: false, kept: keptUnits, left: freeUnits - keptUnits });
    offer.pending.clear();
    const orders = [...offer.taken.values()].map(({ claim, units }) => ({ ...claim, units }));
    return { freeUnits, orders, waiting: offer.waiting, everBuyers: [...offer.bought.keys()] };
  }

  /** Other terms, everything else as it is. False when that can't be. */
  retune(offerId: string, { moreUnits, ...terms }: Omit<ModelTerms, 'freeUnits'> & { moreUnits: number }): boolean {
    const offer = this.#offers.get(offerId)!;
    if (offer.stopped || offer.left + offer.kept + moreUnits < 0) return false;
    const pool = (): 'left' | 'kept' =>
      (moreUnits > 0 && offer.waiting.length > 0) || (moreUnits < 0 && offer.left === 0) ? 'kept' : 'left';
    for (let n = 0; n < Math.abs(moreUnits); n++) offer[pool()] += Math.sign(moreUnits);
    Object.assign(offer, terms);
    return true;
  }

  /** The people in line, in their order. */
  line(offerId: string): (Waiter & Place)[] {
    return [...this.#offers.get(offerId)!.waiting];
  }

  inspect(offerId: string) {
    const { left, kept, waiting } = this.#offers.get(offerId)!;
    return { left, kept, waitingPeople: waiting.length, pending: this.pending(offerId) };
  }
}
