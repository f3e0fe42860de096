import type { z } from 'zod';
import type { Commands } from '../../shared/protocol/index.ts';
import { createKept } from '../state/kept.ts';

export type PurchaseWish = z.input<Commands['offer:buy']['input']>;

/** `sentAtMs`: Unix ms of this machine, which also measures how old it is. */
type Unanswered = { personId: string; wish: PurchaseWish; sentAtMs: number };

/** What the goods of it cost at the prices that were seen, without shipping. */
export const goodsMinorOf = (lines: PurchaseWish['lines']): number =>
  lines.reduce((sum, { units, priceMinor = 0 }) => sum + units * priceMinor, 0);

/** Older ones have been decided for long: the order stands on the page of orders, or nothing was held. */
const ageMsMax = 10 * 60_000;
/** Purchases remembered at once; the oldest goes. One would do for nearly everybody. */
const keptMax = 10;

const kept = createKept<readonly Unanswered[]>('nm:unanswered', (raw) =>
  Array.isArray(raw) ? (raw as readonly Unanswered[]) : null,
);

/**
 * A purchase that was sent and whose answer did not come: the server may hold units for it. Whoever presses again, in a sheet
 * opened anew or after a reload, finishes this one; a new one beside it would be a second order.
 */
export const unansweredOf = (personId: string, offerId: string): PurchaseWish | null =>
  find(personId, ({ lines }) => lines.some((line) => line.offerId === offerId));

/** Any such purchase in a room: before it is answered nothing else of the cart is ordered. */
export const unansweredIn = (personId: string, roomId: string): PurchaseWish | null =>
  find(personId, (wish) => wish.roomId === roomId);

/** Called before it is sent: a page may be closed at any moment. */
export function rememberSent(personId: string, wish: PurchaseWish): void {
  const others = fresh().filter((one) => one.wish.requestKey !== wish.requestKey);
  kept.write([...others, { personId, wish, sentAtMs: Date.now() }].slice(-keptMax));
}

export function forgetAnswered({ requestKey }: PurchaseWish): void {
  kept.write(fresh().filter(({ wish }) => wish.requestKey !== requestKey));
}

const fresh = (): readonly Unanswered[] =>
  (kept.read() ?? []).filter(({ sentAtMs }) => Math.abs(Date.now() - sentAtMs) < ageMsMax);

const find = (personId: string, isMeant: (wish: PurchaseWish) => boolean): PurchaseWish | null =>
  fresh().find((one) => one.personId === personId && isMeant(one.wish))?.wish ?? null;
