import { readFile } from 'node:fs/promises';
import { newId } from '../../shared/ids.ts';
import type { Offer } from '../../shared/protocol/offer.ts';
import type { DemoPerson } from './people.ts';

/** Units of each variant that go into the bag; the rest of the stock is for flash sales. */
const bagUnits = 40;

/** Opens the host's shop with the sample file, whose pictures this server has itself. Safe to repeat. */
export async function stockShop(url: string, { session, client }: DemoPerson): Promise<void> {
  await client.request('shop:open', { name: 'Lantern Street Goods', currency: 'EUR' });
  const response = await fetch(`${url}/api/shops/${session.person.personId}/import?requestKey=${newId()}`, {
    method: 'POST',
    headers: { 'content-type': 'text/csv', authorization: `Bearer ${session.accessToken}` },
    body: await readFile(new URL('./products.csv', import.meta.url)),
  });
  if (!response.ok) throw new Error(`the sample products were refused: ${await response.text()}`);
}

/** A fan club that everybody may join, so that badges are seen in the chat. Safe to repeat. */
export async function openFanClub({ session, client }: DemoPerson): Promise<void> {
  await client.request('fan-club:set', {
    clubId: session.person.personId,
    joinRule: 'open',
    greeting: 'Welcome to the lantern lighters.',
    announcement: 'Sunday: a whole kiln of new tea sets. Members see it first.',
  });
}

/** Puts every product of the shop on sale in a room. */
export async function fillBag({ session, client }: DemoPerson, roomId: string): Promise<Offer[]> {
  const shopId = session.person.personId;
  const { products } = await client.request('shop:products', { shopId, limit: 100 });
  const offers: Offer[] = [];
  for (const sku of products.toReversed().flatMap(({ skus }) => skus)) {
    const made = await client.request('offer:create', {
      roomId,
      skuId: sku.skuId,
      kind: 'cart',
      priceMinor: sku.priceMinor,
      listPriceMinor: sku.compareAtMinor ?? sku.priceMinor,
      allotmentUnits: Math.max(1, Math.min(bagUnits, sku.freeUnits ?? 1)),
      limitUnits: 5,
      requestKey: `demo-${sku.skuId}`,
    });
    offers.push((await client.request('offer:open', { roomId, offerId: made.offerId })).offer);
  }
  return offers;
}
