import { afterAll, beforeAll, expect, test } from 'vitest';
import type { App } from '../../server/app/app.ts';
import type { Session } from '../../shared/protocol/session.ts';
import { account, call, freshStores, openSocket, send, startTestApp } from '../support/app.ts';
import { openBrowsers, phone, type Browsers, type Visitor } from './support/pages.ts';
import { picturesOfFailures } from './support/pictures.ts';

let app: App;
let browsers: Browsers;
let host: Session;
let vic: Visitor;

beforeAll(async () => {
  app = await startTestApp(await freshStores());
  browsers = await openBrowsers(app);
  host = await account(app, 'Mei Lin');
  const body = { joinRule: 'approval', greeting: 'Welcome!' };
  await call(app, 'PUT', `/api/fan-clubs/${host.person.personId}`, { token: host.accessToken, body });
}, 120_000);
afterAll(async () => {
  await browsers.close();
  await app.close();
});
picturesOfFailures('fans', () => ({ vic }));

test(
  'a host makes a show for fans; at its door somebody asks to join, comes in by themselves when they are let in, stands there again when they leave, and comes in as a guest on camera',
  { timeout: 90_000 },
  async () => {
    const { page: studio } = await browsers.visit('/studio/live', { session: host });
    await studio.getByRole('button', { name: 'New show' }).first().click();
    await studio.getByLabel('Title').fill('Fans’ night');
    await studio.getByLabel(/^Fans only/).check();
    await studio.getByRole('button', { name: 'Make the show' }).click();
    await studio.waitForURL(/\/studio\/live\/[\da-f-]{36}/);
    const roomId = studio.url().split('/').at(-1)!;
    const { accessToken: token } = host;
    await call(app, 'POST', `/api/rooms/${roomId}/start`, { token, body: {} });

    const fan = await account(app, 'Vic');
    vic = await browsers.visit('/', { session: fan, viewport: phone });
    await vic.page.getByText('Fans only').waitFor();
    await vic.page.getByRole('link', { name: /Fans’ night/ }).click();
    await vic.page.getByText('This show is for members of Mei Lin’s fan club.').waitFor();
    await vic.page.getByRole('button', { name: 'Join the fan club' }).click();
    await vic.page.getByText('You asked to join.').waitFor();

    const way = `/api/fan-clubs/${host.person.personId}`;
    await call(app, 'POST', `${way}/requests/${fan.person.personId}`, { token, body: { accept: true } });
    await vic.page.getByLabel('Say something').waitFor();
    await call(app, 'POST', `${way}/leave`, { token: fan.accessToken, body: {} });
    await vic.page.getByRole('button', { name: 'Join the fan club' }).waitFor();

    const socket = await openSocket(app, host);
    await send(socket, 'media:invite', { roomId, personId: fan.person.personId });
    await vic.page.getByLabel('Say something').waitFor();
    await vic.page.getByRole('button', { name: 'No, thanks' }).waitFor();
    socket.close();

    expect(vic.problems).toEqual([]);
  },
);
