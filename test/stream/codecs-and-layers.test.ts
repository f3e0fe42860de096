import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { App } from '../../server/app/app.ts';
import type { Session } from '../../shared/protocol/session.ts';
import { account, call, freshStores, guest } from '../support/app.ts';
import { eventually } from '../support/eventually.ts';
import { startBrowser, type Tab, type TestBrowser } from '../media/support/browser.ts';
import { lossyLine } from '../media/support/lossy-line.ts';
import { scheduleShow, startMediaApp, streamKeyOf, watchGrantOf, type Show } from '../media/support/show.ts';

const deadlineMs = 20_000;
/** Of the camera, which has 15 pictures a second. */
const [width, height] = [960, 540];
type Decoded = { framesDecoded: number; framesPerSecond?: number; retransmittedPacketsReceived: number };
const [smallWidth, fullWidth] = [width / 4, width];

/** As the page has them: three pictures of one camera. */
const simulcast = [4, 2, 1].map((scaleResolutionDownBy, i) => ({
  scaleResolutionDownBy,
  maxBitrate: [200_000, 700_000, 2_500_000][i],
  scalabilityMode: 'L1T3',
}));
/** The same from a program: with names, and no word of what else is in them. */
const named = simulcast.map(({ scalabilityMode: _mode, ...encoding }, i) => ({ ...encoding, rid: ['q', 'h', 'f'][i] }));
/** One stream whose layers build on each other. */
const svc = [{ scalabilityMode: 'L3T3_KEY', maxBitrate: 2_500_000 }];

describe('codecs and layers, in Chromium', () => {
  let app: App;
  let browser: TestBrowser;
  let publishing: Tab;
  let watching: Tab;
  let host: Session;
  let show: Show;

  beforeAll(async () => {
    [app, browser] = await Promise.all([startMediaApp(await freshStores()), startBrowser()]);
    host = await account(app);
    [publishing, watching] = await Promise.all([browser.tab(), browser.tab()]);
  });
  afterAll(async () => {
    await browser.close();
    await app.close();
  });

  const publish = async (mimeType: string, encodings?: object[]) => {
    show = await scheduleShow(app, host);
    const { roomId, token } = show;
    await publishing.run('codecPublish', 'publisher', { url: app.url, token, roomId, mimeType, encodings });
  };
  const publishByWhip = async (options: object) => {
    show = await scheduleShow(app, host);
    await publishing.run('whipWhepPublish', 'publisher', await streamKeyOf(app, show), { width, height, ...options });
  };
  const watch = async () => {
    const { accessToken } = await guest(app);
    await watching.run('pageWatch', 'page', { url: app.url, token: accessToken, roomId: show.roomId });
  };
  const watchElsewhere = async () => {
    await watching.run('whipWhepWatch', 'page', await watchGrantOf(app, show.roomId, await guest(app)));
  };
  const stopBoth = () => Promise.all([publishing.run('stop', 'publisher'), watching.run('stop', 'page')]);
  /** Waits until pictures of this width, and more of them than before, come out of the decoder. */
  const seen = async (width: number, mimeType: string) => {
    const before = Number((await watching.run('decoded')).at(-1)?.framesDecoded ?? 0);
    await eventually(
      async () => {
        const stream = (await watching.run('decoded')).at(-1);
        return stream?.mimeType === mimeType && stream.frameWidth === width && stream.framesDecoded > before + 2;
      },
      { deadlineMs },
    );
  };

  test.each([
    ['three pictures of a camera', 'video/VP8', (codec: string) => publish(codec, simulcast)],
    ['layers within one stream', 'video/VP9', (codec: string) => publish(codec, svc)],
    ['three pictures by WHIP', 'video/VP8', () => publishByWhip({ encodings: named })],
  ])(
    '%s (%s): who asks for the lowest gets it, and the highest again',
    { timeout: 70_000 },
    async (_, codec, begin) => {
      await begin(codec);
      await watch();
      await seen(fullWidth, codec);
      // All of them: a third or a quarter is what one sees who gets the lowest temporal layer alone.
      const shown = async () => ((await watching.run('decoded')).at(-1) as Decoded).framesPerSecond ?? 0;
      await eventually(async () => (await shown()) > 8, { deadlineMs });
      expect(await watching.run('layers', 'page')).toBe(3);

      await watching.run('chooseLayer', 'page', 0);
      await seen(smallWidth, codec);
      // Told at once, or a second after what was told before.
      const toldLayer = async () => (await watching.run('qualities', 'page')).at(-1)?.spatialLayer as number | null;
      await eventually(async () => (await toldLayer()) === 0, { deadlineMs: 3_000 });

      await watching.run('chooseLayer', 'page', null);
      await seen(fullWidth, codec);
      await stopBoth();
    },
  );

  test('H.264 goes through as it came, to the page and to a foreign player', { timeout: 90_000 }, async () => {
    const codecs: string[] = await publishing.run('sendingCodecs');
    expect(codecs).toContain('video/H264');
    await publish('video/H264');
    await watch();
    await seen(fullWidth, 'video/H264');
    await watching.run('stop', 'page');

    // A network that changes costs the publisher nothing: the picture goes on, also for who comes afterwards.
    expect(await publishing.run('restartIce', 'publisher', deadlineMs)).toBe(true);

    await watchElsewhere();
    await seen(fullWidth, 'video/H264');
    await stopBoth();

    // And from a program, as OBS sends it.
    await publishByWhip({ mimeType: 'video/H264' });
    for (const begin of [watch, watchElsewhere]) {
      await begin();
      await seen(fullWidth, 'video/H264');
      await watching.run('stop', 'page');
    }
    await publishing.run('stop', 'publisher');
  });

  test('a stream that Chromium refuses is left out, and the others are seen', { timeout: 50_000 }, async () => {
    show = await scheduleShow(app, host);
    const { roomId } = show;
    await publishing.run('whipWhepPublish', 'publisher', await streamKeyOf(app, show));
    const { accessToken } = await guest(app);
    await watching.run('pageWatch', 'page', { url: app.url, token: accessToken, roomId, spoilt: 'audio' });

    await eventually(async () => String(await watching.run('kinds', 'page')) === 'video', { deadlineMs });
    expect(await watching.run('unplayable', 'page')).toMatchObject([{ kind: 'audio', mimeType: 'audio/opus' }]);
    expect(await watching.run('pictures', 'page', 5, deadlineMs)).toBeGreaterThanOrEqual(5);
    await stopBoth();
  });

  test(
    'a foreign player gets again what was lost, and one with two places for pictures sees both cameras',
    { timeout: 60_000 },
    async () => {
      show = await scheduleShow(app, host);
      await publishing.run('whipWhepPublish', 'publisher', await streamKeyOf(app, show), { cameras: 2 });
      const grant = await watchGrantOf(app, show.roomId, await guest(app));
      const published = async () =>
        (await call(app, 'GET', `/api/rooms/${show.roomId}/media`, { token: show.token })).body.data.publishers[0]
          ?.kinds;
      await eventually(async () => (await published())?.length === 3, { deadlineMs });

      const line = await lossyLine(app.url, 20);
      try {
        await watching.run('whipWhepWatch', 'page', {
          ...grant,
          whepUrl: `${line.url}${new URL(grant.whepUrl).pathname}`,
        });
        const mended = async () => ((await watching.run('decoded')).at(-1) as Decoded).retransmittedPacketsReceived;
        await eventually(async () => (await mended()) >= 3, { deadlineMs });
        await watching.run('stop', 'page');
      } finally {
        line.close();
      }

      await watching.run('whipWhepWatch', 'page', grant, 2);

      const moving = async () =>
        (await watching.run('decoded')).filter(({ framesDecoded }: Decoded) => framesDecoded > 5);
      await eventually(async () => (await moving()).length === 2, { deadlineMs });
      await stopBoth();
    },
  );
});
