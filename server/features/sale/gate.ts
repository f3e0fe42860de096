/** What decides, for one offer at one instant, whether its cached refusals still hold. */
export type GateState = {
  /** 0: there is no gate that may be trusted; it must be rebuilt from the ledger. */
  epoch: number;
  /** Units anybody may buy. */
  left: number;
  /** Rises with every release of units in this epoch. */
  releases: number;
};

/** The state with every reply, and when the offer was last for sale again after it had not been, Unix ms; 0: never. */
export type RepliedState = GateState & { reopenedAtMs: number };

/** A request's right to units: the order it would become, and what was asked. Exactly 58 characters: order id, request hash. */
export type Claim = { orderId: string; requestHash: string; buyerId: string; requestKey: string };

export type TakeRequest = Claim & {
  lines: readonly { offerId: string; units: number }[];
  /** Takes units that are kept for waiting people, instead of those for everybody. */
  waited: boolean;
};

/** How one request was decided; `offerId` names the offer that decided it. */
export type TakeAnswer =
  | { code: 'taken'; offerId: string }
  /** `stopped`: its end is being decided, and may be put off. */
  | { code: 'stale' | 'stopped' | 'key_reused'; offerId: string }
  /** `knownBuyer`: they have or had an order here, perhaps by this very key; the ledger knows. */
  | { code: 'sold_out' | 'limit' | 'not_open' | 'ended'; offerId: string; knownBuyer: boolean }
  | { code: 'repeat'; offerId: string; orderId: string };

export type TakeReply = {
  /** Clock of the gate, Unix ms. */
  nowMs: number;
  offers: ReadonlyMap<string, RepliedState>;
  /** One per request, in their order. */
  answers: readonly TakeAnswer[];
};

/** What a gate needs to know of its offer. */
export type GateTerms = {
  offerId: string;
  roomId: string;
  epoch: number;
  limitUnits: number;
  opensAtMs: number;
  /** Null: until it is closed. */
  closesAtMs: number | null;
};

export type OfferRef = { offerId: string; roomId: string };

export type GateInspection = {
  epoch: number;
  left: number;
  kept: number;
  waitingPeople: number;
  /** It takes no more orders, for its offer is about to end. */
  isStopped: boolean;
  pending: readonly (Claim & { units: number })[];
};

export type Waiter = { personId: string; units: number };
/** A place in line. Tickets rise: who joins anew has a higher one. */
export type Place = { personId: string; ticket: number };

/**
 * The fast half of the sale: who gets units of an offer, decided in memory, one room per call. It can be lost at any moment; the
 * ledger can't. All verbs throw AppError RETRY when Redis is away.
 *
 * @see lua/ for each atomic rule; test/sale/gate.test.ts for their proof.
 */
export type Gate = {
  /**
   * Decides requests of one room in their order. A request gets all its lines or none.
   * Idempotent by request key: asked again it answers `repeat` with the order id of the first time.
   *
   * @param epochs  the epoch each offer named in the requests is known to have.
   */
  take(roomId: string, epochs: ReadonlyMap<string, number>, requests: readonly TakeRequest[]): Promise<TakeReply>;
  /** Clears the pending marks of orders that are in the ledger. */
  confirm(offer: OfferRef, claims: readonly Claim[]): Promise<void>;
  /** Gives back the units of ended orders, once per order. @returns the units given back and what is free then. */
  release(offer: OfferRef, claims: readonly Claim[]): Promise<{ units: number; left: number; kept: number }>;
  /** Marks older than `ageMs`, at most `marksMax` of them, in no particular order. */
  overdue(offer: OfferRef, ageMs: number, marksMax: number): Promise<Claim[]>;
  /** Closes the gate and empties it. False when it has this epoch or a newer one already. */
  beginLoad(terms: GateTerms): Promise<boolean>;
  /** False when the gate is not being loaded under this epoch any more. */
  addOrders(offer: OfferRef, epoch: number, orders: readonly (Claim & { units: number })[]): Promise<boolean>;
  addWaiters(offer: OfferRef, epoch: number, waiters: readonly (Waiter & { ticket: number })[]): Promise<boolean>;
  /** @param again  it was on sale before, under another epoch. */
  finishLoad(offer: OfferRef, epoch: number, freeUnits: number, again: boolean): Promise<boolean>;
  /**
   * Gives an open gate of the epoch `from` these terms, and so many free units more, or fewer; all else stays. False, and nothing done, when
   * it is not as that: then it has to be loaded.
   */
  retune(terms: GateTerms, from: number, moreUnits: number): Promise<boolean>;
  /** Takes no more orders. @returns how many are on their way to the ledger. */
  stop(offer: OfferRef, epoch: number): Promise<number>;
  /** Forgets the gate of an ended offer. */
  drop(offer: OfferRef, epoch: number): Promise<void>;
  inspect(offer: OfferRef): Promise<GateInspection>;
  /**
   * Puts a person on the waiting list; again, whatever units they ask for: answers their place, which is that of their newest ticket.
   * Without a ticket it only asks: `room`
   * when they are not on it and may join. `available`: something is for sale, if less than they want; `limit`: more than they may have.
   */
  wait(
    offer: OfferRef,
    epoch: number,
    waiter: Waiter & { ticket: number | null },
  ): Promise<{ code: 'waiting' | 'available' | 'full' | 'stale' | 'room' | 'limit'; position: number }>;
  /** Takes people off the list who have these places, or older ones. With none left, kept units are for everybody again: `freed`. */
  leave(
    offer: OfferRef,
    places: readonly Place[],
  ): Promise<{ kept: number; people: number; freed: number; left: number }>;
  /**
   * Everybody who has or had an order at this gate; `buyers` null when they are more than `buyersMax`. Reads in steps, so the answer is null
   * when the gate moved, was lost or was loaded anew meanwhile, and when there is none that may be trusted.
   */
  holders(offer: OfferRef, buyersMax: number): Promise<(GateState & { buyers: Set<string> | null }) | null>;
  /** Place in the line, the first is 1; null when the gate does not know the person. */
  placeOf(offer: OfferRef, personId: string): Promise<number | null>;
  /** The first of the line. */
  firstWaiting(offer: OfferRef, peopleMax: number): Promise<(Waiter & Place)[]>;
  /** The clock that opens and ends offers, Unix ms. */
  nowMs(): Promise<number>;
  /** Units anybody may buy, and people waiting; null without a gate. For display. */
  shown(offers: readonly OfferRef[]): Promise<({ left: number; waiting: number } | null)[]>;
};
