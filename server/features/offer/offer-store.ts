import type { Audience } from '../../../shared/protocol/offer.ts';
import type { PinnedProduct } from '../../../shared/protocol/room.ts';
import type { OfferRef } from '../sale/gate.ts';
import type { Cart } from './cart.ts';
import type { OfferRow } from './offer-row.ts';

/** Everything the host decides about an offer. */
export type OfferTermsInput = {
  priceMinor: number;
  listPriceMinor: number;
  limitUnits: number;
  allotmentUnits: number;
  audience: Audience;
  countdownSeconds: number;
  durationSeconds: number | null;
};

export type NewOffer = OfferTermsInput &
  Pick<
    OfferRow,
    | 'offerId'
    | 'roomId'
    | 'hostId'
    | 'merchantId'
    | 'skuId'
    | 'productId'
    | 'kind'
    | 'title'
    | 'optionValues'
    | 'imageUrl'
    | 'requiresShipping'
    | 'rehearsal'
    | 'currency'
  > & { requestKey: string; requestHash: Buffer; repeatOf: string | null };

/** A room whose offers got another order, and when, as the database writes it. */
export type UntoldOrder = { roomId: string; since: string };

/** Which of the times that an offer sells out this is, from 0: each is told once. */
export type SellOut = { number: number; epoch: number };

/** The key of one part of a request that adds several offers; no key of a request has a line break. */
export const keyOfPart = (requestKey: string, part: string): string => `${requestKey}\n${part}`;

export type OfferStore = {
  /**
   * Gives it the next item number. Null when the room is full; the offer of before when the same request came again.
   *
   * @throws AppError KEY_REUSED when the key asked for another offer.
   */
  add(offer: NewOffer, offersMax: number): Promise<OfferRow | null>;
  /** Adds the parts of one request to one room, all or none of them: each as `add` does, null for each that found the room full. */
  addAll(
    offers: readonly NewOffer[],
    offersMax: number,
    /** Also leaves out, with null, every SKU that was offered in the room before, whoever did so. */
    which?: 'not offered yet',
  ): Promise<(OfferRow | null)[]>;
  /** What a request of several parts has added. */
  ofRequest(roomId: string, requestKey: string): Promise<OfferRow[]>;
  /** Those of the SKUs that were offered in the room, drafts too. */
  offered(roomId: string, skuIds: readonly string[]): Promise<ReadonlySet<string>>;
  /** Of each SKU the last cart item and the last flash sale of a room, drafts too, in the order of its cart. */
  lastOfEach(roomId: string, offersMax: number): Promise<OfferRow[]>;
  find(offerId: string): Promise<OfferRow | null>;
  /** All that are not over, and the newest 200 of those that are. */
  ofRoom(roomId: string): Promise<OfferRow[]>;
  /**
   * Changes terms, and moves stock when the allotment changes while it is open. `short`: too few units free; null: it is gone.
   *
   * `check` sees the offer as it is locked, and whether raffle drops have promised it, and refuses the change by throwing. `retune` gives
   * the gate of an open one its new terms before they are committed, and answers whether it has them.
   */
  change(
    offerId: string,
    changes: Partial<OfferTermsInput>,
    check: (before: OfferRow, isPromised: boolean) => void,
    retune: (fromEpoch: number, after: OfferRow, moreUnits: number) => Promise<boolean>,
  ): Promise<{ after: OfferRow; isRetuned: boolean } | 'short' | null>;
  /**
   * Takes the allotment out of the stock and sets the window; a second time: answers the open offer.
   * `freeUnits`: of the SKU, after it. `offer` is null when there are too few, or when it is no draft any more. `check` sees the draft as it
   * is locked, and refuses by throwing.
   */
  open(
    offerId: string,
    opensAtMs: number | null,
    catalogPriceMinor: number,
    check: (draft: OfferRow) => void,
  ): Promise<{ offer: OfferRow | null; freeUnits: number }>;
  /** Of offers that open about now: what was lower in their last 30 days than was known when they were scheduled. */
  noteLowestPrices(): Promise<void>;
  /**
   * Gives back to the stock what nobody holds or bought. Null when it was not open; `promised`: it stays open; `not_due`: so it does,
   * for it was asked to end only if its time is up, and meanwhile somebody has extended it.
   */
  close(offerId: string, when: 'now' | 'due'): Promise<OfferRow | 'promised' | 'not_due' | null>;
  /** Somebody has, or may win, a right to buy it that was not used. */
  isPromised(offer: OfferRow): Promise<boolean>;
  /** Orders of it that still hold units, read in steps. */
  heldOrders(offerId: string): AsyncIterable<string>;
  /** A draft that was never open disappears. Null when it is no draft. */
  discard(offerId: string): Promise<OfferRow | null>;
  /** Open offers whose time is up by the clock of the database, or whose room is over. Read in steps. */
  due(): AsyncIterable<OfferRow[]>;
  /** Offers that opened, changed or ended longer ago than this, and whose room was not told: whoever did it died. Read in steps. */
  untold(ageMs: number): AsyncIterable<OfferRow>;
  /** The room knows what happened up to `untoldSince`. */
  told(offer: Pick<OfferRow, 'offerId' | 'untoldSince'>): Promise<void>;
  /** The room knows of the opening. */
  announced(offerId: string): Promise<void>;
  /** Who waited for an offer until its end. */
  missed(offerId: string): Promise<string[]>;
  /** Ends the waiting of those who came into line while their offer was being closed, and missed its end. @returns who. */
  endStragglers(): Promise<(OfferRef & { personId: string })[]>;
  /**
   * @param check  sees the order of what is not over, while nobody else changes it, and refuses by throwing.
   * @returns since when the room has something to be told of it.
   */
  order(roomId: string, offerIds: readonly string[], check: (now: readonly string[]) => void): Promise<string>;
  /** Rooms that were not told of their order for longer than this: whoever gave it died. */
  untoldOrders(ageMs: number): Promise<UntoldOrder[]>;
  /** The room knows the order of that moment. */
  orderTold(order: UntoldOrder): Promise<void>;
  /**
   * Pins an open offer. Null when it is not open; `replaced`: pins that gave way. `isRepeat`: the call with this key has pinned it before;
   * nothing is done, and the pin may be gone.
   */
  pin(
    offerId: string,
    pin: { streamMs: number | null; requestKey: string | undefined },
    pinsMax: number,
  ): Promise<{ offer: OfferRow; replaced: OfferRow[]; isRepeat: boolean } | null>;
  /** The newest pin of each room that has one. */
  pinnedIn(roomIds: readonly string[]): Promise<ReadonlyMap<string, PinnedProduct>>;
  /** Null when it was not pinned, or has another pin than that of `seenPinnedAtMs`. */
  unpin(offerId: string, seenPinnedAtMs?: number): Promise<OfferRow | null>;
  /** Of an open offer whose every unit is held or sold; null: it is not sold out. */
  sellOutOf(offerId: string): Promise<SellOut | null>;
  /** The room knows of this one. */
  sellOutTold(offerId: string, sellOut: SellOut): Promise<void>;
  /** Offers that are sold out, and whose room was not told so. Read in steps. */
  sellOutsUntold(): AsyncIterable<OfferRef>;
  /** Takes the pin from what is sold out in the ledger. @returns what had one. */
  unpinSoldOut(): Promise<OfferRow[]>;
};

export type CartStore = {
  get(personId: string, roomId: string): Promise<Cart>;
  /** Sets one line; 0 units take it out. False when the cart is full. */
  put(personId: string, roomId: string, offerId: string, units: number, linesMax: number): Promise<boolean>;
};
