import type { App } from '../../server/app/app.ts';
import { commands, type CommandName, type Input } from '../../shared/protocol/index.ts';
import type { Session } from '../../shared/protocol/session.ts';
import { luckyBag } from '../giveaway/show.ts';
import { home, paidOrder } from '../payments/till.ts';
import { openSocket, quickAccount, send } from '../support/app.ts';
import { createOffer, data, newKey, openOffer, openShopFloor, type ShopFloor } from './shop-floor.ts';

/** A request that has a key, who makes it, and what tells how often it was done. */
export type Keyed = {
  by: Session;
  input: Record<string, unknown>;
  done: () => Promise<unknown>;
  /** What of the answer stays the same, where other things go on meanwhile. Default: all of it. */
  lasting?: (data: any) => unknown;
};

/** Every command of the protocol whose input has a request key. */
export const keyedNames = (Object.keys(commands) as CommandName[]).filter((name) => {
  const { input } = commands[name];
  return 'shape' in input && 'requestKey' in input.shape;
});

/** What each of them is tried with, in the show of `floor`. */
export const keyedCommands: Readonly<Record<string, (app: App, floor: ShopFloor) => Promise<Keyed>>> = {
  async 'address:add'(app) {
    const by = await quickAccount(app);
    return { by, input: home, done: count(app, 'addresses WHERE person_id = $1', by.person.personId) };
  },
  async 'product:add'(app, { host }) {
    const input = { shopId: idOf(host), title: { en: 'Kite' }, skus: [{ priceMinor: 500 }] };
    return { by: host, input, done: count(app, 'products WHERE shop_id = $1', idOf(host)) };
  },
  async 'product:add-sku'(app, { host }) {
    const { productId } = await sized(app, host);
    const input = { productId, optionValues: ['M'], priceMinor: 500 };
    return { by: host, input, done: count(app, 'skus WHERE product_id = $1', productId) };
  },
  async 'stock:adjust'(app, { host, skuId }) {
    const input = { skuId, deltaUnits: 1, reason: 'received' };
    return { by: host, input, done: count(app, 'stock_movements WHERE sku_id = $1', skuId) };
  },
  async 'chat:send'(app, { roomId }) {
    const by = await quickAccount(app);
    return { by, input: { roomId, text: 'Is it blue?' }, done: await entries(app, by, roomId, 'chat:message') };
  },
  'chat:clear': async (app, { host, roomId }) => ({
    by: host,
    input: { roomId },
    done: await entries(app, host, roomId, 'chat:cleared'),
  }),
  'giveaway:publish': async (app, { host, roomId }) => ({
    by: host,
    input: luckyBag(roomId, Date.now()),
    done: count(app, 'giveaways WHERE room_id = $1', roomId),
  }),
  'offer:create': async (app, { host, roomId, skuId }) => ({
    by: host,
    input: { roomId, skuId, kind: 'cart', priceMinor: 700, allotmentUnits: 1 },
    done: count(app, 'offers WHERE room_id = $1', roomId),
  }),
  async 'offer:repeat'(app, floor) {
    const { offerId, roomId } = await createOffer(app, floor);
    return { by: floor.host, input: { roomId, offerId }, done: count(app, 'offers WHERE room_id = $1', roomId) };
  },
  async 'offer:take-over'(app, floor) {
    await createOffer(app, floor);
    const { roomId } = await data(app, 'POST', '/api/rooms', floor.token, { title: 'Again' });
    const input = { roomId, fromRoomId: floor.roomId };
    return { by: floor.host, input, done: count(app, 'offers WHERE room_id = $1', roomId) };
  },
  async 'offer:take-planned'(app, { host, token }) {
    const { productId } = await sized(app, host);
    const planned = { title: 'Planned', productIds: [productId] };
    const { roomId } = await data(app, 'POST', '/api/rooms', token, planned);
    return { by: host, input: { roomId }, done: count(app, 'offers WHERE room_id = $1', roomId) };
  },
  async 'offer:pin'(app, floor) {
    const { offerId, roomId } = await openOffer(app, floor);
    const pinned = `offers WHERE offer_id = $1 AND pinned_at IS NOT NULL`;
    return { by: floor.host, input: { roomId, offerId }, done: count(app, pinned, offerId, 'max(pinned_at)::text') };
  },
  async 'offer:buy'(app, floor) {
    const { offerId, roomId } = await openOffer(app, floor);
    const input = { roomId, lines: [{ offerId, units: 1 }] };
    return { by: await quickAccount(app), input, done: count(app, 'order_lines WHERE offer_id = $1', offerId) };
  },
  async 'order:refund'(app, floor) {
    const { orderId } = await paidOrder(app, floor, await openOffer(app, floor));
    const input = { orderId, restock: true, reason: 'torn' };
    const lasting = ({ outcome, order: { refundedMinor } }: any): unknown => [outcome, refundedMinor];
    return { by: floor.host, input, done: count(app, 'refunds WHERE order_id = $1', orderId), lasting };
  },
  // Of a shop that sells nothing: nobody is told anything there.
  async 'webhook:add'(app) {
    const { host } = await openShopFloor(app);
    const input = { shopId: idOf(host), url: 'https://shop.example/orders' };
    return { by: host, input, done: count(app, 'outgoing_endpoints WHERE shop_id = $1', idOf(host)) };
  },
  'room:create': async (app, { host }) => ({
    by: host,
    input: { title: 'Tomorrow' },
    done: count(app, 'rooms WHERE host_id = $1', idOf(host)),
  }),
};

const idOf = ({ person }: Session): string => person.personId;

const count =
  ({ platform: { db } }: App, of: string, id: string, what = 'count(*)::int') =>
  async (): Promise<unknown> =>
    (await db.query<{ seen: unknown }>(`SELECT ${what} AS seen FROM ${of}`, [id])).rows[0]!.seen;

/** Entries of a kind that are in the log of a room since now. */
async function entries(app: App, by: Session, roomId: string, kind: string): Promise<() => Promise<number>> {
  const { position } = await joined(app, by, { roomId });
  return async () =>
    (await joined(app, by, { roomId, position })).entries.filter((entry) => entry.kind === kind).length;
}

async function joined(app: App, by: Session, wish: Input<'room:join'>) {
  const socket = await openSocket(app, by);
  const answer = await send(socket, 'room:join', wish);
  socket.close();
  if (!answer.ok) throw new Error(answer.error.message);
  return answer.data;
}

/** A product of which there may be more variants. */
const sized = (app: App, host: Session): Promise<{ productId: string }> =>
  data(app, 'POST', `/api/shops/${idOf(host)}/products`, host.accessToken, {
    title: { en: 'Shirt' },
    optionNames: ['Size'],
    skus: [{ optionValues: ['S'], priceMinor: 500, units: 10 }],
    requestKey: newKey(),
  });

/** The same request over HTTP: what the path has no place for is the body. */
export function overHttp(name: CommandName, input: Readonly<Record<string, unknown>>) {
  const { method, path } = commands[name].http!;
  const inPath = [...path.matchAll(/:(\w+)/g)].map(([, field]) => field!);
  const body = Object.fromEntries(Object.entries(input).filter(([field]) => !inPath.includes(field)));
  return { method, path: path.replaceAll(/:(\w+)/g, (_all, field: string) => String(input[field])), body };
}
