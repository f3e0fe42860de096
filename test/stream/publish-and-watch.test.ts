import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { App } from '../../server/app/app.ts';
import type { Session } from '../../shared/protocol/session.ts';
import { account, call, freshStores, guest } from '../support/app.ts';
import { eventually } from '../support/eventually.ts';
import { startBrowser, type Tab, type TestBrowser } from '../media/support/browser.ts';
import { scheduleShow, startMediaApp, stateOf, streamKeyOf, watchGrantOf, type Show } from '../media/support/show.ts';
import { startWrtc, type WrtcPeers } from '../media/support/wrtc.ts';

/** Pictures that must arrive before a combination counts as working: more than a key frame. */
const picturesMin = 5;
/** Four decoders at once, while tests of other files burn the same cores. */
const deadlineMs = 60_000;
const watchers = ['page', 'whip-whep', 'webrtc-player'];

describe('whoever publishes, everybody can watch', () => {
  let app: App;
  let browser: TestBrowser;
  let wrtc: WrtcPeers;
  let publishing: Tab;
  let watching: Tab;
  let host: Session;

  beforeAll(async () => {
    [app, browser] = await Promise.all([startMediaApp(await freshStores()), startBrowser()]);
    wrtc = startWrtc();
    host = await account(app);
    [publishing, watching] = await Promise.all([browser.tab(), browser.tab()]);
  });
  afterAll(async () => {
    wrtc.close();
    await browser.close();
    await app.close();
  });

  /** How each kind of publisher begins; what it returns ends it. */
  const publishers: Record<string, (show: Show, tab: Tab) => Promise<() => Promise<unknown>>> = {
    async 'the page'({ roomId, token }, tab) {
      await tab.run('pagePublish', 'publisher', { url: app.url, token, roomId });
      return () => tab.run('stop', 'publisher');
    },
    async 'whip-whep'(show, tab) {
      await tab.run('whipWhepPublish', 'publisher', await streamKeyOf(app, show));
      return () => tab.run('stop', 'publisher');
    },
    async '@eyevinn/whip-web-client'(show, tab) {
      await tab.run('eyevinnPublish', 'publisher', await streamKeyOf(app, show));
      return () => tab.run('stop', 'publisher');
    },
    async '@roamhq/wrtc'(show) {
      const { streamKey, whipUrl } = await streamKeyOf(app, show);
      const id = await wrtc.run('publish', { url: whipUrl, token: streamKey });
      return () => wrtc.run('stop', { id, token: streamKey });
    },
  };

  test.each(Object.keys(publishers))(
    '%s → page, whip-whep, @eyevinn/webrtc-player, @roamhq/wrtc',
    { timeout: 150_000 },
    async (name) => {
      const show = await scheduleShow(app, host);
      const { roomId } = show;

      const stop = await publishers[name]!(show, publishing);
      await eventually(async () => (await stateOf(app, show)) === 'live', { deadlineMs });
      const viewer = await guest(app);
      const grant = await watchGrantOf(app, roomId, viewer);
      const [id] = await Promise.all([
        wrtc.run('watch', { url: grant.whepUrl, token: grant.token }),
        watching.run('pageWatch', 'page', { url: app.url, token: viewer.accessToken, roomId }),
        watching.run('whipWhepWatch', 'whip-whep', grant),
        watching.run('eyevinnWatch', 'webrtc-player', grant),
      ]);
      const [native, ...inBrowser] = await Promise.all([
        wrtc.run('pictures', { id, count: picturesMin, withinMs: deadlineMs }),
        ...watchers.map((watcher) => watching.run('pictures', watcher, picturesMin, deadlineMs)),
      ]);

      const [nativeSound, ...sounds] = await Promise.all([
        wrtc.run('sounds', { id, withinMs: deadlineMs }),
        ...watchers.map((watcher) => watching.run('sounds', watcher, deadlineMs)),
      ]);

      expect(native, '@roamhq/wrtc').toBeGreaterThanOrEqual(picturesMin);
      inBrowser.forEach((pictures, i) => expect(pictures, watchers[i]).toBeGreaterThanOrEqual(picturesMin));
      expect(nativeSound, 'samples of sound at @roamhq/wrtc').toBeGreaterThan(0);
      sounds.forEach((samples, i) => expect(samples, `samples of sound at ${watchers[i]}`).toBeGreaterThan(0));
      expect(await watching.run('publishers', 'page')).toEqual([show.host.person.personId]);

      await wrtc.run('stop', { id, token: grant.token });
      for (const watcher of watchers) await watching.run('stop', watcher);
      await stop();
      await eventually(async () => (await sessionsOf(app)) === 0, { deadlineMs });
    },
  );

  test('of silence the page sends hardly anything, and it sends what makes up for lost sound', async () => {
    const { roomId, token } = await scheduleShow(app, host);
    await publishing.run('pagePublish', 'publisher', { url: app.url, token, roomId });
    type Sent = { soundPackets: number; pictures: number; opus: string };
    const sent = (): Promise<Sent> => eventually(() => publishing.run('sent'), { deadlineMs });
    /** Packets of sound while twenty pictures go out. */
    const soundMeanwhile = async (): Promise<number> => {
      const before = await sent();
      const after = await eventually(
        async () => {
          const now = await sent();
          return now.pictures >= before.pictures + 20 ? now : null;
        },
        { deadlineMs },
      );
      return after.soundPackets - before.soundPackets;
    };

    expect((await sent()).opus).toMatch(/^(?=.*\busedtx=1\b)(?=.*\buseinbandfec=1\b)/);
    expect(await soundMeanwhile()).toBeGreaterThan(15); // The false microphone beeps.
    await publishing.run('turnSoundOff', 'publisher');
    await eventually(async () => (await soundMeanwhile()) < 10, { deadlineMs });
    await publishing.run('stop', 'publisher');
  });
});

/** Media sessions of all rooms, from the figures. */
async function sessionsOf(app: App): Promise<number> {
  const { body } = await call(app, 'GET', '/metrics');
  return String(body)
    .split('\n')
    .filter((line) => line.startsWith('nightmarket_media_sessions{'))
    .reduce((sum, line) => sum + Number(line.split(' ')[1]), 0);
}
