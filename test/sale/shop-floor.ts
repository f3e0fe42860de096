import type { App } from '../../server/app/app.ts';
import type { Session } from '../../shared/protocol/session.ts';
import type { HeldOrder, Offer, PurchaseAnswer } from '../../shared/protocol/offer.ts';
import type { Reply } from '../../shared/protocol/define.ts';
import { account, call, quickAccount } from '../support/app.ts';
import { eventually } from '../support/eventually.ts';

type Gateway = Pick<App, 'url'>;
let keys = 0;

export const newKey = (): string => `test-key-${process.pid}-${++keys}`;

/** A host with a shop, a live room and one product. */
export type ShopFloor = { host: Session; token: string; roomId: string; skuId: string; priceMinor: number };

export async function openShopFloor(app: Gateway, { units = 100, priceMinor = 1_000 } = {}): Promise<ShopFloor> {
  const host = await account(app, 'Hana');
  const token = host.accessToken;
  await data(app, 'PUT', '/api/shop', token, { name: 'Night shop', currency: 'EUR' });
  const skuId = await addProduct(app, host, { units, priceMinor });
  const room = await data(app, 'POST', '/api/rooms', token, { title: 'Evening sale' });
  await data(app, 'POST', `/api/rooms/${room.roomId}/start`, token, {});
  return { host, token, roomId: room.roomId, skuId, priceMinor };
}

export async function addProduct(
  app: Gateway,
  host: Session,
  { units = 100, priceMinor = 1_000 } = {},
): Promise<string> {
  const body = {
    shopId: host.person.personId,
    requestKey: newKey(),
    title: { en: `Lamp ${keys}`, zh: `灯${keys}号` },
    skus: [{ priceMinor, units }],
  };
  const product = await data(app, 'POST', `/api/shops/${host.person.personId}/products`, host.accessToken, body);
  return product.skus[0].skuId;
}

export type OfferWish = Partial<{
  skuId: string;
  kind: 'cart' | 'flash';
  priceMinor: number;
  allotmentUnits: number;
  limitUnits: number;
  audience: unknown;
  countdownSeconds: number;
  durationSeconds: number;
}>;

export async function createOffer(app: Gateway, floor: ShopFloor, wish: OfferWish = {}): Promise<Offer> {
  const body = { skuId: floor.skuId, kind: 'cart', priceMinor: 700, allotmentUnits: 10, requestKey: newKey(), ...wish };
  return data(app, 'POST', `/api/rooms/${floor.roomId}/offers`, floor.token, body);
}

/** An offer that sells. */
export async function openOffer(app: Gateway, floor: ShopFloor, wish: OfferWish = {}): Promise<Offer> {
  const offer = await createOffer(app, floor, wish);
  const opened = await data(app, 'POST', `/api/rooms/${floor.roomId}/offers/${offer.offerId}/open`, floor.token, {});
  if (opened.outcome !== 'opened') throw new Error(`offer not opened: ${opened.outcome}`);
  return opened.offer;
}

export const buyers = (app: Gateway, count: number): Promise<Session[]> =>
  Promise.all(Array.from({ length: count }, (_, i) => quickAccount(app, `Buyer ${i}`)));

type Line = { offerId: string; units: number; priceMinor?: number };

/** Buys over HTTP; `lines` may be one offer. */
export async function buy(
  app: Gateway,
  { roomId }: Pick<ShopFloor, 'roomId'>,
  buyer: Session,
  lines: Line | Line[],
  requestKey = newKey(),
): Promise<Reply<PurchaseAnswer>> {
  const body = { lines: [lines].flat(), requestKey };
  return (await call(app, 'POST', `/api/rooms/${roomId}/purchases`, { body, token: buyer.accessToken })).body;
}

/** Buys again while the answer is RETRY, as a client does; with the same key. */
export async function buyPatiently(
  ...[app, floor, buyer, lines, requestKey = newKey()]: Parameters<typeof buy>
): Promise<PurchaseAnswer> {
  for (let tries = 0; tries < 200; tries++) {
    const reply = await buy(app, floor, buyer, lines, requestKey);
    if (reply.ok) return reply.data;
    if (!reply.error.retryable) throw new Error(`${reply.error.code}: ${reply.error.message}`);
    await new Promise((resolve) => setTimeout(resolve, Math.min(reply.error.retryAfterMs ?? 50, 100)));
  }
  throw new Error('still RETRY after 200 tries');
}

/** Buys, and throws unless an order is held. */
export async function hold(...purchase: Parameters<typeof buy>): Promise<HeldOrder> {
  const answer = await buyPatiently(...purchase);
  if (answer.outcome !== 'held') throw new Error(answer.outcome);
  return answer.order;
}

/** The hold runs out as if its time had passed; the worker ends it. */
export async function letExpire({ platform: { db } }: Pick<App, 'platform'>, orderId: string): Promise<void> {
  await db.query('UPDATE orders SET pay_by = now() WHERE order_id = $1', [orderId]);
  await eventually(async () => {
    const { rows } = await db.query<{ state: string }>('SELECT state FROM orders WHERE order_id = $1', [orderId]);
    return rows[0]?.state === 'expired';
  });
}

/** The data of an answer that must be good. Asks again while the answer is RETRY, as a client does on a crowded machine. */
export async function data(app: Gateway, method: string, path: string, token: string, body?: unknown): Promise<any> {
  for (let tries = 1; ; tries++) {
    const answer = await call(app, method, path, { token, ...(body === undefined ? {} : { body }) });
    if (answer.body.ok) return answer.body.data;
    if (!answer.body.error.retryable || tries === 50)
      throw new Error(`${method} ${path}: ${JSON.stringify(answer.body)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
