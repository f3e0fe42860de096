import { z } from 'zod';
import { Id, RequestKey, UnixMs } from '../ids.ts';
import { offerLimits } from '../limits.ts';
import { Currency } from '../money.ts';
import { Localized } from './catalog.ts';
import { command, roomEvent } from './define.ts';

const Units = z.int().min(1).max(offerLimits.unitsPerBuyerMax);
const PriceMinor = z.int().min(0).max(offerLimits.priceMinorMax);
const OfferTarget = { roomId: Id, offerId: Id };
const seenEpoch = z
  .int()
  .nonnegative()
  .optional()
  .describe(
    'The epoch you saw: when it is another one by now, nothing is done (CONFLICT, changed-meanwhile), unless all is as you ask. Default: whatever it is.',
  );

/** Fans of a level or above buy first: everybody else may `seconds` after the opening. */
const EarlyAccess = z.strictObject({
  levelMin: z.int().min(1).max(offerLimits.fanLevelMax),
  seconds: z.int().min(offerLimits.earlySecondsMin).max(offerLimits.earlySecondsMax),
});

/** Who may buy: everybody (fans first, where that is said), followers of the host, members of the fan club (from a level on), winners of a right to buy. */
export const Audience = z.discriminatedUnion('who', [
  z.strictObject({ who: z.literal('all'), early: EarlyAccess.optional() }),
  z.strictObject({ who: z.literal('followers') }),
  z.strictObject({ who: z.literal('fans'), levelMin: z.int().min(1).max(offerLimits.fanLevelMax).default(1) }),
  z.strictObject({ who: z.literal('right') }),
]);
export type Audience = z.output<typeof Audience>;

/**
 * `draft`: being prepared, seen by the host alone. `announced`: the countdown runs, or the start is scheduled. `open`: may be
 * bought. `ended`: over; `repeat` makes a new draft of it.
 */
export const OfferState = z.enum(['draft', 'announced', 'open', 'ended']);
export type OfferState = z.infer<typeof OfferState>;

/** An offer as everybody may see it. */
export const Offer = z.object({
  offerId: Id,
  roomId: Id,
  skuId: Id,
  productId: Id,
  merchantId: Id,
  kind: z.enum(['cart', 'flash']).describe('cart: no countdown; flash: countdown and limited allotment.'),
  itemNumber: z.int().min(1).describe('"Ask about no. 7": never given to another offer of the room.'),
  title: Localized,
  optionValues: z.array(z.string()),
  imageUrl: z.string(),
  currency: Currency,
  priceMinor: PriceMinor,
  listPriceMinor: PriceMinor.describe(
    'What the shop says it is worth. Strike no more than lowestPriceMinor where that is less: it may never have been asked.',
  ),
  lowestPriceMinor: PriceMinor.nullable().describe(
    'Lowest price in the 30 days before it opened, and since then before its price was changed; null before that.',
  ),
  limitUnits: Units.describe('Units one buyer may have.'),
  audience: Audience,
  state: OfferState,
  epoch: z
    .int()
    .nonnegative()
    .describe('Version of the terms; rises with every change, and when the sale is loaded anew.'),
  allotmentUnits: z.int().describe('Units put up for sale.'),
  unitsLeft: z.int().nonnegative().describe('At most one second old while open.'),
  countdownSeconds: z.int(),
  durationSeconds: z.int().nullable(),
  opensAtMs: UnixMs.nullable(),
  closesAtMs: UnixMs.nullable(),
  waiting: z.int().nonnegative().describe('People on the waiting list.'),
  pinnedAtMs: UnixMs.nullable(),
  pinnedStreamMs: z.int().nullable().describe('Moment of the stream at which it was pinned, ms from its start.'),
});
export type Offer = z.infer<typeof Offer>;

/** What the host decides about an offer. */
const Terms = {
  priceMinor: PriceMinor,
  listPriceMinor: PriceMinor.optional().describe('Price it is compared with. Default: the price in the catalog.'),
  limitUnits: Units.default(offerLimits.unitsPerBuyerMax),
  allotmentUnits: z.int().min(1).max(offerLimits.allotmentUnitsMax),
  audience: Audience.default({ who: 'all' }),
  countdownSeconds: z
    .union([z.literal(0), z.int().min(offerLimits.countdownSecondsMin).max(offerLimits.countdownSecondsMax)])
    .default(0),
  durationSeconds: z
    .int()
    .min(offerLimits.durationSecondsMin)
    .max(offerLimits.durationSecondsMax)
    .nullable()
    .default(null),
};

/** A flash sale counts down and ends by itself; a cart item does neither. */
const flashCounts = ({
  kind,
  countdownSeconds,
  durationSeconds,
}: {
  kind: string;
  countdownSeconds: number;
  durationSeconds: number | null;
}) => (kind === 'flash' ? durationSeconds !== null : countdownSeconds === 0 && durationSeconds === null);

export const PurchaseLine = z.strictObject({
  offerId: Id,
  units: Units,
  priceMinor: PriceMinor.optional().describe('The price you saw; another one is answered price_changed.'),
});

const distinctOffers = (lines: readonly { offerId: string }[]) =>
  new Set(lines.map(({ offerId }) => offerId)).size === lines.length;

/** An order that holds units, as its buyer sees it right after the purchase. */
export const HeldOrder = z.object({
  orderId: Id,
  roomId: Id,
  state: z.enum(['held', 'paid', 'shipped', 'delivered', 'refunded', 'expired', 'cancelled']),
  currency: Currency,
  totalMinor: z.int().nonnegative().describe('Sum of the lines, without shipping.'),
  payByMs: UnixMs.describe('Pay until then, or the units go to others.'),
  lines: z.array(z.object({ lineNumber: z.int(), offerId: Id, units: z.int(), priceMinor: z.int() })),
});
export type HeldOrder = z.infer<typeof HeldOrder>;

/** Why something was or was not taken. Refusals are ordinary answers, not errors. */
export const PurchaseAnswer = z.discriminatedUnion('outcome', [
  z.object({ outcome: z.literal('held'), order: HeldOrder }),
  z.object({
    outcome: z.literal('sold_out'),
    offerId: Id.describe('The first line that stood in the way.'),
    unitsLeft: z
      .int()
      .min(1)
      .optional()
      .describe('What is left of it, when it is fewer than you asked for, but not none.'),
  }),
  z.object({
    outcome: z.enum(['limit', 'not_open', 'ended', 'not_for_you', 'price_changed']),
    offerId: Id.describe('The first line that stood in the way.'),
  }),
  z.object({ outcome: z.literal('one_merchant') }).describe('Lines of several merchants need an order each.'),
]);
export type PurchaseAnswer = z.infer<typeof PurchaseAnswer>;

const Cart = z.object({ lines: z.array(z.object({ offerId: Id, units: z.int().min(1) })) });

export const offerCommands = {
  'offer:create': command({
    summary: 'Puts a SKU into the cart of a room as a draft: an item that is always there, or a flash sale.',
    input: z
      .strictObject({ roomId: Id, skuId: Id, kind: z.enum(['cart', 'flash']), requestKey: RequestKey, ...Terms })
      .refine(flashCounts, {
        message: 'a flash sale needs durationSeconds; a cart item has no countdown and no duration',
      }),
    output: Offer,
    http: { method: 'POST', path: '/api/rooms/:roomId/offers' },
  }),
  'offer:edit': command({
    summary: 'Changes terms. While announced or open only units, limit and end may change, and a cart item its price.',
    input: z.strictObject({
      ...OfferTarget,
      seenEpoch,
      priceMinor: PriceMinor.optional(),
      listPriceMinor: PriceMinor.optional(),
      limitUnits: Units.optional(),
      allotmentUnits: z.int().min(1).max(offerLimits.allotmentUnitsMax).optional(),
      audience: Audience.optional(),
      countdownSeconds: z
        .union([z.literal(0), z.int().min(offerLimits.countdownSecondsMin).max(offerLimits.countdownSecondsMax)])
        .optional(),
      durationSeconds: z.int().min(offerLimits.durationSecondsMin).max(offerLimits.durationSecondsMax).optional(),
    }),
    output: Offer,
    http: { method: 'PATCH', path: '/api/rooms/:roomId/offers/:offerId' },
  }),
  'offer:open': command({
    summary: 'Starts selling: takes the units out of the stock, counts down, opens by the server clock.',
    input: z.strictObject({
      ...OfferTarget,
      seenEpoch,
      opensAtMs: UnixMs.optional().describe('Scheduled start. Default: now, plus the countdown.'),
    }),
    output: z.object({
      outcome: z.enum(['opened', 'short']),
      freeUnits: z.int().describe('Left in stock.'),
      offer: Offer,
    }),
    http: { method: 'POST', path: '/api/rooms/:roomId/offers/:offerId/open' },
  }),
  'offer:close': command({
    summary: 'Ends an offer early; what nobody took goes back to the stock.',
    input: z.strictObject(OfferTarget),
    output: Offer,
    http: { method: 'POST', path: '/api/rooms/:roomId/offers/:offerId/close' },
  }),
  'offer:repeat': command({
    summary: 'Makes a new draft with the terms of another offer of this room.',
    input: z.strictObject({ ...OfferTarget, requestKey: RequestKey }),
    output: Offer,
    http: { method: 'POST', path: '/api/rooms/:roomId/offers/:offerId/repeat' },
  }),
  'offer:take-over': command({
    summary:
      'Copies the offers of an earlier show as drafts, in its order: of each SKU the last cart item and the last flash sale, with no more units than are free. Sent again, it tries what was left.',
    input: z
      .strictObject({ roomId: Id, fromRoomId: Id, requestKey: RequestKey })
      .refine(({ roomId, fromRoomId }) => roomId !== fromRoomId, { message: 'fromRoomId: must be another room' }),
    output: z.object({
      offers: z.array(Offer),
      left: z.array(
        z.object({
          offerId: Id.describe('In the earlier show.'),
          title: Localized,
          optionValues: z.array(z.string()),
          why: z
            .enum(['withdrawn', 'nothing_free', 'not_yours', 'full'])
            .describe(
              'withdrawn: no longer in the shop; not_yours: stock of neither the host nor the caller; full: the room has no place for more.',
            ),
        }),
      ),
    }),
    http: { method: 'POST', path: '/api/rooms/:roomId/offers/take-over' },
  }),
  'offer:take-planned': command({
    summary:
      'Puts the products of the room’s list into its cart as drafts, in their order: each variant that was not offered here yet, at the price of the shop, with a share of what is free.',
    input: z.strictObject({ roomId: Id, requestKey: RequestKey }),
    output: z.object({
      offers: z.array(Offer),
      left: z.array(
        z.object({
          skuId: Id,
          title: Localized,
          optionValues: z.array(z.string()),
          why: z.enum(['nothing_free', 'full']).describe('full: the room has no place for more.'),
        }),
      ),
    }),
    http: { method: 'POST', path: '/api/rooms/:roomId/offers/take-planned' },
  }),
  'offer:order': command({
    summary: 'Sets the order of the cart. Offers that are not named follow in their old order.',
    input: z.strictObject({
      roomId: Id,
      offerIds: z.array(Id).min(1).max(offerLimits.offersPerRoomMax),
      seenOfferIds: z
        .array(Id)
        .max(offerLimits.offersPerRoomMax)
        .optional()
        .describe(
          'The order you saw: when what is not over of it has another one by now, nothing is done (CONFLICT, changed-meanwhile), unless it is the one you ask for. Default: whatever it is.',
        ),
    }),
    output: z.object({ offers: z.array(Offer) }),
    http: { method: 'PUT', path: '/api/rooms/:roomId/offers/order' },
  }),
  'offer:pin': command({
    summary: 'Pins an open or announced offer; the oldest pin gives way when there are three.',
    input: z.strictObject({
      ...OfferTarget,
      streamMs: z
        .int()
        .nonnegative()
        .nullable()
        .default(null)
        .describe('Moment of the stream, ms from its start. Default: now, once the show has begun.'),
      requestKey: RequestKey.optional().describe(
        'Sent again with it after a lost answer, it does not pin what gave way or was unpinned meanwhile.',
      ),
    }),
    output: Offer,
    http: { method: 'POST', path: '/api/rooms/:roomId/offers/:offerId/pin' },
  }),
  'offer:unpin': command({
    summary: 'Takes a pin away.',
    input: z.strictObject({
      ...OfferTarget,
      seenPinnedAtMs: UnixMs.optional().describe(
        'The pin you saw: one that was set since stays. Default: whatever its pin is.',
      ),
    }),
    output: Offer,
    http: { method: 'POST', path: '/api/rooms/:roomId/offers/:offerId/unpin' },
  }),
  'offer:list': command({
    summary: 'The cart of a room, in its order. Drafts are shown to the people who run the room.',
    input: z.strictObject({ roomId: Id }),
    output: z.object({ serverTimeMs: UnixMs, offers: z.array(Offer) }),
    http: { method: 'GET', path: '/api/rooms/:roomId/offers' },
  }),
  'offer:get': command({
    summary: 'One offer: opens at, units left, ended. Of a show it needs no session.',
    input: z.strictObject({ offerId: Id }),
    output: z.object({ serverTimeMs: UnixMs, offer: Offer }),
    http: { method: 'GET', path: '/api/offers/:offerId' },
  }),
  'offer:buy': command({
    summary: 'Takes units of one or several offers of a room, all or nothing. `held` is durable; pay before payByMs.',
    input: z.strictObject({
      roomId: Id,
      lines: z
        .array(PurchaseLine)
        .min(1)
        .max(offerLimits.linesMax)
        .refine(distinctOffers, { message: 'one line per offer' }),
      requestKey: RequestKey,
      hideName: z.boolean().default(false).describe('Do not name me in the room.'),
    }),
    output: PurchaseAnswer,
    http: { method: 'POST', path: '/api/rooms/:roomId/purchases' },
  }),
  'offer:wait': command({
    summary: 'Joins the waiting list of a sold-out offer; released units are held for the first in line.',
    input: z.strictObject({ ...OfferTarget, units: Units.default(1) }),
    output: z.object({
      outcome: z.enum(['waiting', 'available', 'full', 'not_open', 'not_for_you', 'limit']),
      position: z.int().min(1).nullable(),
    }),
    http: { method: 'POST', path: '/api/rooms/:roomId/offers/:offerId/wait' },
  }),
  'offer:place': command({
    summary: 'Where one stands on the waiting list of an offer.',
    input: z.strictObject(OfferTarget),
    output: z.object({
      place: z
        .object({ position: z.int().min(1).nullable().describe('Null while the line is not loaded.') })
        .nullable()
        .describe('Null: one is not on the list.'),
    }),
    http: { method: 'GET', path: '/api/rooms/:roomId/offers/:offerId/wait' },
  }),
  'offer:leave': command({
    summary: 'Leaves the waiting list.',
    input: z.strictObject(OfferTarget),
    output: z.object({ left: z.boolean() }),
    http: { method: 'DELETE', path: '/api/rooms/:roomId/offers/:offerId/wait' },
  }),
  'cart:get': command({
    summary: 'What the caller put into the cart of a room.',
    input: z.strictObject({ roomId: Id }),
    output: Cart,
    http: { method: 'GET', path: '/api/rooms/:roomId/cart' },
  }),
  'cart:put': command({
    summary: 'Sets the units of one line of the cart; 0 takes it out. Nothing is reserved by it.',
    input: z.strictObject({ ...OfferTarget, units: z.int().min(0).max(offerLimits.unitsPerBuyerMax) }),
    output: Cart,
    http: { method: 'PUT', path: '/api/rooms/:roomId/cart/:offerId' },
  }),
};

/** To every socket of somebody who waits in line. */
export const offerNotices = {
  /** Units are held for them. */
  'offer:served': z.object({ offerId: Id, order: HeldOrder }),
  /** It was their turn on the waiting list, and they may not buy: at their limit, or not for them any more. */
  'offer:passed': z.object({ roomId: Id, offerId: Id }),
  /** The offer has ended, and nothing was left for them. */
  'offer:missed': z.object({ roomId: Id, offerId: Id }),
};

/** Everything a viewer needs to show an offer the way everybody else sees it. Units left travel as `left:OFFER_ID` aggregates. */
export const offerEvents = {
  'offer:announced': roomEvent('commerce', Offer),
  'offer:changed': roomEvent('commerce', Offer),
  'offer:pinned': roomEvent('commerce', Offer),
  'offer:unpinned': roomEvent(
    'commerce',
    z.object({ offerId: Id, why: z.enum(['host', 'replaced', 'sold_out', 'ended']) }),
  ),
  'offer:sold-out': roomEvent('commerce', z.object({ offerId: Id, epoch: z.int() })),
  'offer:available': roomEvent('commerce', z.object({ offerId: Id, unitsLeft: z.int() })),
  'offer:ended': roomEvent('commerce', z.object({ offerId: Id, soldUnits: z.int() })),
  'offer:ordered': roomEvent('commerce', z.object({ offerIds: z.array(Id) })),
  'offer:bought': roomEvent(
    'ambient',
    z.object({
      offerId: Id.describe('Of the first line of the order.'),
      name: z.string().nullable().describe('Shortened; null when the buyer does not want to be named.'),
      units: z.int(),
      otherLines: z.int().optional().describe('Further offers in the same order, which have no entry of their own.'),
      others: z.int().describe('Further orders of this offer since the last entry.'),
    }),
  ),
};
