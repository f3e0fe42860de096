import type { Locator, Page, WebSocketRoute } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { App } from '../../server/app/app.ts';
import type { Session } from '../../shared/protocol/session.ts';
import { data } from '../payments/till.ts';
import { buyPatiently, hold, letExpire, newKey, openOffer, openShopFloor, type ShopFloor } from '../sale/shop-floor.ts';
import { account, call, freshStores, openSocket, send, startTestApp } from '../support/app.ts';
import { eventually } from '../support/eventually.ts';
import { desk, openBrowsers, phone, type Browsers, type PersonOptions } from './support/pages.ts';

/** Each account of the tests has it. */
const password = 'correct horse battery';
const tenMinutesMs = 600_000;

// What goes wrong around a person: a wrong clock, a session that ends, an answer that is lost, a show that is over too soon.
describe('trouble on the pages, and the way out of it', { timeout: 60_000 }, () => {
  let app: App;
  let browsers: Browsers;
  let floor: ShopFloor;
  let open: Page[] = [];
  /** How far the clock of the server is ahead of ours. */
  let aheadMs = 0;

  beforeAll(async () => {
    app = await startTestApp(await freshStores(), {
      nowMs: () => Date.now() + aheadMs,
      fetchBeacon: async () => null,
    });
    browsers = await openBrowsers(app);
    floor = await openShopFloor(app);
    const hostId = floor.host.person.personId;
    await data(app, 'PUT', `/api/fan-clubs/${hostId}`, floor.token, { joinRule: 'open' });
    const rate = { freeFromMinor: null, countries: [] };
    const rates = [
      { ...rate, name: { en: 'Standard', zh: '标准配送' }, feeMinor: 390 },
      { ...rate, name: { en: 'Express', zh: '次日达' }, feeMinor: 990 },
    ];
    await data(app, 'PUT', `/api/shops/${hostId}/shipping`, floor.token, { rates });
  }, 120_000);
  afterAll(async () => {
    await browsers.close();
    await app.close();
  });
  afterEach(async ({ task }) => {
    for (const [index, page] of open.entries()) {
      if (task.result?.state === 'fail')
        await page.screenshot({ path: `.nightmarket/failed-pages/trouble-${index}.png` });
      await page.context().close();
    }
    open = [];
  });

  async function visit(path: string, options: PersonOptions): Promise<Page> {
    const { page } = await browsers.visit(path, options);
    open.push(page);
    return page;
  }
  const ordersOf = async ({ accessToken }: Session) =>
    (await data(app, 'GET', '/api/orders', accessToken)).orders as { orderId: string; lines: { units: number }[] }[];
  const close = (offerId: string) =>
    data(app, 'POST', `/api/rooms/${floor.roomId}/offers/${offerId}/close`, floor.token, {});
  async function fillAddress(within: Locator): Promise<void> {
    await within.getByLabel('Name of the recipient').fill('Wim <b>Wenders</b> 👋');
    await within.getByLabel('Phone').fill('+49 30 1');
    await within.getByLabel('Street and number').fill('Linienstraße 1');
    await within.getByLabel('City').fill('Berlin');
    await within.getByLabel('Country').selectOption('DE');
    await within.getByRole('button', { name: 'Use this address' }).click();
  }
  const room = () => `/room/${floor.roomId}`;
  const roomPath = () => `/api/rooms/${floor.roomId}`;
  /** Accounts made by `account` are found again by their number. */
  async function signInWith(page: Page, email: string): Promise<void> {
    const dialog = page.getByRole('dialog').filter({ hasText: 'Password' });
    await dialog.getByRole('tab', { name: 'Sign in' }).click();
    await dialog.getByLabel('E-mail').fill(email);
    await dialog.getByLabel('Password').fill(password);
    await dialog.getByRole('button', { name: 'Sign in' }).click();
  }
  async function knownAccount(name: string): Promise<{ session: Session; email: string }> {
    const email = `${name.toLowerCase()}@trouble.test`;
    return { session: await data(app, 'POST', '/api/session/register', '', { name, email, password }), email };
  }

  test('a guest who signs in to an account while buying has bought nothing yet, and presses again in the open sheet', async () => {
    const { offerId } = await openOffer(app, floor, { limitUnits: 5, allotmentUnits: 3 });
    const { session, email } = await knownAccount('Nora');
    const page = await visit(room(), { viewport: phone });
    await page.getByRole('button', { name: /^Products,/ }).click();
    await page.getByRole('button', { name: 'Buy', exact: true }).click();
    // Three are left: no more can be asked for, and the page says why.
    for (let press = 0; press < 2; press++) await page.getByRole('button', { name: 'One more' }).click();
    await page.getByText('Only 3 left').waitFor();
    expect(await page.getByRole('button', { name: 'One more' }).isDisabled()).toBe(true);
    await page.getByRole('button', { name: 'One less' }).click();
    await page.getByRole('button', { name: /^Buy now/ }).click();
    await signInWith(page, email);

    await page.getByText('You are signed in as Nora. Press once more to go on.').waitFor();
    await page.getByRole('button', { name: /^Buy now/ }).waitFor();
    expect(await ordersOf(session)).toEqual([]);
    await page.getByRole('button', { name: /^Buy now/ }).click();
    await page.getByRole('heading', { name: 'Checkout' }).waitFor();
    expect(await ordersOf(session)).toHaveLength(1);
    // Who looks at something else before the address is there has not typed for nothing.
    await page.getByLabel('Phone').waitFor();
    await page.evaluate(fillsAtOnce);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Leave the room' }).click();
    await page.getByRole('link', { name: 'Orders' }).click();
    await page.getByRole('main').getByRole('link', { name: /Pay/ }).first().click();
    await expect.poll(() => page.getByLabel('Name of the recipient').inputValue()).toBe('Nora');
    expect(await page.getByLabel('Phone').inputValue()).toBe('+1 2');
    await fillAddress(page.getByRole('main'));
    await page.getByRole('button', { name: /^Pay €10\.90/ }).waitFor();
    // Another address is begun, and called off: the ways of this one are there again.
    await page.getByRole('button', { name: 'Add an address' }).click();
    await page.getByRole('button', { name: 'Cancel', exact: true }).click();
    await page.getByLabel('Delivery', { exact: true }).selectOption('Express · €9.90');
    await page.getByRole('button', { name: /^Pay €16\.90/ }).waitFor();
    // Who corrects the street has not taken back how it is sent.
    await page.getByRole('button', { name: 'Edit', exact: true }).click();
    await page.getByLabel('Street and number').fill('Linienstraße 2');
    await page.getByRole('button', { name: 'Use this address' }).click();
    await page.locator('.delivery__to').getByText('Linienstraße 2').waitFor();
    await page.getByRole('button', { name: /^Pay €16\.90/ }).waitFor();
    await close(offerId);
  });

  test('a guest who registers while buying has bought with that one press', async () => {
    const { offerId } = await openOffer(app, floor, { allotmentUnits: 1 });
    const page = await visit(room(), { viewport: phone });
    await page.getByRole('button', { name: /^Products,/ }).waitFor();
    // A guest by now: who asks to sign in finds that first, and who buys finds the new account.
    await page.goto(`${app.url}/orders`);
    await page.getByRole('main').getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('tab', { name: 'Sign in', selected: true }).waitFor();
    await page.goto(app.url + room());
    await page.getByRole('button', { name: /^Products,/ }).click();
    await page.getByRole('button', { name: 'Buy', exact: true }).click();
    await page.getByRole('button', { name: /^Buy now/ }).click();
    const dialog = page.getByRole('dialog').filter({ hasText: 'Password' });
    await dialog.getByLabel('E-mail').fill('rosa');
    await dialog.getByLabel('Password').fill('short');
    await dialog.getByRole('button', { name: 'Make an account' }).click();
    await dialog.getByText('Write it like name@example.com').waitFor();
    expect(await dialog.getByLabel('Password').getAttribute('aria-invalid')).toBe('true');
    await dialog.getByLabel('E-mail').fill('rosa@trouble.test');
    await dialog.getByLabel('Password').fill(password);
    await dialog.getByRole('button', { name: 'Make an account' }).click();

    await page.getByRole('heading', { name: 'Checkout' }).waitFor();
    await close(offerId);
  });

  test('a purchase whose answer is lost is finished after a reload: one order', async () => {
    const { offerId } = await openOffer(app, floor, { limitUnits: 5 });
    const session = await account(app);
    const page = await visit('/sign-in', { session, viewport: phone });
    let isLosing = true;
    let letGo: (() => void) | undefined;
    let cuts = 0;
    await page.routeWebSocket(/socket\.io/, (socket) => {
      const server = socket.connectToServer();
      server.onMessage((message) => {
        if (!(isLosing && String(message).includes('"outcome":"held"'))) socket.send(message);
      });
      socket.onMessage((message) => {
        if (String(message).includes('"order:choose-delivery"')) return void (letGo = () => server.send(message));
        server.send(message);
        // The line breaks between the press and its answer.
        if (String(message).includes('"payment:start"') && cuts++ === 0) void socket.close();
      });
    });
    await page.goto(app.url + room());
    await page.getByRole('button', { name: /^Products,/ }).click();
    await page.getByRole('button', { name: 'Buy', exact: true }).click();
    await page.getByRole('button', { name: /^Buy now/ }).click();
    await page.getByText('The server is busy. Trying again for you.').waitFor();
    await expect.poll(() => ordersOf(session)).toHaveLength(1);

    isLosing = false;
    await page.reload();
    await page.getByRole('button', { name: /^Products,/ }).click();
    await page.getByRole('button', { name: 'Buy', exact: true }).click();
    await page.getByText('Sending the same order again is safe.').waitFor();
    await page.getByRole('button', { name: 'One more' }).click();
    await page.getByRole('button', { name: /^Buy now · €7\.00/ }).click();
    await page.getByRole('heading', { name: 'Checkout' }).waitFor();
    const orders = await ordersOf(session);
    expect(orders.map(({ lines }) => lines.map(({ units }) => units))).toEqual([[1]]);

    // What is chosen and not there yet is not paid for: the order would go to the place before it.
    await fillAddress(page.getByRole('dialog'));
    await eventually(() => letGo !== undefined);
    expect(await page.getByRole('button', { name: /^Pay/ }).isDisabled()).toBe(true);
    letGo!();
    const pay = page.getByRole('button', { name: /^Pay €10\.90/ }).and(page.locator(':enabled'));
    await pay.click();
    await page.waitForURL((url) => !url.pathname.startsWith('/room/'));
    expect(cuts).toBe(2);
    const [order] = await ordersOf(session);
    const { payments } = await data(app, 'GET', `/api/orders/${order!.orderId}/payments`, session.accessToken);
    expect(payments).toHaveLength(1);

    // Put out of the room in the middle of it, one still finds the way to what is held.
    await page.goto(app.url + room());
    await page.getByRole('button', { name: 'Pay', exact: true }).click();
    await pay.waitFor();
    const ban = { personId: session.person.personId, kind: 'ban' };
    await data(app, 'POST', `${roomPath()}/sanctions`, floor.token, ban);
    await page.getByText('You are banned from this room.').waitFor();
    await page.getByRole('alert').filter({ hasText: 'is reserved for you' }).getByRole('button').first().click();
    await pay.waitFor();
    await close(offerId);
  });

  test('a clock ten minutes off: deadlines are the server’s; signing out and in again works without a reload', async () => {
    const { offerId } = await openOffer(app, floor, { limitUnits: 5 });
    const { session, email } = await knownAccount('Otto');
    await data(app, 'POST', `/api/rooms/${floor.roomId}/purchases`, session.accessToken, {
      lines: [{ offerId, units: 1 }],
      requestKey: newKey(),
    });
    const page = await visit('/sign-in', { session });
    await page.addInitScript((ms) => {
      const now = Date.now.bind(Date);
      Date.now = () => now() - ms;
    }, tenMinutesMs);
    await page.goto(`${app.url}/orders`);
    await page.getByRole('timer').waitFor();
    // Twenty-five minutes would be shown by the clock of this machine.
    expect(minutesIn(await page.getByRole('timer').textContent())).toBeLessThan(16);

    await page.locator('.who summary').click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('main').getByRole('button', { name: 'Sign in' }).click();
    await signInWith(page, email);
    await page.getByRole('timer').waitFor();

    // Somebody ends all sessions of this person, on another machine.
    const other = await data(app, 'POST', '/api/session/sign-in', '', { email, password });
    await data(app, 'POST', '/api/session/sign-out', other.accessToken, { everywhere: true });
    const ended = page.getByRole('alert').filter({ hasText: 'You were signed out. Sign in again.' });
    await ended.getByRole('button', { name: 'Sign in' }).click();
    await signInWith(page, email);
    await page.getByRole('timer').waitFor();
    await ended.waitFor({ state: 'hidden' });
    await close(offerId);
  });

  test('a sale of more than there is can be mended in its form; an amount that could be two things is not sent', async () => {
    const token = floor.token;
    const { offerId } = await openOffer(app, floor, { allotmentUnits: 1 });
    const page = await visit(`/studio/live/${floor.roomId}`, { session: floor.host, viewport: desk });
    await page.getByRole('button', { name: 'Flash sale' }).last().click();
    const form = page.getByRole('dialog');
    await form.getByText(/^[\d,]+ free in stock$/).waitFor();
    await form.getByLabel('Units').fill('5000');
    await form.getByLabel('Countdown, seconds').fill('10');
    const price = form.getByLabel('Price (EUR)', { exact: true });
    await price.fill('1.234');
    await form.getByText('Write it like 1234.50').waitFor();
    await form.getByRole('button', { name: 'Start the countdown' }).click();
    expect(await page.locator('dialog input:invalid').count()).toBe(1);
    await price.fill('5,5');
    await form.getByText('€5.50').waitFor();
    await form.getByRole('button', { name: 'Start the countdown' }).click();
    await form.getByRole('alert').waitFor();
    await form.getByLabel('Units').fill('3');
    await form.getByRole('button', { name: 'Start the countdown' }).click();
    await form.waitFor({ state: 'hidden' });

    const { offers } = await data(app, 'GET', `/api/rooms/${floor.roomId}/offers`, token);
    const flashes = offers.filter(
      ({ kind, state }: { kind: string; state: string }) => kind === 'flash' && state !== 'ended',
    );
    expect(flashes).toMatchObject([{ priceMinor: 550, allotmentUnits: 3 }]);

    // Somebody of the staff sets another price while the form is open: it stays, because nobody touched it here.
    const item = page.getByRole('listitem').filter({ hasText: '€7.00', hasNotText: '€5.50' });
    await item.getByRole('button', { name: 'Change', exact: true }).click();
    await form.getByLabel('Units').fill('2');
    await data(app, 'PATCH', `/api/rooms/${floor.roomId}/offers/${offerId}`, token, { priceMinor: 650 });
    await page.locator('.running-item', { hasText: '€6.50' }).waitFor();
    await form.getByRole('button', { name: 'Save' }).click();
    await form.waitFor({ state: 'hidden' });
    const after = await data(app, 'GET', `/api/rooms/${floor.roomId}/offers`, token);
    expect(after.offers.find((one: { offerId: string }) => one.offerId === offerId)).toMatchObject({
      priceMinor: 650,
      allotmentUnits: 2,
    });

    // Of a term that both change, the second one to save is told of the first.
    await page
      .getByRole('listitem')
      .filter({ hasText: '€6.50' })
      .getByRole('button', { name: 'Change', exact: true })
      .click();
    await price.fill('6');
    await data(app, 'PATCH', `/api/rooms/${floor.roomId}/offers/${offerId}`, token, { priceMinor: 620 });
    await page.locator('.running-item', { hasText: '€6.20' }).waitFor();
    await form.getByRole('button', { name: 'Save' }).click();
    await form.getByText('Somebody has set this meanwhile: Price 6.20.').waitFor();
    await form.getByRole('button', { name: 'Save' }).click();
    await form.waitFor({ state: 'hidden' });
    await page.locator('.running-item', { hasText: '€6.00' }).waitFor();
    await close(offerId);

    // Pressed twice before it is answered, it is one wish.
    await page.evaluate(keepSent);
    await page.getByRole('button', { name: 'Repeat' }).first().evaluate(pressTwice);
    const keys = () =>
      page.evaluate<string[]>(
        `sent.map((text) => /"offer:repeat".*"requestKey":"([^"]+)"/.exec(text)?.[1]).filter(Boolean)`,
      );
    await expect.poll(keys).toHaveLength(2);
    expect(new Set(await keys()).size).toBe(1);
  });

  test('refusals are said plainly, and a place on the waiting list outlives the sheet', async () => {
    const [lamp, rare, last] = [
      await openOffer(app, floor, { limitUnits: 1, priceMinor: 711 }),
      await openOffer(app, floor, { limitUnits: 1, allotmentUnits: 1, priceMinor: 722 }),
      await openOffer(app, floor, { limitUnits: 1, allotmentUnits: 1, priceMinor: 733 }),
    ];
    const [gil, fay] = [await account(app, 'Gil'), await account(app, 'Fay')];
    await buyPatiently(app, floor, gil, { offerId: lamp.offerId, units: 1 });
    await buyPatiently(app, floor, fay, { offerId: rare.offerId, units: 1 });
    const page = await visit('/sign-in', { session: gil, viewport: phone });
    let isDeaf = false;
    let socket: WebSocketRoute | undefined;
    await page.routeWebSocket(/socket\.io/, (near) => {
      socket = near;
      const far = near.connectToServer();
      // Answers come, news do not.
      far.onMessage((message) => (isDeaf && !String(message).startsWith('43') ? undefined : near.send(message)));
    });
    await page.goto(app.url + room());
    const look = async (price: string, name: string) => {
      await page.getByRole('button', { name: /^Products,/ }).click();
      const item = page.getByRole('dialog').getByRole('listitem').filter({ hasText: price });
      await item.getByRole('button', { name, exact: true }).click();
    };
    await look('€7.11', 'Buy');
    await page.getByRole('button', { name: /^Buy now/ }).click();
    await page.getByText('You have as many of it as one person may have.').waitFor();
    await page.getByRole('button', { name: 'Close' }).click();

    await look('€7.33', 'Buy');
    isDeaf = true;
    const { orderId } = await hold(app, floor, fay, { offerId: last.offerId, units: 1 });
    await page.getByRole('button', { name: /^Buy now/ }).click();
    await page.getByText('Sold out. Nothing was charged.').waitFor();
    isDeaf = false;
    await page.getByRole('button', { name: 'Close' }).click();

    await look('€7.22', 'Sold out');
    // By keys: the button that takes its place has the focus.
    await page.getByRole('button', { name: 'Join the waiting list' }).press('Enter');
    await page.getByText('You are no. 1 on the waiting list.').waitFor();
    await expect.poll(() => page.evaluate('document.activeElement.textContent')).toBe('Leave the list');
    await page.getByRole('button', { name: 'Close' }).click();
    await look('€7.22', 'Sold out');
    await page.getByText('You are no. 1 on the waiting list.').waitFor();
    await page.getByRole('button', { name: 'Leave the list' }).click();
    await page.getByText('You are no longer on the waiting list.').waitFor();
    await page.getByRole('button', { name: 'Join the waiting list' }).click();
    await page.getByText('You are no. 1 on the waiting list.').waitFor();
    await close(rare.offerId);
    await page.getByText('The sale you waited for is over, and nothing was left for you.').waitFor();
    await page.getByRole('button', { name: 'Close' }).click();

    // A unit is held for him while he hears nothing; when he is back, his time to pay runs already.
    await look('€7.33', 'Sold out');
    await page.getByRole('button', { name: 'Join the waiting list' }).click();
    await page.getByText('You are no. 1 on the waiting list.').waitFor();
    await page.getByRole('button', { name: 'Close' }).click();
    isDeaf = true;
    await data(app, 'POST', `/api/orders/${orderId}/cancel`, fay.accessToken, {});
    await eventually(async () => (await ordersOf(gil)).length === 2);
    isDeaf = false;
    await socket!.close();
    await page.getByText('A unit you waited for is yours. Pay to keep it.').waitFor();
    await page.getByRole('heading', { name: 'Checkout' }).waitFor();
    // What has to be paid is seen in the room whatever became of the sheet.
    await page.reload();
    await page.getByText('You have an order to pay:').waitFor();
    // An invitation on camera does not lie on it.
    const hostSocket = await openSocket(app, floor.host);
    const guest = { roomId: floor.roomId, personId: gil.person.personId };
    expect(await send(hostSocket, 'media:invite', guest)).toMatchObject({ data: { outcome: 'invited' } });
    hostSocket.close();
    await page.getByText('invites you on camera').waitFor();
    await page.getByRole('button', { name: 'Pay', exact: true }).click();
    await page.getByRole('heading', { name: 'Checkout' }).waitFor();
    await close(lamp.offerId);
    await close(last.offerId);
  });

  test('who is served from the waiting list on another page is told there, also when they come back later', async () => {
    const [owner, waiter] = [await account(app), await account(app, 'Wanda')];
    const { offerId } = await openOffer(app, floor, { allotmentUnits: 1 });
    const page = await visit('/', { session: waiter, viewport: phone });
    const given = async (): Promise<string> => {
      const { orderId } = await hold(app, floor, owner, { offerId, units: 1 });
      const line = `/api/rooms/${floor.roomId}/offers/${offerId}/wait`;
      expect(await data(app, 'POST', line, waiter.accessToken, { units: 1 })).toMatchObject({ outcome: 'waiting' });
      await data(app, 'POST', `/api/orders/${orderId}/cancel`, owner.accessToken, {});
      return orderId;
    };
    const bar = page.getByRole('alert').filter({ hasText: 'Time to pay:' });

    // A page that was not connected yet finds it among the orders.
    await given();
    await bar.waitFor();
    expect(await page.evaluate(isUnderBar)).toBe(false);
    await page.reload();
    await bar.filter({ hasText: 'is reserved for you' }).getByRole('button', { name: 'Pay' }).click();
    await page.getByRole('heading', { name: 'Order' }).first().waitFor();
    expect(await bar.count()).toBe(0);
    await page.goto(app.url);
    await bar.waitFor();
    const [order] = await ordersOf(waiter);
    await data(app, 'POST', `/api/orders/${order!.orderId}/cancel`, waiter.accessToken, {});
    await bar.waitFor({ state: 'hidden' });

    await given();
    await bar.filter({ hasText: 'which you waited for, is yours' }).waitFor();
    await bar.getByRole('button', { name: 'Put this away' }).click();
    await bar.waitFor({ state: 'hidden' });
    await close(offerId);
  });

  test('what an order held that ran out is back in the cart, and the page says so once; an address marks what was refused', async () => {
    const session = await account(app, 'Cleo');
    const { offerId } = await openOffer(app, floor, { allotmentUnits: 3, limitUnits: 3 });
    await data(app, 'PUT', `${roomPath()}/cart/${offerId}`, session.accessToken, { units: 2 });
    const page = await visit(room(), { session, viewport: phone });
    await page.getByRole('button', { name: 'Your cart, 1 item' }).waitFor();
    const { orderId } = await hold(app, floor, session, { offerId, units: 2 });
    await page.reload();
    await page.getByText('You have an order to pay:').waitFor();
    await expect.poll(() => page.getByRole('button', { name: /^Your cart/ }).count()).toBe(0);

    await page.getByRole('button', { name: 'Pay', exact: true }).click();
    await page.getByLabel('Name of the recipient').fill('Cleo');
    const phoneField = page.getByLabel('Phone');
    await phoneField.fill('\u200b\u200b\u200b\u200b');
    await page.getByLabel('Street and number').fill('Linienstraße 1');
    await page.getByLabel('City').fill('Berlin');
    await page.getByRole('button', { name: 'Use this address' }).click();
    await expect.poll(() => phoneField.getAttribute('aria-invalid')).toBe('true');
    expect(await phoneField.evaluate('document.activeElement.getAttribute("autocomplete")')).toBe('tel');
    await phoneField.fill('+49 30 1');
    expect(await phoneField.getAttribute('aria-invalid')).toBe('false');
    await page.getByRole('button', { name: 'Use this address' }).click();
    await page.getByRole('button', { name: /^Pay €/ }).waitFor();
    await page.keyboard.press('Escape');

    await letExpire(app, orderId);
    await page.getByText('What you ordered is back in your cart.').waitFor();
    await page.getByRole('button', { name: 'Your cart, 1 item' }).waitFor();
    await close(offerId);
  });

  test('a fan shares the show, and sees what they say though no frame brings it; fading points are told; an old page says what helps', async () => {
    const session = await account(app, 'Fay');
    const clubId = floor.host.person.personId;
    await data(app, 'POST', `/api/fan-clubs/${clubId}/join`, session.accessToken, {});
    // She was warned while she was away.
    const decaysAtMs = Date.now() + 86_400_000;
    await app.platform.db.query(
      'UPDATE fan_memberships SET points = 1240, decays_at = to_timestamp($2::float8 / 1000) WHERE person_id = $1',
      [session.person.personId, decaysAtMs],
    );
    const page = await visit('/sign-in', { session, viewport: phone });
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    let socket: WebSocketRoute | undefined;
    let isDeaf = false;
    const stranded = new Set<WebSocketRoute>();
    await page.routeWebSocket(/socket\.io/, (opened) => {
      socket = opened;
      opened.connectToServer().onMessage((message) => {
        if (stranded.has(opened)) return;
        if (!isDeaf || !String(message).startsWith('42["room:frame"')) opened.send(message);
      });
    });
    await page.goto(app.url + room());
    const sinking = (points: string) =>
      page.getByRole('alert').filter({ hasText: `${points} points begin to sink on` });
    await sinking('1,240').getByRole('button', { name: 'Put this away' }).click();
    await sinking('1,240').waitFor({ state: 'hidden' });
    await page.getByRole('button', { name: 'Share this show' }).click();
    await page.getByText('Shared. It counts for your fan points.').waitFor();
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(app.url + room());

    // In a great crowd it comes in no frame: one's own is shown from the answer.
    isDeaf = true;
    await page.getByLabel('Say something').fill('Does anybody hear me?');
    await page.keyboard.press('Enter');
    await page.getByText('Does anybody hear me?').waitFor();
    isDeaf = false;

    // In a pocket the network took the connection along without a word: who looks at the page again is not kept waiting.
    stranded.add(socket!);
    const meanwhile = { text: 'Said while you were away', requestKey: newKey() };
    await data(app, 'POST', `${roomPath()}/chat`, floor.token, meanwhile);
    await page.evaluate(`document.dispatchEvent(new Event('visibilitychange'))`);
    await page.getByText(meanwhile.text).waitFor({ timeout: 15_000 });

    // What is answered may be deleted meanwhile.
    const said = await data(app, 'POST', `${roomPath()}/chat`, floor.token, { text: 'A slip', requestKey: newKey() });
    await page.getByRole('button', { name: 'A slip' }).click();
    await page.getByText('Replying to Hana').waitFor();
    await data(app, 'DELETE', `${roomPath()}/chat/${said.message.messageId}`, floor.token);
    await page.getByText('The message you were answering was deleted.').waitFor();
    expect(await page.getByText('Replying to Hana').count()).toBe(0);

    // Put away once it is not told again; what comes the next day is.
    const fading = { clubId, hostName: 'Hana', points: 1_240, decaysAtMs };
    const nextDay = { ...fading, points: 1_178, decaysAtMs: decaysAtMs + 86_400_000 };
    for (const notice of [fading, nextDay]) socket!.send(`42${JSON.stringify(['fan-club:decaying', notice])}`);
    await sinking('1,178').waitFor();
    expect(await sinking('1,240').count()).toBe(0);

    await page.routeWebSocket(/socket\.io/, (opened) => {
      opened.send('0{"sid":"old","upgrades":[],"pingInterval":20000,"pingTimeout":20000,"maxPayload":100000}');
      opened.onMessage((text) => {
        if (String(text).startsWith('40')) opened.send('44{"message":"refused","data":{"code":"UPGRADE_REQUIRED"}}');
      });
    });
    await page.reload();
    const old = page.getByRole('alert').filter({ hasText: 'There is a new version. Reload the page.' });
    await old.getByRole('button', { name: 'Reload' }).waitFor();
    expect(await page.getByText('Connection lost. Reconnecting.').count()).toBe(0);
  });

  test('who signs out while their session is being renewed stays signed out, and the session has ended', async () => {
    const session = await account(app);
    const page = await visit('/orders', {
      session: { ...session, accessExpiresAtMs: Date.now() },
      script: holdRenewal,
    });
    await expect.poll(() => page.evaluate('typeof letGo')).toBe('function');
    await page.locator('.who summary').click();
    await page.getByRole('button', { name: 'Sign out' }).click();

    // The way to the server and back is longer than an answer takes that is there already.
    const kept = await page.evaluate(`(letGo(), fetch('/healthz').then(() => localStorage.getItem('nm:session')))`);
    expect(kept).toBeNull();
    await page.getByRole('main').getByRole('button', { name: 'Sign in' }).waitFor();
    await expect
      .poll(async () => (await call(app, 'GET', '/api/orders', { token: session.accessToken })).status)
      .toBe(401);
  });

  test('who signs out in one tab is signed out in all of them, also when the server does not hear of it', async () => {
    const session = await account(app);
    // This tab renews the session, and so has written it itself.
    const accessExpiresAtMs = Date.now();
    const hostId = floor.host.person.personId;
    await data(app, 'PUT', `/api/hosts/${hostId}/follow`, session.accessToken, {});
    const coming = { title: 'Next week', scheduledAtMs: Date.now() + 7 * 86_400_000 };
    const { roomId: comingId } = await data(app, 'POST', '/api/rooms', floor.token, coming);
    await data(app, 'PUT', `/api/rooms/${comingId}/bell`, session.accessToken, { on: true });
    const { offerId } = await openOffer(app, floor);
    const { orderId } = await hold(app, floor, session, { offerId, units: 1 });
    const page = await visit('/', { session: { ...session, accessExpiresAtMs } });
    const keptUntilMs = () => page.evaluate(`JSON.parse(localStorage.getItem('nm:session')).accessExpiresAtMs`);
    await expect.poll(keptUntilMs).toBeGreaterThan(accessExpiresAtMs);
    const { name } = floor.host.person;
    await page.getByRole('button', { name: `Following ${name}` }).waitFor();
    const bell = page.getByRole('listitem').filter({ hasText: coming.title });
    await bell.getByRole('button', { name: 'You will be reminded' }).waitFor();
    const order = await page.context().newPage();
    await order.goto(`${app.url}/orders/${orderId}`);
    await order.locator('.checkout').waitFor();
    await page.context().route('**/api/session/sign-out', (route) => route.abort());
    const other = await page.context().newPage();
    await other.goto(`${app.url}/orders`);
    await other.locator('.who summary').click();
    await other.getByRole('button', { name: 'Sign out' }).click();

    await other.getByRole('main').getByRole('button', { name: 'Sign in' }).waitFor();
    await page.getByRole('link', { name: 'Sign in' }).waitFor();
    // What the one before followed, waits for and bought is not theirs who come next.
    await page.getByRole('button', { name: `Follow ${name}` }).waitFor();
    await bell.getByRole('button', { name: 'Remind me' }).waitFor();
    await order.getByRole('main').getByRole('button', { name: 'Sign in' }).waitFor();
    const { email } = await knownAccount('Quin');
    await other.getByRole('main').getByRole('button', { name: 'Sign in' }).click();
    await signInWith(other, email);
    await order.getByText('It is not there any more, or you may not see it.').waitFor();
    expect(await order.locator('.checkout').count()).toBe(0);
    await close(offerId);
  });

  test('an old browser, a silent server, an updated server, a page that breaks: each is said, and there is a way on', async () => {
    const page = await visit('/', { script: oldBrowser });
    await page.clock.install();
    await page.reload();
    await page.locator('.room-card').first().waitFor();

    await page.route('**/api/**', (route) => route.abort());
    await page.clock.fastForward(16_000);
    const old = page.getByRole('status').filter({ hasText: 'What you see may be old' });
    await old.waitFor();
    await page.unroute('**/api/**');
    await old.getByRole('button', { name: 'Try again' }).click();
    await old.waitFor({ state: 'hidden' });

    // The part of the page is gone with the update; a page that is loaded anew knows the new name of it.
    let isGone = true;
    await page.route(/orders/, (route) => {
      if (route.request().isNavigationRequest()) isGone = false;
      return isGone ? route.abort() : route.continue();
    });
    await page.getByRole('link', { name: 'Orders' }).click();
    await page.getByText('This page did not load').waitFor();
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('main').getByRole('button', { name: 'Sign in' }).waitFor();

    await page.evaluate(`Intl.Segmenter = class { constructor() { throw new Error('broken') } }`);
    await page.getByRole('link', { name: 'Nightmarket' }).click();
    await page.getByText('This page broke').waitFor();
    await page.getByRole('button', { name: 'Reload' }).click();
    await page.locator('.room-card').first().getByRole('link').first().click();
    await page.getByLabel('Say something').waitFor();

    // Pages come, the connection does not: a room that can't be entered says so, and leads away.
    await page.routeWebSocket(/socket\.io/, (opened) => {
      opened.send('0{"sid":"no","upgrades":[],"pingInterval":20000,"pingTimeout":20000,"maxPayload":100000}');
      opened.onMessage((text) => String(text).startsWith('40') && opened.send('44{"message":"not now"}'));
    });
    await page.reload();
    await page.getByText('Connection lost. Reconnecting.').waitFor();
    await page.getByRole('link', { name: 'To the shows' }).click();
    await page.locator('.room-card').first().waitFor();
  });

  test('a list that is read while another one is chosen changes nothing of the other, and is read on by its own pages', async () => {
    const page = await visit('/verify', { session: await account(app) });
    const answers = new Map<string, (rows: string[], next: string | null) => void>();
    await page.routeWebSocket(/socket\.io/, (near) => {
      const far = near.connectToServer();
      near.onMessage((message) => {
        const [, ack, input] = /^42(\d+)\["order:list",(.*)\]$/.exec(String(message)) ?? [];
        if (!ack) return far.send(message);
        const { state = 'all', after = '' } = JSON.parse(input!);
        answers.set(`${state} ${after}`, (rows, next) =>
          near.send(`43${ack}${JSON.stringify([{ ok: true, data: { orders: rows.map(orderOf), next } }])}`),
        );
      });
    });
    const answered = async (question: string, rows: string[], next: string | null) => {
      await eventually(() => answers.has(question));
      answers.get(question)!(rows, next);
      answers.delete(question); // Asked once more, it is another one.
    };
    await page.goto(`${app.url}/orders`);
    await eventually(() => answers.has('all '));
    await page.getByRole('tab', { name: 'Paid' }).click();
    await answered('paid ', ['A paid one'], 'p1');
    await page.getByText('A paid one').waitFor();
    await answered('all ', ['One of all'], 'a1');
    await page.getByRole('button', { name: 'Show more' }).click();
    await eventually(() => answers.has('paid p1'));

    // The next page of the paid ones comes when all are shown, and belongs to none of them.
    await page.getByRole('tab', { name: 'All' }).click();
    await answered('all ', ['One of all'], 'a1');
    await page.getByText('One of all').waitFor();
    await answered('paid p1', ['Another paid one'], null);
    await page.getByRole('button', { name: 'Show more' }).click();
    await answered('all a1', ['The last of all'], null);
    await page.getByText('The last of all').waitFor();
    expect(await page.locator('.order-card').count()).toBe(2);
  });

  test('a fan group that was quiet until Redis forgot it shows what was said in it', async () => {
    const clubId = floor.host.person.personId;
    const group = await data(app, 'POST', `/api/fan-clubs/${clubId}/group`, floor.token, { title: 'Tea friends' });
    const roomId = group.groupRoomId as string;
    for (const text of ['The first of March it is', 'I bring the cups'])
      expect(
        await data(app, 'POST', `/api/rooms/${roomId}/chat`, floor.token, { text, requestKey: newKey() }),
      ).toMatchObject({ outcome: 'sent' });
    const archived = () =>
      app.platform.db.query(`SELECT FROM room_log_entries WHERE room_id = $1 AND body::text LIKE '%cups%'`, [roomId]);
    await eventually(async () => (await archived()).rowCount === 1, { deadlineMs: 15_000 });
    const redis = app.platform.redis.commands;
    await redis.del(...(await redis.keys(`*{room:${roomId}}*`)));

    const page = await visit(`/room/${roomId}`, { session: floor.host });

    await page.getByText('I bring the cups').waitFor();
    const lines = await page.getByText(/The first of March|I bring the cups/).allTextContents();
    expect(lines.map((line) => /March|cups/.exec(line)?.[0])).toEqual(['March', 'cups']);
  });

  test('what is won is told on any page and used after the show: goods, a right to buy; a draw that is void says so', async () => {
    const token = floor.token;
    const show = await data(app, 'POST', '/api/rooms', token, { title: 'Short show' });
    await data(app, 'POST', `/api/rooms/${show.roomId}/start`, token, {});
    const session = await account(app, 'Wim');
    const lantern = { prize: 'goods', what: 'Paper lantern', valueMinor: 100, currency: 'EUR' };
    const { offerId } = await openOffer(app, { ...floor, roomId: show.roomId }, { audience: { who: 'right' } });
    const right = {
      prize: 'right-to-buy',
      offerId,
      what: 'Lamp',
      units: 1,
      minutes: 10,
      priceMinor: 700,
      currency: 'EUR',
    };
    const published = await Promise.all(
      [
        { kind: 'lucky-bag', title: 'Lantern bag', prize: lantern },
        { kind: 'raffle-drop', title: 'Lamp drop', prize: right },
        // Nobody brings the number that this one needs.
        { kind: 'lucky-bag', title: 'Bag of chance', prize: lantern, beacon: 'quicknet' },
      ].map((giveaway) =>
        data(app, 'POST', `/api/rooms/${show.roomId}/giveaways`, token, {
          ...giveaway,
          prizeCount: 1,
          closesAtMs: Date.now() + 7_000,
          requestKey: newKey(),
        }),
      ),
    );
    const [bag, , ofChance] = published;
    const enter = (giveawayId: string) =>
      data(app, 'POST', `/api/giveaways/${giveawayId}/entries`, session.accessToken, {
        nonce: '0123456789abcdef0123456789abcdef',
      });
    const [entered] = await Promise.all(published.map(({ giveawayId }) => enter(giveawayId)));
    const page = await visit('/', { session, viewport: phone });
    await page.getByText('You have won: Paper lantern.').waitFor({ timeout: 30_000 });
    await page.getByText(/^You have won: Right to buy Lamp/).waitFor();
    await data(app, 'POST', `/api/rooms/${show.roomId}/end`, token, {});

    await page.getByRole('button', { name: 'See it' }).first().click();
    const wins = page.getByRole('region', { name: 'What I won' });
    await fillAddress(wins);
    await wins.getByText('Linienstraße 1, Berlin, Germany').waitFor();
    await wins.getByRole('button', { name: 'Claim it' }).click();
    await wins.getByText('Claimed. It is yours.').waitFor();

    const host = await visit(`/studio/giveaways/${show.roomId}`, { session: floor.host });
    const inStudio = host.getByRole('article').filter({ hasText: 'Lantern bag' });
    await inStudio.getByText('Winners and addresses').click();
    await inStudio.getByText('Linienstraße 1, Berlin, Germany').waitFor();
    await inStudio.getByText('Wim <b>Wenders</b> 👋').waitFor();

    await wins.getByRole('button', { name: 'Buy it now' }).click();
    await page.waitForURL(/\/orders\/[0-9a-f-]{36}$/);
    await page.getByRole('button', { name: /^Pay €/ }).waitFor();

    await checkedWithReceipt(page, bag.giveawayId, JSON.stringify(entered.receipt));
    aheadMs = ofChance.rules.revealByMs - Date.now();
    // The list of a room may be a second old; and a day has passed, so that everybody's tokens have run out.
    const { accessToken } = await account(app);
    await eventually(async () => {
      const { giveaways } = await data(app, 'GET', `/api/rooms/${show.roomId}/giveaways`, accessToken);
      return giveaways.some(({ state }: { state: string }) => state === 'void');
    });
    await page.goto(`${app.url}/room/${show.roomId}`);
    await page.getByRole('button', { name: 'Lucky bag: Bag of chance' }).click();
    await page.getByText('The draw is void', { exact: false }).waitFor();
  });

  /** From the form without a draw in its address: what was pasted there is still there when the draw is opened. */
  async function checkedWithReceipt(page: Page, giveawayId: string, receipt: string): Promise<void> {
    const lookUp = async (where: string, pasted: string) => {
      await page.getByLabel('Number or address of a draw').fill(where);
      if (!(await page.getByLabel('Your receipt (JSON)').isVisible()))
        await page.getByText('Your receipt (JSON)').first().click();
      await page.getByLabel('Your receipt (JSON)').fill(pasted);
      await page.getByRole('button', { name: 'Check it' }).click();
    };
    await page.goto(`${app.url}/verify`);
    await lookUp('00000000-0000-7000-8000-000000000000', '');
    await page.getByText('There is no draw with this number.').waitFor();
    await lookUp(giveawayId, 'not a receipt');
    await page.getByText('This is not a receipt.').waitFor();
    await page.goto(`${app.url}/verify`);
    await lookUp(giveawayId, receipt);
    await page.getByText('Everything is right').waitFor();
    await page.getByRole('heading', { name: 'Your receipt' }).waitFor();
    await page.getByText('Your entry is in the sealed list', { exact: false }).first().waitFor();
    await page.route('**/proof', (route) => route.abort());
    await page.getByRole('button', { name: 'Check it' }).click();
    await page.getByText('The document did not come').waitFor();
  }
});

/** What the page says to the server from now on is kept in `sent`. */
const keepSent = `
  globalThis.sent = [];
  const { send } = WebSocket.prototype;
  WebSocket.prototype.send = function (data) {
    sent.push(String(data));
    return send.call(this, data);
  };`;

const pressTwice = (button: { click(): void }): void => {
  button.click();
  button.click();
};

/** Whether the first thing on a page lies under what is said over it. */
const isUnderBar = `
  document.querySelector('main').firstElementChild.getBoundingClientRect().top <
    document.querySelector('.over-bar').getBoundingClientRect().bottom`;

/** As a password manager does it: the name and the phone in one turn. */
const fillsAtOnce = `
  for (const [autocomplete, value] of [['name', 'Nora'], ['tel', '+1 2']]) {
    const field = document.querySelector('input[autocomplete=' + autocomplete + ']');
    field.value = value;
    field.dispatchEvent(new Event('input', { bubbles: true }));
  }`;

/** An order as the list shows it. */
const orderOf = (title: string) => ({
  orderId: title,
  shopName: 'Hana',
  state: 'paid',
  currency: 'EUR',
  totalMinor: 700,
  payByMs: 0,
  heldAtMs: 0,
  rehearsal: false,
  lines: [
    {
      lineNumber: 1,
      skuId: title,
      title: { en: title, zh: '' },
      optionValues: [],
      imageUrl: '',
      units: 1,
      priceMinor: 700,
    },
  ],
});

/** What browsers of before 2024 lack. */
const oldBrowser = `
  delete Intl.Segmenter;
  delete Map.groupBy;
  Object.defineProperty(navigator, 'userActivation', { value: undefined });`;

/** The answer to the first renewal of a session is held back until `letGo` is called. */
const holdRenewal = `
  const { fetch } = globalThis;
  globalThis.fetch = async (address, options) => {
    const answer = await fetch(address, options);
    if (String(address).includes('/session/refresh') && !globalThis.letGo)
      await new Promise((resolve) => (globalThis.letGo = resolve));
    return answer;
  };`;

/** "12:30" → 12, "1:02:03" → 62. */
function minutesIn(clock: string | null): number {
  const parts = (clock ?? '').split(':').map(Number);
  return parts.length === 3 ? parts[0]! * 60 + parts[1]! : (parts[0] ?? Infinity);
}
