import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { App } from '../../server/app/app.ts';
import { createClient, type Client } from '../../shared/client/client.ts';
import { newId } from '../../shared/ids.ts';
import type { HeldOrder } from '../../shared/protocol/offer.ts';
import type { Session } from '../../shared/protocol/session.ts';
import { account, call, freshStores, startTestApp } from '../support/app.ts';
import { eventually } from '../support/eventually.ts';
import { startReceiver, type Receiver } from '../outgoing/receiver.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';
import { openBrowsers, phone, type Browsers, type Visitor } from './support/pages.ts';
import { picturesOfFailures } from './support/pictures.ts';

// What a host does besides streaming, each seen from the other side. One evening, told in order.
describe('the work of a host, in the studio', { timeout: 60_000 }, () => {
  let app: App;
  let near: Browsers;
  /** Browsers behind a network that can break. */
  let far: Pick<Browsers, 'visit'>;
  let network: TcpProxy;
  let host: Visitor;
  let vic: Visitor;
  let hostSession: Session;
  let vicSession: Session;
  let buyer: Client;
  let receiver: Receiver;
  let roomId: string;

  beforeAll(async () => {
    receiver = await startReceiver();
    app = await startTestApp(await freshStores(), {
      settings: { NIGHTMARKET_WEBHOOK_PRIVATE_NETWORKS: '127.0.0.1/32' },
    });
    network = await startTcpProxy(app.url);
    near = await openBrowsers(app);
    far = near.by({ url: network.url.replace(/\/$/, '') });
    [hostSession, vicSession] = [await account(app, 'Mei Lin'), await account(app, 'Vic')];
    const { accessToken: token, person } = hostSession;
    const post = async (path: string, body: object) => (await call(app, 'POST', path, { token, body })).body.data;
    ({ roomId } = await post('/api/rooms', { title: 'Work' }));
    await post(`/api/rooms/${roomId}/start`, {});
    await call(app, 'PUT', '/api/shop', { token, body: { name: 'Shop', currency: 'EUR' } });
    for (const [index, title] of ['Teapot', 'Lantern'].entries()) {
      const product = { title: { en: title }, requestKey: newId(), skus: [{ priceMinor: 1_000 + index, units: 20 }] };
      const { skus } = await post(`/api/shops/${person.personId}/products`, product);
      const terms = { kind: 'cart', priceMinor: 1_000 + index, allotmentUnits: 5, limitUnits: 5, requestKey: newId() };
      const { offerId } = await post(`/api/rooms/${roomId}/offers`, { skuId: skus[0].skuId, ...terms });
      await post(`/api/rooms/${roomId}/offers/${offerId}/open`, {});
    }
    buyer = createClient({ url: app.url, credentials: async () => vicSession });
    host = await near.visit(`/studio/live/${roomId}`, { session: hostSession });
    vic = await far.visit(`/room/${roomId}`, { session: vicSession, viewport: phone });
    await vic.page.getByLabel('Say something').waitFor();
  }, 120_000);
  afterAll(async () => {
    buyer.close();
    await near.close();
    await network.close();
    await receiver.close();
    await app.close();
  });
  picturesOfFailures('studio', () => ({ host, vic }));

  const say = async ({ page }: Visitor, text: string): Promise<void> => {
    await page.getByLabel('Say something').fill(text);
    await page.keyboard.press('Enter');
  };
  const actOn = async (text: string, name: string): Promise<void> => {
    await host.page.getByRole('button', { name: new RegExp(text) }).click();
    await host.page.getByRole('button', { name, exact: true }).click();
  };

  const flashCard = () => vic.page.getByRole('region', { name: 'Flash sale' });

  test('a stream key for OBS is shown once, with its address', async () => {
    const { page } = host;
    const keys = page.locator('.copyable code');
    await page.getByRole('tab', { name: 'OBS' }).click();
    await page.getByRole('button', { name: 'Make a stream key' }).click();
    await expect.poll(() => keys.count()).toBe(2);
    expect(await keys.first().textContent()).toContain('/whip/');

    await page.reload();
    await page.getByRole('tab', { name: 'OBS' }).click();
    await page.getByText('It is only shown when it is made').waitFor();
    expect(await keys.count()).toBe(0);
    await page.getByRole('button', { name: 'Revoke the key' }).click();
    await page.getByRole('dialog').getByText('is cut off at once').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke the key' }).click();
    await page.getByRole('button', { name: 'Make a stream key' }).waitFor();
  });

  test('the running order is sorted by drag and by key, and the bag of a viewer follows', async () => {
    const { page } = host;
    const names = async () =>
      Promise.all((await page.locator('.running-item').all()).map((item) => item.getAttribute('aria-label')));
    await page.getByRole('listitem', { name: '2. Lantern' }).dragTo(page.getByRole('listitem', { name: '1. Teapot' }));
    await expect.poll(names).toEqual(['2. Lantern', '1. Teapot']);

    await vic.page.getByRole('button', { name: /^Products,/ }).click();
    await expect.poll(() => vic.page.locator('.bag .offer__title').allTextContents()).toEqual(['Lantern', 'Teapot']);
    await vic.page.keyboard.press('Escape');
    await page.getByRole('listitem', { name: '1. Teapot' }).focus();
    await page.keyboard.press('Alt+ArrowUp');
    await expect.poll(names).toEqual(['1. Teapot', '2. Lantern']);
    // The focus went along; and thumbs have buttons.
    await page.keyboard.press('Alt+ArrowDown');
    await expect.poll(names).toEqual(['2. Lantern', '1. Teapot']);
    await page.getByRole('listitem', { name: '1. Teapot' }).getByRole('button', { name: 'Move up' }).click();
    await expect.poll(names).toEqual(['1. Teapot', '2. Lantern']);
  });

  test('what an earlier show sold comes into the next one as drafts, and an offer has an address', async () => {
    const { accessToken: token } = hostSession;
    const next = (await call(app, 'POST', '/api/rooms', { token, body: { title: 'Next' } })).body.data;
    const { page } = await near.visit(`/studio/live/${next.roomId}`, { session: hostSession });
    await page.getByRole('button', { name: 'Take over from an earlier show' }).last().click();
    await page.getByRole('button', { name: 'Take over: Work' }).click();
    await page.getByText('2 products taken over as drafts').waitFor();
    const drafts = await page.locator('.running-item').allTextContents();
    expect(drafts.map((text) => /Lantern|Teapot/.exec(text)?.[0])).toEqual(['Teapot', 'Lantern']);
    await page.context().close();
    await host.page.getByRole('listitem', { name: '1. Teapot' }).getByRole('button', { name: 'Copy link' }).click();
    await host.page.getByText('The address is copied.').waitFor();
  });

  test('a person who is made moderator wears the badge', async () => {
    await say(vic, 'may I help');
    await actOn('may I help', 'Make moderator');
    await say(vic, 'thank you');
    await host.page.locator('.line', { hasText: 'thank you' }).getByText('Mod', { exact: true }).waitFor();
    await actOn('thank you', 'Take the role away');
  });

  test('a word that is not allowed is refused with a reason, and a message that is held waits for the host', async () => {
    const { page } = host;
    await page.getByRole('button', { name: 'Moderation' }).click();
    await page.getByLabel('Words not allowed').fill('sca m');
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByRole('button', { name: /^sca m/ }).waitFor();
    await page.getByLabel('Holds for review').selectOption('all');
    await say(vic, 'what a SCAM');
    await vic.page.getByRole('alert').waitFor();
    await say(vic, 'hold this one');
    await page.getByText('hold this one').waitFor();
    await page.getByRole('button', { name: 'Close' }).click();
    await page.getByRole('button', { name: 'Moderation, 1 waiting for review' }).click();
    await page.getByRole('button', { name: 'Allow' }).click();
    await page.getByText('Nothing waits.').waitFor();
    await page.getByLabel('Holds for review').selectOption('none');
    await page.getByRole('button', { name: 'Close' }).click();
    await page.locator('.line', { hasText: 'hold this one' }).waitFor();
  });

  test('whoever is named is shown so: offered behind an @, chosen by keys', async () => {
    const field = host.page.getByLabel('Say something');
    await field.fill('look, @v');
    await host.page.getByRole('option', { name: 'Vic' }).waitFor();
    await field.press('Escape');
    expect(await host.page.getByRole('option').count()).toBe(0);
    await field.press('ControlOrMeta+a');
    await field.pressSequentially('look, @v');
    await host.page.getByRole('option', { name: 'Vic' }).waitFor();
    await field.press('Enter');
    expect(await field.inputValue()).toBe('look, @Vic ');
    await field.pressSequentially('your lantern');
    await field.press('Enter');
    await vic.page.locator('.line--to-me', { hasText: 'look, @Vic your lantern' }).waitFor();
    await host.page.locator('.line--mine', { hasText: 'your lantern' }).waitFor();
    expect(await host.page.locator('.line--to-me').count()).toBe(0);
  });

  test('a chat is for those who have followed for long enough, or for fans of a level, and says so', async () => {
    const { page } = host;
    const audience = page.getByLabel('Who may write');
    await page.getByRole('button', { name: 'Moderation' }).click();
    await audience.selectOption('followers');
    await page.getByLabel('Must have followed for').fill('10');
    await page.keyboard.press('Enter');
    await expect
      .poll(async () => {
        await say(vic, 'may I write');
        return vic.page.getByRole('alert').allTextContents();
      })
      .toContain('Only who has followed for 10 minutes may write here.');
    await audience.selectOption('fans');
    await page.getByLabel('From level').fill('3');
    await page.keyboard.press('Enter');
    await expect
      .poll(async () => {
        await say(vic, 'may I write');
        return vic.page.getByRole('alert').allTextContents();
      })
      .toContain('Only fan club members from level 3 may write here.');
    await audience.selectOption('everyone');
    await page.getByRole('button', { name: 'Close' }).click();
    await expect
      .poll(async () => {
        await say(vic, 'may I write');
        return page.locator('.line', { hasText: 'may I write' }).count();
      })
      .toBeGreaterThan(0);
  });

  test('a flash sale in which fans buy first is announced as that', async () => {
    const clubId = hostSession.person.personId;
    const body = { joinRule: 'open' };
    await call(app, 'PUT', `/api/fan-clubs/${clubId}`, { token: hostSession.accessToken, body });
    await host.page.getByRole('button', { name: 'Flash sale' }).first().click();
    const form = host.page.getByRole('dialog');
    await form.getByLabel('Who may buy').selectOption('early');
    await form.getByLabel('Head start of fans, seconds').fill('300');
    await form.getByLabel('Countdown, seconds').fill('10');
    await form.getByRole('button', { name: 'Start the countdown' }).click();

    const card = flashCard();
    await card.getByText('Fans from level 1 first, for 300 s').waitFor();
  });

  test('whoever presses the bell of a coming show is told at once when it is live', async () => {
    const token = hostSession.accessToken;
    const body = { title: 'Friday tea', scheduledAtMs: Date.now() + 40 * 86_400_000 };
    const show = (await call(app, 'POST', '/api/rooms', { token, body })).body.data;
    const { page, problems } = await near.visit('/', { session: vicSession, viewport: phone });
    const bell = page.getByRole('listitem').filter({ hasText: 'Friday tea' });
    await bell.getByRole('button', { name: 'Remind me' }).click();
    await bell.getByRole('button', { name: 'You will be reminded' }).waitFor();
    const calendar = await bell.getByRole('link', { name: 'Add to calendar' }).getAttribute('href');
    expect(await (await fetch(new URL(calendar!, app.url))).text()).toContain('SUMMARY:Friday tea');

    await call(app, 'POST', `/api/rooms/${show.roomId}/start`, { token, body: {} });
    await page.getByText('Live now: Friday tea').waitFor();
    await page.getByRole('button', { name: 'Notices, 1 unread' }).click();
    await page
      .getByRole('dialog')
      .getByRole('link', { name: /Friday tea/ })
      .click();
    await page.waitForURL(`**/room/${show.roomId}`);
    await page.goto(app.url);
    await page.getByRole('button', { name: 'Notices', exact: true }).waitFor();
    expect(problems).toEqual([]);
    await page.context().close();
  });

  test('a lost connection is said, and what was missed is there afterwards, in lists, too', async () => {
    const { page: orders } = await far.visit('/orders', { session: vicSession });
    await orders.getByText('No orders yet').waitFor();
    network.refuse();
    await vic.page.getByText('Connection lost. Reconnecting.').waitFor();
    await say(host, 'said while you were away');
    await say(host, 'and this, too');
    const { orderId } = await heldOrder();
    network.accept();
    await vic.page.getByText('Back. 2 messages came meanwhile.').waitFor({ timeout: 30_000 });
    await vic.page.getByText('and this, too').waitFor();
    // Turned, the phone shows the newest as before.
    await vic.page.setViewportSize({ width: phone.height, height: phone.width });
    await expect.poll(() => vic.page.evaluate<number>(belowTheLines)).toBeLessThan(2);
    await vic.page.setViewportSize(phone);
    expect(await vic.page.getByText('Connection lost. Reconnecting.').count()).toBe(0);
    await orders.locator('.order-card').getByText('Teapot').waitFor();
    await orders.context().close();
    await buyer.request('order:cancel', { orderId });
  });

  test('a rehearsal says what it is, in the studio, in the room and on its orders, and asks for no money', async () => {
    const token = hostSession.accessToken;
    const post = async (path: string, body: object) => (await call(app, 'POST', path, { token, body })).body.data;
    const room = await post('/api/rooms', { title: 'Dry run', rehearsal: true });
    await post(`/api/rooms/${room.roomId}/start`, {});
    const { skuId } = (await buyer.request('offer:list', { roomId })).offers[0]!;
    const terms = { kind: 'cart', priceMinor: 900, allotmentUnits: 2, limitUnits: 2, requestKey: newId() };
    const { offerId } = await post(`/api/rooms/${room.roomId}/offers`, { skuId, ...terms });
    await post(`/api/rooms/${room.roomId}/offers/${offerId}/open`, {});

    const { page } = await near.visit(`/studio/live/${room.roomId}`, { session: hostSession });
    await page.getByText('Rehearsal', { exact: true }).waitFor();
    // Nobody else is in, and whoever follows can be asked to help.
    const follower = (await account(app, 'Ada')).accessToken;
    await call(app, 'PUT', `/api/hosts/${hostSession.person.personId}/follow`, { token: follower });
    await page.getByRole('button', { name: 'Moderation' }).click();
    await page.getByRole('button', { name: 'Ada: Assistant' }).click();
    await page.getByText('Ada · Assistant').waitFor();
    await page.goto(`${app.url}/room/${room.roomId}`);
    await page.getByText(/^Rehearsal: only you and your staff see this/).waitFor();
    await page.getByRole('listitem').getByRole('button', { name: 'Buy' }).click();
    await page.getByRole('button', { name: /^Buy now/ }).click();
    await page.getByText('This order was made in a rehearsal: nothing is sold, nothing is charged.').waitFor();
    expect(await page.getByRole('button', { name: /^Pay/ }).count()).toBe(0);
    await page.goto(`${app.url}/orders`);
    await page.getByText('Rehearsal, nothing is charged').waitFor();
    expect(await page.locator('.order-card .button').count()).toBe(0);
    await page.context().close();
  });

  test('once it is open others see whose turn it is, and who joins may buy at once', async () => {
    const card = flashCard();
    await card.getByText('Fans from level 1 buy first').waitFor({ timeout: 20_000 });
    expect(await card.getByRole('button', { name: 'Buy' }).isDisabled()).toBe(true);

    await vic.page.getByTitle('Mei Lin').click();
    await vic.page.getByRole('button', { name: 'Join the fan club' }).click();
    await vic.page.getByRole('button', { name: 'Close' }).click();
    await host.page.getByText('V*** joined the fan club').waitFor();
    await card.getByText('Your turn').waitFor();
    await card.getByRole('button', { name: 'Buy' }).click();
    await vic.page.getByRole('button', { name: /^Buy now/ }).click();
    await vic.page.getByRole('heading', { name: 'Checkout' }).waitFor();
    await vic.page.keyboard.press('Escape');
  });

  test('a raffle drop is entered from the room', async () => {
    const { page } = await near.visit(`/studio/giveaways/${roomId}`, { session: hostSession });
    await page.getByRole('button', { name: 'New lucky bag' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('tab', { name: 'New raffle drop' }).click();
    await dialog.getByLabel(/^Price for winners/).fill('7.00');
    await dialog.getByLabel('Entry open for, minutes').fill('0.3');
    await dialog.getByLabel('follow you').uncheck();
    await dialog.getByRole('button', { name: 'Publish' }).click();

    await vic.page.getByRole('button', { name: /^Raffle for the right to buy: / }).click();
    await vic.page.getByRole('button', { name: 'Enter', exact: true }).click();
    await vic.page.getByText('You are in').waitFor();
    await vic.page.keyboard.press('Escape');
  });

  test('a cart fills as a guest, outlives a reload and a sign-in, and is ordered as a whole or not at all', async () => {
    const token = hostSession.accessToken;
    const post = async (path: string, body: object) => (await call(app, 'POST', path, { token, body })).body.data;
    const { roomId: stall } = await post('/api/rooms', { title: 'Stall' });
    await post(`/api/rooms/${stall}/start`, {});
    const { offers } = await buyer.request('offer:list', { roomId });
    const sell = async ({ skuId }: { skuId: string }, limitUnits: number): Promise<string> => {
      const terms = { kind: 'cart', priceMinor: 1_000, allotmentUnits: 3, limitUnits, requestKey: newId() };
      const { offerId } = await post(`/api/rooms/${stall}/offers`, { skuId, ...terms });
      await post(`/api/rooms/${stall}/offers/${offerId}/open`, {});
      return offerId;
    };
    await sell(
      offers.find(({ title }) => title.en === 'Teapot')!,
      3,
    );
    const lantern = await sell(
      offers.find(({ title }) => title.en === 'Lantern')!,
      1,
    );
    const email = 'wen@example.test';
    const password = 'correct horse battery';
    const wen = await call(app, 'POST', '/api/session/register', { body: { name: 'Wen', email, password } });
    const bought = { lines: [{ offerId: lantern, units: 1 }], requestKey: newId() };
    const purchases = `/api/rooms/${stall}/purchases`;
    await call(app, 'POST', purchases, { token: wen.body.data.accessToken, body: bought });

    const { page, problems } = await near.visit(`/room/${stall}`, { viewport: phone });
    const dialog = page.getByRole('dialog');
    for (const title of ['Teapot', 'Lantern']) {
      await page.getByRole('button', { name: /^Products,/ }).click();
      await dialog.getByRole('listitem').filter({ hasText: title }).getByRole('button', { name: 'Buy' }).click();
      await dialog.getByRole('button', { name: 'Add to cart' }).click();
      await dialog.getByText(`In your cart: ${title} × 1`).waitFor();
      await page.keyboard.press('Escape');
    }
    await page.reload();
    await page.getByRole('button', { name: 'Your cart, 2 items' }).click();
    await dialog.getByRole('listitem', { name: 'Teapot' }).getByRole('button', { name: 'One more' }).click();
    await dialog.getByText('€30.00').waitFor();

    await dialog.getByRole('button', { name: 'Check out' }).click();
    const signIn = page.getByRole('dialog', { name: 'Sign in' });
    await signIn.getByRole('tab', { name: 'Sign in' }).click();
    await signIn.getByLabel('E-mail').fill(email);
    await signIn.getByLabel('Password').fill(password);
    const drawerOfGuest = await page.locator('.sheet--side').elementHandle();
    await signIn.getByRole('button', { name: 'Sign in' }).click();
    await drawerOfGuest.waitForElementState('hidden');
    await dialog.getByText('€30.00').waitFor();
    await dialog.getByRole('button', { name: 'Check out' }).click();
    await dialog.getByText('No. 2, Lantern: You have as many of it as one person may have. Nothing was').waitFor();
    await call(app, 'POST', `/api/rooms/${stall}/offers/${lantern}/close`, { token, body: {} });
    await dialog.getByRole('listitem', { name: 'Lantern' }).getByText('No longer on sale.').waitFor();
    await dialog.getByRole('button', { name: 'Remove: Lantern' }).click();
    expect(await dialog.getByRole('listitem').count()).toBe(1);

    await dialog.getByRole('button', { name: 'Check out' }).click();
    await page.getByRole('heading', { name: 'Checkout' }).waitFor();
    await page.locator('.order-lines').getByText('× 2').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Your cart, 0 items' }).click();
    await dialog.getByText('Your cart is empty').waitFor();
    expect(problems).toEqual([]);
    await page.context().close();
  });

  test('units of a variant are moved for a reason, and every move is listed', async () => {
    const { page } = await near.visit('/studio/products', { session: hostSession });
    await page.getByRole('button', { name: 'Adjust: Lantern' }).click();
    await page.getByLabel('Units to add').fill('-2');
    await page.getByLabel('Reason').selectOption('Damaged');
    await page.getByLabel('Note').fill('fell off the shelf');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });

    await page.getByRole('button', { name: 'Adjust: Lantern' }).click();
    await page.getByText('What moved the stock').click();
    const moves = page.locator('.movements li');
    await moves.first().waitFor();
    expect(await moves.first().innerText()).toMatch(/^Damaged\s+fell off the shelf\s+[^]*−2\s+\d+ free$/);
    expect(await moves.last().innerText()).toMatch(/^First stock[^]*\+20\s+20 free$/);
    await page.context().close();
  });

  test('an order is sent, delivered and given back in parts, and its buyer sees each step, by whom and why', async () => {
    const orderId = await paidOrder({ units: 2, refundFails: true });
    const { page } = await near.visit('/studio/orders', { session: hostSession });
    const buyerPage = (await near.visit(`/orders/${orderId}`, { session: vicSession })).page;
    await page.getByRole('row', { name: /Paid/ }).getByRole('button', { name: 'Open' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Carrier').fill('Correos');
    await dialog.getByLabel('Tracking number').fill('PX-77');
    await dialog.getByRole('button', { name: 'Mark shipped' }).click();
    await buyerPage.getByText('PX-77').waitFor();
    await dialog.getByRole('button', { name: 'Mark delivered' }).click();
    await buyerPage.getByText('Delivered', { exact: true }).first().waitFor();
    await dialog.getByText('Refund', { exact: true }).first().click();
    await dialog.getByRole('button', { name: 'Refund €20.00' }).waitFor();
    await dialog.getByRole('button', { name: 'One less: Teapot' }).click();
    await dialog.getByLabel('Reason, the buyer sees it').fill('broken on the way');
    await dialog.getByRole('button', { name: 'Refund €10.00', exact: true }).click();
    const question = page.getByRole('dialog', { name: /^Refund €10.00/ });
    await question.getByRole('button', { name: 'Refund', exact: true }).click();
    await dialog.getByText('The payment provider did not give it back.').waitFor({ timeout: 20_000 });
    await dialog.getByRole('button', { name: 'Try again now' }).click();
    await dialog.getByText('Paid out', { exact: true }).waitFor({ timeout: 20_000 });
    const partly = buyerPage.locator('.timeline li', { hasText: 'Part of it refunded' });
    expect(await partly.innerText()).toMatch(/€10\.00\s+[^]*· Shop\s+broken on the way$/);
    await buyerPage.getByText('Teapot × 1').waitFor();
    await dialog.getByLabel('Reason, the buyer sees it').fill('the other one, too');
    await dialog.getByRole('button', { name: 'Refund €10.00', exact: true }).click();
    await question.getByRole('button', { name: 'Refund', exact: true }).click();
    await buyerPage.getByText('Refunded', { exact: true }).first().waitFor({ timeout: 20_000 });
    expect(await dialog.locator('.timeline li').first().innerText()).toMatch(/^Reserved for the buyer[^]*· Vic$/);
  });

  test('the own systems of a shop are told of orders at an address of theirs, and hear again what went wrong', async () => {
    const { page } = await near.visit('/studio/settings', { session: hostSession });
    const panel = page.locator('section.panel', { hasText: 'Webhooks' });
    await panel.getByLabel('Address (https)').fill('ftp://shop.example/');
    await panel.getByRole('button', { name: 'Add the address' }).click();
    await panel.getByRole('alert').waitFor();
    await panel.getByLabel('Address (https)').fill(receiver.url);
    await panel.getByRole('button', { name: 'Add the address' }).click();
    const secret = await panel.locator('.copyable code').textContent();
    await panel.getByRole('button', { name: 'I have it' }).click();

    await paidOrder();
    await eventually(() => receiver.received.length > 0);
    const { headers, body } = receiver.received[0]!;
    expect(() => new Webhook(secret!).verify(body, headers as Record<string, string>)).not.toThrow();
    await panel.getByRole('button', { name: 'Messages' }).click();
    const dialog = page.getByRole('dialog');
    const held = dialog.getByRole('listitem').filter({ hasText: 'Order held' });
    await held.getByText('Delivered', { exact: true }).waitFor({ timeout: 15_000 });
    const before = receiver.received.length;
    await held.getByRole('button', { name: 'Send again' }).click();
    await eventually(() => receiver.received.length > before);
    await page.keyboard.press('Escape');

    await panel.getByRole('button', { name: 'Remove' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await expect.poll(() => panel.getByRole('listitem').count()).toBe(0);
    await page.context().close();
  });

  test('who asks to join is let in or not, by keys, without losing the place', async () => {
    const clubId = hostSession.person.personId;
    const token = hostSession.accessToken;
    await call(app, 'PUT', `/api/fan-clubs/${clubId}`, { token, body: { joinRule: 'approval' } });
    for (const name of ['Uma', 'Wim']) {
      const { accessToken } = await account(app, name);
      await call(app, 'POST', `/api/fan-clubs/${clubId}/join`, { token: accessToken, body: {} });
    }
    const { page } = await near.visit('/studio/fans', { session: hostSession });
    const focused = () => page.evaluate<string>('document.activeElement.textContent');
    await page.getByRole('button', { name: 'Let in' }).first().press('Enter');
    await expect.poll(() => page.getByRole('button', { name: 'Refuse' }).count()).toBe(1);
    await expect.poll(focused).toBe('Asked to join');
    await page.getByRole('button', { name: 'Refuse' }).press('Enter');
    await page.getByText('Nobody is waiting any more.').waitFor();
    await expect.poll(focused).toBe('Asked to join');
    await page.context().close();
  });

  test('whoever won the right to buy uses it from the result', async () => {
    await vic.page.getByRole('button', { name: /^Raffle for the right to buy: / }).click();
    await vic.page.getByText('You won').waitFor({ timeout: 40_000 });
    await vic.page.getByRole('button', { name: 'Buy it now' }).click();
    await vic.page.getByRole('button', { name: /^Buy now · €7\.00/ }).click();
    await vic.page.getByRole('heading', { name: 'Checkout' }).waitFor();
    await vic.page.keyboard.press('Escape');

    // The browser kept the receipt and the fingerprint of the rules: the check holds the document to both, unasked.
    await vic.page.getByRole('button', { name: /^Raffle for the right to buy: / }).click();
    await vic.page.getByText('How it is drawn').click();
    const fingerprint = await vic.page.locator('.fingerprint').textContent();
    const address = await vic.page.getByRole('link', { name: 'Check the draw' }).getAttribute('href');
    const verify = await vic.page.context().newPage();
    await verify.goto(new URL(address!, vic.page.url()).href);
    await verify.getByText('Everything is right').waitFor();
    await verify.getByRole('heading', { name: 'Your receipt' }).waitFor();
    expect(await verify.locator('.fingerprint').textContent()).toBe(fingerprint);
    expect(await verify.getByText('The rules are those that this browser saw in the room').count()).toBe(1);
    await verify.close();
    await vic.page.keyboard.press('Escape');
  });

  test('a message disappears for everybody, a mute is told, and a ban ends the visit', async () => {
    await say(vic, 'delete me please');
    await actOn('delete me please', 'Delete');
    await expect.poll(() => vic.page.locator('.line', { hasText: 'delete me please' }).count()).toBe(0);

    const hold = (how: string) =>
      call(app, 'PATCH', `/api/rooms/${roomId}/chat`, { token: hostSession.accessToken, body: { hold: how } });
    await hold('all');
    await say(vic, 'let me through');
    await vic.page.getByText('Waits for a moderator: “let me through”').waitFor();
    await host.page.getByRole('button', { name: /^Moderation/ }).click();
    await host.page.getByRole('button', { name: 'Delete', exact: true }).click();
    await vic.page.getByText('A moderator did not let this through: “let me through”').last().waitFor();
    expect(await vic.page.getByText('Waits for a moderator: “let me through”').count()).toBe(0);
    await host.page.keyboard.press('Escape');
    await hold('none');

    await say(vic, 'mute me please');
    await actOn('mute me please', 'Mute 10 min');
    await expect
      .poll(async () => {
        await say(vic, `still here ${newId()}`);
        return vic.page.getByText(/^You are muted for another \d+:\d\d\.$/).count();
      })
      .toBeGreaterThan(0);
    // A sentence said by a button is refused like any other, and says so where it can be read: over the open bag.
    await vic.page.getByRole('button', { name: /^Products,/ }).click();
    const bag = vic.page.getByRole('dialog');
    await bag.getByRole('button', { name: 'Ask about it' }).first().click();
    await bag.getByText(/^You are muted for another/).waitFor();
    await vic.page.keyboard.press('Escape');

    const restrict = host.page.getByRole('dialog', { name: 'Restrict Vic' });
    await actOn('mute me please', 'Restrict');
    await restrict.getByLabel('What', { exact: true }).selectOption({ label: 'Put out for a minute' });
    await restrict.getByLabel('Reason').fill('cool down');
    await restrict.getByRole('button', { name: 'Put out for a minute' }).click();
    await vic.page.getByText('Reason: cool down').waitFor();
    await expect.poll(() => host.page.evaluate('document.activeElement.textContent')).toBe('Chat');
    await vic.page.getByText(/You may come back in 0:\d\d/).waitFor();
    await vic.page.getByRole('button', { name: 'Enter again' }).click();
    await vic.page.getByRole('alert').getByText('Not yet.').waitFor();

    await host.page.getByRole('button', { name: 'Moderation' }).click();
    await host.page.getByText('cool down').waitFor();
    await host.page.getByRole('button', { name: 'Lift what stands against Vic' }).first().click();
    await expect.poll(() => host.page.getByText('cool down').count()).toBe(0);
    await host.page.keyboard.press('Escape');
    await vic.page.getByRole('button', { name: 'Enter again' }).click();
    await vic.page.getByRole('button', { name: /^Products,/ }).waitFor();

    await actOn('mute me please', 'Restrict');
    await restrict.getByLabel('What', { exact: true }).selectOption({ label: 'Ban' });
    await restrict.getByRole('button', { name: 'Ban' }).click();
    await vic.page.getByText('You are banned from this room.').waitFor();
    await expect.poll(() => host.page.getByText('mute me please').count()).toBe(0);
  });

  test('more shows than one page has are found behind it', async () => {
    const many = `
      INSERT INTO rooms (room_id, kind, host_id, title, state, started_at)
      SELECT gen_random_uuid(), 'show', $1, 'One of many', 'live', now() FROM generate_series(1, 120)`;
    await app.platform.db.query(many, [hostSession.person.personId]);
    const { page, problems } = await near.visit('/', { session: vicSession, viewport: phone });
    const shows = page.locator('.room-card', { hasText: 'One of many' });
    await page.getByRole('button', { name: 'Show more' }).click();

    await expect.poll(() => shows.count()).toBe(120);
    expect(await page.getByRole('button', { name: 'Show more' }).count()).toBe(0);
    expect(problems).toEqual([]);
    await page.context().close();
  });

  test('no page had an error', () => {
    for (const { problems } of [host, vic]) expect(problems).toEqual([]);
  });

  async function heldOrder(units = 1): Promise<HeldOrder> {
    const { offers } = await buyer.request('offer:list', { roomId });
    const { offerId, priceMinor } = offers.find(({ kind }) => kind === 'cart')!;
    const lines = [{ offerId, units, priceMinor }];
    const bought = await buyer.request('offer:buy', { roomId, lines, requestKey: newId() });
    if (bought.outcome !== 'held') throw new Error(`not held: ${bought.outcome}`);
    return bought.order;
  }

  /** Bought, paid and addressed as another client of the platform would. */
  async function paidOrder({ units = 1, refundFails = false } = {}): Promise<string> {
    const { orderId } = await heldOrder(units);
    const home = { recipient: 'Vic', phone: '+34 600 000 000', country: 'ES', city: 'Madrid', street: 'Calle Mayor 1' };
    const { addressId } = await buyer.request('address:add', { ...home, requestKey: newId() });
    await buyer.request('order:choose-delivery', { orderId, addressId, rateId: null });
    const started = await buyer.request('payment:start', { orderId });
    if (started.outcome !== 'started') throw new Error(`payment not started: ${started.outcome}`);
    const body = new URLSearchParams({ choice: 'pay', delaySeconds: '0', ...(refundFails && { refundFails: 'yes' }) });
    await fetch(new URL(started.payment.payUrl!, app.url), { method: 'POST', body, redirect: 'manual' });
    return orderId;
  }
});

/** What of the talk lies below what is seen of it, px. */
const belowTheLines = `(() => {
  const { scrollHeight, scrollTop, clientHeight } = document.querySelector('.chat__lines');
  return scrollHeight - scrollTop - clientHeight;
})()`;
