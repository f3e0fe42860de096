import type { App } from '../../server/app/app.ts';
import type { CommandName } from '../../shared/protocol/index.ts';
import { buyPatiently, data, openOffer, openShopFloor } from '../sale/shop-floor.ts';
import { luckyBag, nonce } from '../giveaway/show.ts';
import { account, call } from '../support/app.ts';
import { eventually } from '../support/eventually.ts';

/** One object of each kind that rules name, by id field; and the tokens of the two people they belong to. */
export type World = {
  ids: Record<string, string>;
  /** The show that everybody may see. */
  liveRoomId: string;
  /** The live show of the same host that is for their fans. */
  fansRoomId: string;
  hostToken: string;
  buyerToken: string;
};

/**
 * Makes the objects as their owners would. The room is a rehearsal, which nobody but its staff may see; the order comes
 * from a show that is live.
 */
export async function buildWorld(app: App): Promise<World> {
  const show = await openShopFloor(app);
  const { token, host, skuId } = show;
  const offer = await openOffer(app, show);
  const buyer = await account(app);
  const purchase = await buyPatiently(app, show, buyer, { offerId: offer.offerId, units: 1 });
  if (purchase.outcome !== 'held') throw new Error(`the world has no order: ${purchase.outcome}`);

  const room = await data(app, 'POST', '/api/rooms', token, { title: 'Rehearsal' });
  const { products } = await data(app, 'GET', `/api/shops/${host.person.personId}/products`, token);
  const address = await data(app, 'POST', '/api/addresses', token, { ...postalAddress, requestKey: 'policy-address' });
  await data(app, 'PUT', `/api/fan-clubs/${host.person.personId}`, token, {});
  await data(app, 'POST', `/api/rooms/${room.roomId}/start`, token, {});
  const forFans = await data(app, 'POST', '/api/rooms', token, { title: 'Fans’ night', openTo: 'fans' });
  await data(app, 'POST', `/api/rooms/${forFans.roomId}/start`, token, {});
  const giveaway = await data(
    app,
    'POST',
    `/api/rooms/${room.roomId}/giveaways`,
    token,
    luckyBag(room.roomId, Date.now()),
  );
  // Nothing is drawn in a rehearsal, and the rules are tried in one: who stands outside sees nothing in it.
  await app.platform.db.query('UPDATE rooms SET rehearsal = true WHERE room_id = $1', [room.roomId]);
  await eventually(
    async () => (await call(app, 'GET', `/api/rooms/${room.roomId}`, { token: buyer.accessToken })).status === 403,
  );

  const ids = {
    roomId: room.roomId,
    shopId: host.person.personId,
    clubId: host.person.personId,
    productId: products[0].productId,
    skuId,
    addressId: address.addressId,
    offerId: offer.offerId,
    orderId: purchase.order.orderId,
    giveawayId: giveaway.giveawayId,
  };
  return { ids, liveRoomId: show.roomId, fansRoomId: forFans.roomId, hostToken: token, buyerToken: buyer.accessToken };
}

const postalAddress = { recipient: 'Hana', phone: '+49 30 1', country: 'DE', city: 'Berlin', street: 'Torstr. 1' };
const sku = { priceMinor: 100 };

/** Fields whose sample can't be made from the schema: it has a rule that no schema language says. */
export const specialInputs: Partial<Record<CommandName, Record<string, unknown>>> = {
  'address:add': postalAddress,
  'address:change': postalAddress,
  'giveaway:enter': { nonce: nonce() },
  'media:connect': {
    dtlsParameters: { fingerprints: [{ algorithm: 'sha-256', value: Array(32).fill('00').join(':') }] },
  },
  'order:delivery-choices': { country: 'DE' },
  'product:add': { title: { en: 'Lamp' }, skus: [sku] },
  'stock:adjust': { deltaUnits: 1 },
};
