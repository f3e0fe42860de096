import type { Page, WebSocketRoute } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { App } from '../../server/app/app.ts';
import { createLogStore } from '../../server/features/room-log/log-store.redis.ts';
import type { Session } from '../../shared/protocol/session.ts';
import { startMediaApp, scheduleShow, stateOf, type Show } from '../media/support/show.ts';
import { account, freshStores, openSocket, send } from '../support/app.ts';
import { desk, openBrowsers, phone, type Browsers, type Visitor } from './support/pages.ts';
import { pictureMoves, picturesOfFailures } from './support/pictures.ts';

// What a host sends, and what they may rely on: that a camera stops when it should, and only then. Told in order.
describe('a host on the air, with two cameras and a screen', { timeout: 90_000 }, () => {
  let app: App;
  let browsers: Browsers;
  let show: Show;
  let host: Visitor;
  let viewer: Visitor;
  let viewerSession: Session;
  let refuseEnd = false;
  let toHost: WebSocketRoute;

  beforeAll(async () => {
    app = await startMediaApp(await freshStores());
    browsers = await openBrowsers(app);
    show = await scheduleShow(app, await account(app, 'Mei Lin'));
    viewerSession = await account(app, 'Ana');
    host = await openStudio((socket) => (toHost = socket));
  }, 120_000);
  afterAll(async () => {
    await browsers.close();
    await app.close();
  });
  picturesOfFailures('air', () => ({ host, viewer }));

  test('a preview asked for twice leaves one camera on, and a change of camera stops the one before', async () => {
    const { page } = host;
    // Both presses come before the browser has given anything.
    await page.getByRole('button', { name: 'Start the preview' }).waitFor();
    await page.evaluate(pressTwice);
    await page.getByLabel('Sound level').waitFor();
    await expect.poll(() => liveTracks(page)).toBe(2);

    await page.getByText('Devices').click();
    const cameras = page.locator('.on-air__devices select').first();
    const before = await cameras.inputValue();
    const other = (await cameras.locator('option').all())[1]!;
    await cameras.selectOption(await other.getAttribute('value'));
    await expect.poll(() => cameras.inputValue()).not.toBe(before);
    await expect.poll(() => liveTracks(page)).toBe(2);
    // Back again: of Chromium's two false cameras only the first has a picture.
    await cameras.selectOption(before);
    await expect.poll(() => cameras.inputValue()).toBe(before);
    await expect.poll(() => liveTracks(page)).toBe(2);
  });

  test('before the show, a co-host is told that nobody sees them yet, and so is the host', async () => {
    const session = await account(app, 'Bo');
    const early = await browsers.visit(`/room/${show.roomId}`, { session, viewport: phone, script: countTracks });
    await early.page.locator('.phone-room').waitFor();
    const hostSocket = await openSocket(app, show.host);
    const invitation = { roomId: show.roomId, personId: session.person.personId };
    const invites = async () =>
      expect(await send(hostSocket, 'media:invite', invitation)).toMatchObject({ data: { outcome: 'invited' } });
    await invites();
    await early.page.getByRole('button', { name: 'No, thanks' }).click();
    await host.page.getByText('Bo does not want to be on camera now').waitFor();
    await invites();
    hostSocket.close();
    await early.page.getByRole('button', { name: 'Join' }).click();
    await early.page.getByRole('dialog').getByRole('button', { name: 'Go on camera' }).click();
    await early.page.getByText('Your camera is on. Viewers see you once the show begins.').waitFor();
    // The button that was pressed is gone, and whoever uses a keyboard goes on where they were.
    await expect.poll(() => early.page.evaluate(focused)).toBe('Mute yourself');
    await host.page.getByText('Joined. Viewers see nobody before the show begins').waitFor();

    await early.page.getByRole('button', { name: 'Leave', exact: true }).click();
    await expect.poll(() => liveTracks(early.page)).toBe(0);
    await expect.poll(() => early.page.evaluate(focused)).toBe('main');
    await host.page.getByText('Joined. Viewers see nobody').waitFor({ state: 'detached' });
    await early.page.context().close();
  });

  test('viewers see a picture that moves, also where the browser refuses the sound, and choose how much of it', async () => {
    await host.page.getByRole('button', { name: 'Go live' }).click();
    await host.page.getByText('On air').waitFor();
    await host.page.getByText(/Mbit\/s/).waitFor();
    expect(await host.page.evaluate(isInSight('.on-air__acts button'))).toBe(true); // However much stands above it.
    const script = soundOnTouchAlone + countTracks;
    viewer = await browsers.visit(`/room/${show.roomId}`, { session: viewerSession, script });
    await pictureMoves(viewer.page);
    await viewer.page.getByRole('button', { name: 'Tap for sound' }).click();
    await viewer.page.getByRole('button', { name: 'Mute', exact: true }).waitFor();
    expect(await viewer.page.evaluate(`(({ muted, paused }) => ({ muted, paused }))(${video})`)).toEqual({
      muted: false,
      paused: false,
    });
    await turns(viewer.page);
    await expect.poll(() => widthOf(viewer.page), { timeout: 30_000 }).toBe(1_280);

    await viewer.page.getByLabel('Quality').selectOption({ label: 'Low' });
    await expect.poll(() => widthOf(viewer.page)).toBe(320);
    await viewer.page.getByLabel('Quality').selectOption({ label: 'Auto' });
    await expect.poll(() => widthOf(viewer.page), { timeout: 30_000 }).toBe(1_280);
  });

  test('the screen instead of the camera, without a break for viewers', async () => {
    // By keys, past "Screen" to "OBS" and back: only what is chosen asks to share the screen.
    await host.page.getByRole('tab', { name: 'Camera' }).focus();
    for (const key of ['ArrowRight', 'ArrowRight', 'ArrowLeft', 'Enter']) await host.page.keyboard.press(key);
    await expect.poll(() => host.page.evaluate<number>(`taken.filter(({ what }) => what === 'screen').length`)).toBe(1);
    await expect.poll(() => liveTracks(host.page)).toBe(2);
    await pictureMoves(viewer.page);
    await host.page.getByText('On air').waitFor();
  });

  test('a picture that another window takes over is said to be so, and can be taken back', async () => {
    const other = await openStudio(undefined, noMicrophone);
    await other.page.getByRole('button', { name: 'Start the preview' }).click();
    await other.page.getByText('No microphone: viewers see you and hear nothing.').waitFor();
    await other.page.getByRole('button', { name: 'Send the picture' }).click();
    await host.page.getByText('Another window or device of yours sends the picture now.').waitFor();
    await host.page.getByText('Not sending').waitFor();

    await host.page.getByRole('button', { name: 'Send the picture' }).click();
    await host.page.getByText('On air').waitFor();
    await other.page.getByText('Another window or device of yours sends the picture now.').waitFor();
    await other.page.context().close();
    await pictureMoves(viewer.page);
  });

  test('a viewer who is invited is seen by everybody, hears of being muted, and is put out with the camera off', async () => {
    const guest = await browsers.visit(`/room/${show.roomId}`);
    await viewer.page.getByLabel('Say something').fill('I have one of these');
    await viewer.page.keyboard.press('Enter');
    await host.page.getByRole('button', { name: /I have one of these/ }).click();
    await host.page.getByRole('button', { name: 'Invite on camera' }).click();
    await viewer.page.getByText('Mei Lin invites you on camera').waitFor();
    await viewer.page.getByRole('button', { name: 'Join' }).click();
    await viewer.page.getByRole('dialog').getByRole('button', { name: 'Go on camera' }).click();
    await viewer.page.getByText('You are on camera').waitFor();
    for (const { page } of [host, viewer, guest])
      await expect.poll(() => pictures(page), { timeout: 30_000 }).toEqual(['Mei Lin', 'Ana']);
    expect(await host.page.evaluate(heard)).toEqual([false, true]);
    expect(await viewer.page.evaluate(heard)).toEqual([true, false]); // They had turned the sound off before.
    // The false microphones beep too seldom to count as somebody who speaks.
    const speaking = (name: string) => guest.page.locator('.picture--speaks', { hasText: name });
    await figures().setAggregates(show.roomId, { speakers: viewerSession.person.personId });
    await speaking('Ana').waitFor();
    expect(await speaking('Mei Lin').count()).toBe(0);
    await figures().setAggregates(show.roomId, { speakers: '' });
    await speaking('Ana').waitFor({ state: 'detached' });

    await host.page.getByRole('button', { name: 'Mute Ana' }).click();
    await viewer.page.getByText('You are muted by the host').waitFor();
    await expect.poll(() => pictures(guest.page)).toEqual(['Mei Lin', 'Ana, muted']);

    const other = await browsers.visit(`/room/${show.roomId}`, { session: viewerSession, script: countTracks });
    await other.page.getByRole('button', { name: 'Go on camera' }).click();
    await other.page.getByRole('dialog').getByRole('button', { name: 'Go on camera' }).click();
    await viewer.page.getByText('Another window or device of yours is on camera now').waitFor();
    await expect.poll(() => liveTracks(viewer.page)).toBe(0);

    await host.page.getByRole('button', { name: 'Put Ana off camera' }).click();
    for (const { page } of [viewer, other]) await page.getByText('You are not on camera any more.').waitFor();
    await expect.poll(() => liveTracks(other.page)).toBe(0);
    await other.page.context().close();
    await expect.poll(() => guest.page.locator('.picture').count()).toBe(1);
    await pictureMoves(guest.page);
    await guest.page.context().close();
  });

  test('a host whom a helper has muted is told, and lifts it', async () => {
    const { roomId, host: session } = show;
    const helper = await openSocket(app, session);
    const mute = { roomId, personId: session.person.personId, kind: 'audio', muted: true } as const;
    expect(await send(helper, 'media:mute', mute)).toMatchObject({ data: { outcome: 'done' } });
    helper.close();
    await host.page.getByText('The host is muted').waitFor();
    await host.page.getByRole('button', { name: 'Unmute the host' }).click();
    await host.page.getByText('The host is muted').waitFor({ state: 'detached' });
  });

  test('a host whose line loses what they send is told while it does', async () => {
    const { roomId, host: session } = show;
    await figures().setAggregates(roomId, { losing: `of-a-co-host ${session.person.personId}` });
    await host.page.getByText('Part of what the host sends is lost on the way').waitFor();
    await figures().setAggregates(roomId, { losing: 'of-a-co-host' });
    await host.page.getByText('Part of what the host sends is lost on the way').waitFor({ state: 'detached' });
  });

  test('a first product is made and sold without leaving; a link that would end the picture is asked about', async () => {
    const { page } = host;
    await page.getByRole('button', { name: 'Add products' }).first().click();
    const sheet = page.getByRole('dialog', { name: 'Add products' });
    await sheet.getByRole('button', { name: 'Open your shop' }).click();
    await sheet.getByRole('button', { name: 'Add a product' }).click();
    const form = page.getByRole('dialog', { name: 'Add a product' });
    await form.getByLabel('Title, in English').fill('Paper lantern');
    await form.getByLabel(/^Price/).fill('12');
    await form.getByRole('button', { name: 'Add a product' }).click();
    await sheet.getByRole('button', { name: 'Add', exact: true }).click();
    await sheet.getByRole('button', { name: 'Added' }).waitFor();
    await sheet.getByRole('button', { name: 'Close' }).click();
    await page.getByRole('listitem', { name: '1. Paper lantern' }).waitFor();

    await page.getByRole('link', { name: 'Orders' }).first().click();
    await page.getByRole('dialog').getByText('Your picture stops with this page.').waitFor();
    await page.getByRole('button', { name: 'Not now' }).click();
    await page.getByText('On air').waitFor();
    expect(await liveTracks(page)).toBe(2);
  });

  test('nothing else that leads away ends the picture unasked: news that came, a show that was made, the tab', async () => {
    const { page } = host;
    const award = { giveawayId: show.roomId, prize: { prize: 'goods', what: 'Lamp', valueMinor: 1, currency: 'EUR' } };
    toHost.send(`42${JSON.stringify(['giveaway:won', award])}`);
    await page.getByRole('button', { name: 'See it' }).click();
    await page.getByRole('dialog').getByText('Your picture stops with this page.').waitFor();
    await page.getByRole('button', { name: 'Not now' }).click();
    await page.getByRole('button', { name: 'See it' }).waitFor();

    await page.getByRole('link', { name: 'Live', exact: true }).click();
    await page.getByRole('button', { name: 'New show' }).click();
    const form = page.getByRole('dialog', { name: 'New show' });
    await form.getByLabel('Title').fill('Next week');
    await form.getByRole('button', { name: 'Make the show' }).click();
    await page.getByRole('link', { name: /Next week/ }).waitFor();

    expect(await page.evaluate(`!dispatchEvent(new Event('beforeunload', { cancelable: true }))`)).toBe(true);
    await page.goBack();
    await page.getByText('On air', { exact: true }).waitFor();
    expect(await liveTracks(page)).toBe(2);
  });

  test('an end that the server refuses ends nothing: the show goes on, and its picture', async () => {
    const { page } = host;
    refuseEnd = true;
    await endShow();
    await page.getByText('Not just now').waitFor();
    expect(page.url()).toContain('/studio/live/');
    expect(await liveTracks(page)).toBe(2);
    expect(await stateOf(app, show)).toBe('live');
    await page.getByText('On air').waitFor();
  });

  test('the end stops camera and microphone, and leads to what the show brought', async () => {
    refuseEnd = false;
    await endShow();
    await host.page.waitForURL(/\/studio\/numbers\//);
    await expect.poll(() => liveTracks(host.page)).toBe(0);
    await viewer.page.getByText('The show is over').first().waitFor();
    for (const { problems } of [host, viewer]) expect(problems).toEqual([]);
  });

  /** What media would tell of the room. */
  const figures = () => createLogStore(app.platform.redis.commands, { chatPerSecondMax: 1 });

  /** The console of the show, on a page that counts what the browser gave it, and whose server may refuse to end the show. */
  async function openStudio(onSocket?: (socket: WebSocketRoute) => void, script = ''): Promise<Visitor> {
    const visitor = await browsers.visit('/orders', { session: show.host });
    const { page } = visitor;
    await page.routeWebSocket(/socket\.io/, (near) => {
      const far = near.connectToServer();
      onSocket?.(near);
      near.onMessage((message) => {
        const [, ack] = /^42(\d+)\["room:end"/.exec(String(message)) ?? [];
        const error = { code: 'CONFLICT', message: 'Not just now', retryable: false };
        if (ack && refuseEnd) near.send(`43${ack}[${JSON.stringify({ ok: false, error })}]`);
        else far.send(message);
      });
    });
    await page.addInitScript(countTracks + script);
    await page.goto(`${app.url}/studio/live/${show.roomId}`);
    return visitor;
  }

  async function endShow(): Promise<void> {
    await host.page.getByRole('button', { name: 'End the show' }).click();
    await host.page.getByRole('dialog').getByRole('button', { name: 'End it' }).click();
  }
});

/** Every stream the browser gives to the page is kept in `taken`. */
const countTracks = `
  globalThis.taken = [];
  const devices = navigator.mediaDevices;
  for (const [name, what] of [['getUserMedia', 'camera'], ['getDisplayMedia', 'screen']]) {
    const give = devices[name].bind(devices);
    devices[name] = async (wanted) => {
      const stream = await give(wanted);
      taken.push({ what, stream });
      return stream;
    };
  }`;

const noMicrophone = `
  const give = navigator.mediaDevices.getUserMedia;
  navigator.mediaDevices.getUserMedia = async (wanted) => {
    if (wanted.audio) throw new DOMException('there is none', 'NotFoundError');
    return give(wanted);
  };`;

const video = `document.querySelector('.stage video')`;

/** As Safari has it: whoever has touched the site before hears nothing of what was not begun by a touch itself. */
const soundOnTouchAlone = `
  Object.defineProperty(navigator, 'userActivation', { value: { hasBeenActive: true } });
  let isTouch = false;
  addEventListener('click', () => {
    isTouch = true;
    setTimeout(() => (isTouch = false));
  }, true);
  const { play } = HTMLMediaElement.prototype;
  HTMLMediaElement.prototype.play = function () {
    if (this.muted || isTouch) return play.call(this);
    this.pause();
    return Promise.reject(new DOMException('not begun by a touch', 'NotAllowedError'));
  };`;

/** Whose pictures have come, by the names on them. */
const pictures = (page: Page): Promise<string[]> =>
  page.evaluate(`[...document.querySelectorAll('.picture')]
    .filter((one) => one.querySelector('video').videoWidth > 0)
    .map((one) => [...one.querySelectorAll('.picture__name > span')].map(({ textContent }) => textContent).join(', '))`);

/** Which of them are heard. */
const heard = `[...document.querySelectorAll('.picture video')].map(({ muted }) => !muted)`;

const pressTwice = `(() => {
  const button = [...document.querySelectorAll('.on-air button')].find((one) => /preview/.test(one.textContent));
  button.click();
  button.click();
})()`;

/** Cameras, screens and microphones that are on. */
const liveTracks = (page: Page): Promise<number> =>
  page.evaluate<number>(
    `taken.flatMap(({ stream }) => stream.getTracks()).filter(({ readyState }) => readyState === 'live').length`,
  );

const widthOf = (page: Page): Promise<number> => page.evaluate<number>(`${video}?.videoWidth ?? 0`);

/** A tablet is turned while one writes, with the sound off: the other layout has both, and the same picture. */
async function turns(page: Page): Promise<void> {
  const field = page.getByLabel('Say something');
  await field.fill('half a sent');
  await page.getByRole('button', { name: 'Mute', exact: true }).click();
  await page.setViewportSize(phone);
  await page.locator('.phone-room').waitFor();
  await page.getByRole('button', { name: 'Sound on' }).waitFor();
  expect(await field.inputValue()).toBe('half a sent');
  await page.setViewportSize(desk);
  await page.locator('.desk-room').waitFor();
  expect(await page.evaluate(`${video}.muted`)).toBe(true);
}

/** What has the focus in the page, by its name. */
const focused = "document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.id ?? ''";

/** Whether it is seen in the host's panel also when that is low. */
const isInSight = (selector: string): string => `(() => {
  const panel = document.querySelector('.on-air');
  panel.style.height = '240px';
  const one = document.querySelector('${selector}');
  const { left, top, width, height } = one.getBoundingClientRect();
  const isSeen = one.contains(document.elementFromPoint(left + width / 2, top + height / 2));
  panel.style.height = '';
  return isSeen;
})()`;
