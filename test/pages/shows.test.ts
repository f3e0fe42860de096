import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { App } from '../../server/app/app.ts';
import { newId } from '../../shared/ids.ts';
import type { Session } from '../../shared/protocol/session.ts';
import { account, call, freshStores, openSocket, send, startTestApp } from '../support/app.ts';
import { openBrowsers, phone, type Browsers, type Visitor } from './support/pages.ts';
import { picturesOfFailures } from './support/pictures.ts';

let app: App;
let browsers: Browsers;
let mei: Session;
let vic: Visitor;

beforeAll(async () => {
  app = await startTestApp(await freshStores());
  browsers = await openBrowsers(app);
  mei = await account(app, 'Mei Lin');
}, 120_000);
afterAll(async () => {
  await browsers.close();
  await app.close();
});

const as = async (method: string, path: string, body: object) =>
  (await call(app, method, path, { token: mei.accessToken, body })).body.data;

// A show before it begins: what its host plans, and what people see of it. One day, told in order.
describe('a show that is planned', { timeout: 60_000 }, () => {
  let host: Visitor;
  let roomId: string;
  let lampId: string;

  beforeAll(async () => {
    await as('PUT', '/api/shop', { name: 'Shop', currency: 'EUR' });
    for (const [title, ...prices] of [
      ['Teapot', 1_200, 1_800],
      ['Lamp', 700],
      ['Bowl', 950],
    ] as const) {
      const skus = prices.map((priceMinor, i) => ({ priceMinor, units: 10, optionValues: [`Size ${i + 1}`] }));
      const product = { title: { en: title }, optionNames: ['Size'], requestKey: newId(), skus };
      const { productId } = await as('POST', `/api/shops/${mei.person.personId}/products`, product);
      if (title === 'Lamp') lampId = productId;
    }
    host = await browsers.visit('/studio/live', { session: mei });
  });
  picturesOfFailures('planned', () => ({ host, vic }));

  const listed = ({ page }: Visitor, place: string): Promise<string[]> =>
    page.locator(`${place} .planned__title`).allTextContents();

  test('its host chooses products in the form, and puts them in order by keys', async () => {
    const { page } = host;
    await page.getByRole('button', { name: 'New show' }).first().click();
    await page.getByLabel('Title').fill('Tea evening');
    await page.getByRole('button', { name: 'Choose products' }).click();
    const choice = page.getByRole('dialog', { name: 'Choose products' });
    await choice.getByLabel('Search products').fill('lam');
    await choice.getByRole('button', { name: 'Add Lamp' }).click();
    await choice.getByLabel('Search products').fill('');
    await choice.getByLabel('Search products').press('Enter'); // Searches, and sends no form.
    await choice.getByRole('button', { name: 'Add Bowl' }).click();
    await choice.getByRole('button', { name: 'Add Teapot' }).click();
    await choice.getByRole('button', { name: 'Add Bowl' }).click();
    await choice.getByRole('button', { name: 'Close' }).click();
    await expect.poll(() => listed(host, 'form')).toEqual(['Lamp', 'Teapot']);

    const up = page.getByRole('listitem', { name: 'Teapot' }).getByRole('button', { name: 'Move up' });
    await up.focus();
    await page.keyboard.press('Enter');
    await expect.poll(() => listed(host, 'form')).toEqual(['Teapot', 'Lamp']);
    await page.getByRole('listitem', { name: 'Lamp' }).dragTo(page.getByRole('listitem', { name: 'Teapot' }));
    await expect.poll(() => listed(host, 'form')).toEqual(['Lamp', 'Teapot']);
    await page.getByRole('button', { name: 'Make the show' }).click();
    await page.waitForURL(/\/studio\/live\/./);
    roomId = page.url().split('/').at(-1)!;
  });

  test('who comes before the start sees them, with their prices, and what each is', async () => {
    vic = await browsers.visit(`/room/${roomId}`, { session: await account(app, 'Vic'), viewport: phone });
    await expect.poll(() => listed(vic, '.phone-room')).toEqual(['Lamp', 'Teapot']);
    await vic.page.getByRole('button', { name: 'Teapot €12.00 – €18.00' }).click();
    await vic.page.getByRole('dialog', { name: 'Teapot' }).getByText('Size 2').waitFor();
    await vic.page.keyboard.press('Escape');
  });

  test('two who edit it at once are told, and none overwrites the other unseen', async () => {
    const { page } = host;
    const edit = () => page.getByRole('button', { name: 'Edit' }).click();
    await edit();
    await page.getByLabel('Title').fill('Tea night');
    const { version } = await as('PATCH', `/api/rooms/${roomId}`, { productIds: [lampId] });
    expect(version).toBe(2);
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('This was changed elsewhere while you were at it.').waitFor();
    await page.getByRole('button', { name: 'Drop mine, show the other' }).click();
    await expect.poll(() => page.getByLabel('Title').inputValue()).toBe('Tea evening');
    await expect.poll(() => listed(host, 'form')).toEqual(['Lamp']);

    await page.getByLabel('Title').fill('Tea at last');
    await as('PATCH', `/api/rooms/${roomId}`, { title: 'Coffee' });
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('button', { name: 'Save mine' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.getByRole('heading', { name: 'Tea at last' }).waitFor();

    // That it went on the air meanwhile is nothing that two could disagree about.
    await edit();
    await page.getByLabel('Title').fill('Tea on air');
    await as('POST', `/api/rooms/${roomId}/start`, {});
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { name: 'Tea on air' }).waitFor();
  });

  test('what was planned comes into the running order at one press', async () => {
    await host.page.getByRole('button', { name: 'Put in 1 planned product' }).click();
    await host.page.getByText('1 item in as drafts').waitFor();
    await expect.poll(() => host.page.locator('.running-item').count()).toBe(1);
    await expect.poll(() => vic.page.locator('.planned__title').count()).toBe(0); // The show is on: its offers say what there is.
    expect([...host.problems, ...vic.problems]).toEqual([]);
  });

  test('a show whose time has passed is nothing for a calendar', async () => {
    const scheduledAtMs = Date.now() + 3_600_000;
    const { roomId: lateId } = await as('POST', '/api/rooms', { title: 'Late', scheduledAtMs });
    const viewer = await browsers.visit(`/room/${lateId}`, { session: await account(app, 'Ana') });
    await viewer.page.getByRole('link', { name: 'Add to calendar' }).waitFor();
    await app.platform.db.query(`UPDATE rooms SET scheduled_at = now() - interval '5 minutes' WHERE room_id = $1`, [
      lateId,
    ]);
    await as('PATCH', `/api/rooms/${lateId}`, { title: 'Late indeed' });
    await viewer.page.getByText('The host is late').waitFor();

    await viewer.page.getByRole('button', { name: 'Remind me' }).waitFor();
    expect(await viewer.page.getByRole('link', { name: 'Add to calendar' }).count()).toBe(0);
  });
});

describe('a show for fans', () => {
  picturesOfFailures('fans', () => ({ vic }));

  test(
    'at its door somebody asks to join, comes in by themselves when they are let in, stands there again when they leave, and comes in as a guest on camera',
    { timeout: 90_000 },
    async () => {
      const clubId = mei.person.personId;
      await as('PUT', `/api/fan-clubs/${clubId}`, { joinRule: 'approval', greeting: 'Welcome!' });
      const { page: studio } = await browsers.visit('/studio/live', { session: mei });
      await studio.getByRole('button', { name: 'New show' }).first().click();
      await studio.getByLabel('Title').fill('Fans’ night');
      await studio.getByLabel(/^Fans only/).check();
      await studio.getByRole('button', { name: 'Make the show' }).click();
      await studio.waitForURL(/\/studio\/live\/[\da-f-]{36}/);
      const roomId = studio.url().split('/').at(-1)!;
      await as('POST', `/api/rooms/${roomId}/start`, {});

      const fan = await account(app, 'Vic');
      vic = await browsers.visit('/', { session: fan, viewport: phone });
      await vic.page.getByText('Fans only').waitFor();
      await vic.page.getByRole('link', { name: /Fans’ night/ }).click();
      await vic.page.getByText('This show is for members of Mei Lin’s fan club.').waitFor();
      await vic.page.getByRole('button', { name: 'Join the fan club' }).click();
      await vic.page.getByText('You asked to join.').waitFor();

      await as('POST', `/api/fan-clubs/${clubId}/requests/${fan.person.personId}`, { accept: true });
      await vic.page.getByLabel('Say something').waitFor();
      await call(app, 'POST', `/api/fan-clubs/${clubId}/leave`, { token: fan.accessToken, body: {} });
      await vic.page.getByRole('button', { name: 'Join the fan club' }).waitFor();

      const socket = await openSocket(app, mei);
      await send(socket, 'media:invite', { roomId, personId: fan.person.personId });
      await vic.page.getByLabel('Say something').waitFor();
      await vic.page.getByRole('button', { name: 'No, thanks' }).waitFor();
      socket.close();

      expect(vic.problems).toEqual([]);
    },
  );
});
