import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { App } from '../../server/app/app.ts';
import { account, call, freshStores, guest } from '../support/app.ts';
import { eventually } from '../support/eventually.ts';
import { startBrowser, type Tab, type TestBrowser } from '../media/support/browser.ts';
import { mediaReady, scheduleShow, startMediaApp, stateOf, streamKeyOf, watchGrantOf } from '../media/support/show.ts';
import { startWrtc, type WrtcPeers } from '../media/support/wrtc.ts';

const deadlineMs = 15_000;

describe('a media worker is killed', () => {
  let app: App;
  let browser: TestBrowser;
  let wrtc: WrtcPeers;
  let publishing: Tab;
  let watching: Tab;

  beforeAll(async () => {
    const settings = { NIGHTMARKET_MEDIA_WORKERS: '2' };
    [app, browser] = await Promise.all([startMediaApp(await freshStores(), { settings }), startBrowser()]);
    wrtc = startWrtc();
    [publishing, watching] = await Promise.all([browser.tab(), browser.tab()]);
  });
  afterAll(async () => {
    wrtc.close();
    await browser.close();
    await app.close();
  });

  test('only its room is hit, and the page brings its media back', { timeout: 60_000 }, async () => {
    const host = await account(app);
    const [hit, spared] = [await scheduleShow(app, host), await scheduleShow(app, host)];
    await publishing.run('pagePublish', 'publisher', { url: app.url, token: hit.token, roomId: hit.roomId });
    await eventually(async () => (await stateOf(app, hit)) === 'live', { deadlineMs });
    const viewer = await guest(app);
    await watching.run('pageWatch', 'page', { url: app.url, token: viewer.accessToken, roomId: hit.roomId });
    expect(await watching.run('pictures', 'page', 5, deadlineMs)).toBeGreaterThanOrEqual(5);
    const busy = await busyWorker(app);
    // The other room goes where there is less to do: to the other worker.
    const key = await streamKeyOf(app, spared);
    const otherId = await wrtc.run('publish', { url: key.whipUrl, token: key.streamKey });
    await eventually(async () => (await stateOf(app, spared)) === 'live', { deadlineMs });
    const grant = await watchGrantOf(app, spared.roomId, viewer);
    const otherViewer = await wrtc.run('watch', { url: grant.whepUrl, token: grant.token });

    process.kill(mediaWorkers()[busy]!, 'SIGKILL');
    const wasLost = (verb: string) =>
      eventually(
        async () => {
          const states: { state: string }[] = await (verb === 'publisher' ? publishing : watching).run('states', verb);
          const lost = states.findIndex(({ state }) => state === 'reconnecting');
          return lost >= 0 && states.slice(lost).some(({ state }) => state === 'connected');
        },
        { deadlineMs },
      );
    await Promise.all([wasLost('publisher'), wasLost('page')]);

    expect(await watching.run('pictures', 'page', 5, deadlineMs)).toBeGreaterThanOrEqual(5);
    expect(await wrtc.run('state', { id: otherId })).toBe('connected');
    expect(await wrtc.run('state', { id: otherViewer })).toBe('connected');
    await eventually(() => mediaWorkers().length === 2, { deadlineMs });
    await mediaReady(app);
    expect((await call(app, 'GET', '/metrics')).body).toContain('nightmarket_media_worker_restarts 1');
  });
});

/** Index of the worker that carries the only show: by what it uses, which the other one does not. */
function busyWorker(app: App): Promise<number> {
  return eventually(
    async () => {
      const figures = String((await call(app, 'GET', '/metrics')).body);
      const loads = [...figures.matchAll(/nightmarket_media_worker_load\{worker="(\d)"\} (\S+)/g)];
      const [busiest, idlest] = loads
        .map(([, index, load]) => ({ index: Number(index), load: Number(load) }))
        .sort((one, other) => other.load - one.load);
      return busiest && idlest && busiest.load > 0.003 && busiest.load > 3 * idlest.load && [busiest.index];
    },
    { deadlineMs },
  ).then(([index]) => index!);
}

/** Process ids of our own media workers, the oldest first: in the order of their indices. */
function mediaWorkers(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
        const [, command, , parent] = /^\d+ \((.*)\) (\S) (\d+)/.exec(stat) ?? [];
        return command!.startsWith('mediasoup-worke') && Number(parent) === process.pid;
      } catch {
        return false; // It has ended meanwhile.
      }
    })
    .map(Number)
    .sort((one, other) => one - other);
}
