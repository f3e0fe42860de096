/**
 * Takes the pictures of docs/screenshots from a server on which `npm run demo` is on.
 * usage: node test/pages/screenshots.ts http://localhost:3000
 */
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { demoPassword } from '../../load-tests/demo/people.ts';
import type { Offer } from '../../shared/protocol/offer.ts';
import type { Session } from '../../shared/protocol/session.ts';
import { call } from '../support/app.ts';
import { desk, openBrowsers, phone, type PersonOptions } from './support/pages.ts';

const folder = fileURLToPath(new URL('../../docs/screenshots', import.meta.url));
/** A picture needs a moment until video, chat and curves have something to show, ms. */
const settleMs = 12_000;

const url = process.argv[2];
if (!url) throw new Error('usage: node test/pages/screenshots.ts URL');

const app = { url };
const host = await signIn('host@demo.nightmarket.test');
const buyer = await signIn('buyer-1@demo.nightmarket.test');
const roomId = (await call(app, 'GET', '/api/rooms?which=live')).body.data.rooms[0].roomId as string;

await mkdir(folder, { recursive: true });
const browsers = await openBrowsers(app);
const onPhone = { viewport: phone, session: buyer };

await take('home', '/', { session: buyer });
await take('home-zh-phone', '/', { ...onPhone, locale: 'zh-CN' });
await take('live-room', `/room/${roomId}`, { session: buyer });
await take('live-room-phone', `/room/${roomId}`, onPhone);
await take('live-room-zh-phone', `/room/${roomId}`, { ...onPhone, locale: 'zh-CN' });
await take('bag-phone', `/room/${roomId}`, onPhone, (page) => page.getByRole('button', { name: /^Products,/ }).click());
await take('product-phone', `/room/${roomId}`, onPhone, (page) =>
  page
    .getByRole('button', { name: /^Details/ })
    .first()
    .click(),
);
const { offers } = (await call(app, 'GET', `/api/rooms/${roomId}/offers`, { token: buyer.accessToken })).body.data;
const forCart = (offers as Offer[]).filter(({ kind, state }) => kind === 'cart' && state === 'open').slice(0, 2);
for (const { offerId } of forCart)
  await call(app, 'PUT', `/api/rooms/${roomId}/cart/${offerId}`, { token: buyer.accessToken, body: { units: 2 } });
await take('cart-phone', `/room/${roomId}`, onPhone, (page) =>
  page.getByRole('button', { name: /^Your cart/ }).click(),
);
await take('fan-club-phone', `/room/${roomId}`, onPhone, (page) => page.getByTitle('Mei Lin').click());
await take('orders', '/orders', { session: buyer });
await take('studio-live', `/studio/live/${roomId}`, { session: host });
await take('studio-live-zh-dark', `/studio/live/${roomId}`, { session: host, locale: 'zh-CN', colorScheme: 'dark' });
await take('studio-products', '/studio/products', { session: host });
await take('studio-orders', '/studio/orders', { session: host });
await take('studio-giveaways', '/studio/giveaways', { session: host });
await take('studio-numbers', `/studio/numbers/${roomId}`, { session: host });
// The first bag of the demo is drawn by now.
const giveaways = await call(app, 'GET', `/api/rooms/${roomId}/giveaways`, { token: host.accessToken });
const drawn = giveaways.body.data.giveaways.find(({ state }: { state: string }) => state === 'drawn');
await take('verify', `/verify/${drawn.giveawayId}`, {});
await take('verify-zh-phone', `/verify/${drawn.giveawayId}`, { viewport: phone, locale: 'zh-CN' });
await browsers.close();

async function signIn(email: string): Promise<Session> {
  return (await call(app, 'POST', '/api/session/sign-in', { body: { email, password: demoPassword } })).body.data;
}

async function take(name: string, path: string, options: PersonOptions, act?: (page: Page) => Promise<void>) {
  const { page } = await browsers.visit(path, { viewport: desk, ...options });
  await page.waitForTimeout(path.includes('/room/') || path.includes('/live/') ? settleMs : settleMs / 4);
  await act?.(page);
  await page.waitForTimeout(600);
  await page.screenshot({ path: `${folder}/${name}.png` });
  await page.context().close();
  console.log(`docs/screenshots/${name}.png`);
}
