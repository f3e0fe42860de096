import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { App } from '../../server/app/app.ts';
import type { RoomEntry, RoomFrame } from '../../shared/protocol/room.ts';
import { account, call, freshStores, guest, mediaToken, openSocket, send, startTestApp } from '../support/app.ts';
import { startChildGateway } from '../support/child-gateway.ts';
import { eventually } from '../support/eventually.ts';
import { startBrowser, type Tab, type TestBrowser } from '../media/support/browser.ts';
import {
  mediaReady,
  scheduleShow,
  startMediaApp,
  stateOf,
  streamKeyOf,
  watchGrantOf,
  type Show,
} from '../media/support/show.ts';
import { startWrtc, type WrtcPeers } from '../media/support/wrtc.ts';

/**
 * That it comes back is what is tried here; how soon (about 2 s on a machine with nothing else to do) is noted and not judged:
 * tests of other files burn the same cores meanwhile.
 */
const deadlineMs = 60_000;
const timeout = 180_000;

describe('media is killed', () => {
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

  test('only its room is hit, and the page brings its media back', { timeout }, async ({ annotate }) => {
    const host = await account(app);
    const [hit, spared] = [await scheduleShow(app, host), await scheduleShow(app, host)];
    await publishAndWatch(app, hit);
    await eventually(async () => (await stateOf(app, hit)) === 'live', { deadlineMs });
    const viewer = await guest(app);
    const busy = await busyWorker(app);
    // The other room goes where there is less to do: to the other worker.
    const key = await streamKeyOf(app, spared);
    const otherId = await wrtc.run('publish', { url: key.whipUrl, token: key.streamKey });
    await eventually(async () => (await stateOf(app, spared)) === 'live', { deadlineMs });
    const grant = await watchGrantOf(app, spared.roomId, viewer);
    const otherViewer = await wrtc.run('watch', { url: grant.whepUrl, token: grant.token });

    await mute(hit);
    await watching.run('keepWhipWhep', 'foreign', 'whipWhepWatch', await watchGrantOf(app, hit.roomId, viewer));

    const seenOfOther = (count: number) => wrtc.run('pictures', { id: otherViewer, count, withinMs: deadlineMs });
    const before = Number(await seenOfOther(1));

    const backMs = await timeUntilBack(() => process.kill(mediaWorkers()[busy]!, 'SIGKILL'));

    await annotate(`back after ${Math.round(backMs)} ms`);
    // Pictures, not connections: of a server that was killed a client believes for seconds that it is there.
    const after = Number(await seenOfOther(1));
    expect(await seenOfOther(after + 10)).toBeGreaterThanOrEqual(after + 10);
    expect(after).toBeGreaterThan(before);
    expect(await wrtc.run('state', { id: otherId })).toBe('connected');
    await eventually(() => mediaWorkers().length === 2, { deadlineMs });
    await mediaReady(app);
    expect((await call(app, 'GET', '/metrics')).body).toContain('nightmarket_media_worker_restarts 1');
    expect(await mutedIn(hit)).toEqual(['audio']);
    await foreignIsBack(watching);
    await Promise.all([stopBoth(), watching.run('stop', 'foreign')]);
  });

  test(
    'a media process of its own is killed and started again: who is there comes back, and who goes meanwhile is missed',
    { timeout },
    async ({ annotate }) => {
      const stores = await freshStores();
      const link = { NIGHTMARKET_MEDIA_TOKEN: mediaToken };
      const startMedia = (port: string) =>
        startChildGateway(stores, {
          ...link,
          PORT: port,
          NIGHTMARKET_ROLES: 'media',
          NIGHTMARKET_MEDIA_WORKERS: '1',
          MEDIASOUP_WORKER_BIN: inject('workerBin')!,
        });
      let media = await startMedia('0');
      const gateway = await startTestApp(stores, {
        settings: { ...link, NIGHTMARKET_ROLES: 'gateway,worker', NIGHTMARKET_MEDIA_URL: media.url },
      });
      await mediaReady(gateway);
      const isLive = (show: Show) => eventually(async () => (await stateOf(gateway, show)) === 'live', { deadlineMs });
      const [ofPage, ofForeign, ofGone, ofCoHost] = [
        await scheduleShow(gateway),
        await scheduleShow(gateway),
        await scheduleShow(gateway),
        await scheduleShow(gateway),
      ];
      const [toldOfGone, toldOfCoHost] = [
        await publishersTold(gateway, ofGone),
        await publishersTold(gateway, ofCoHost),
      ];
      await publishAndWatch(gateway, ofPage);
      await publishing.run('keepWhipWhep', 'foreign', 'whipWhepPublish', await streamKeyOf(gateway, ofForeign));
      await isLive(ofForeign);
      const grant = await watchGrantOf(gateway, ofForeign.roomId, await guest(gateway));
      await watching.run('keepWhipWhep', 'foreign', 'whipWhepWatch', grant);
      const key = await streamKeyOf(gateway, ofGone);
      const goneId = await wrtc.run('publish', { url: key.whipUrl, token: key.streamKey });
      await isLive(ofGone);
      await publishing.run('pagePublish', 'co-host', { url: gateway.url, ...(await coHostOf(gateway, ofCoHost)) });
      for (const told of [toldOfGone, toldOfCoHost])
        await eventually(() => told.publishers().at(-1)?.length === 1, { deadlineMs });

      let restartMs = 0;
      const backMs = await timeUntilBack(async () => {
        await media.kill();
        const killedMs = performance.now();
        // A host and a co-host without a host go while the media server is dead: nobody tells their rooms.
        await Promise.all([wrtc.run('stop', { id: goneId, token: key.streamKey }), publishing.run('stop', 'co-host')]);
        media = await startMedia(new URL(media.url).port);
        restartMs = performance.now() - killedMs;
      });

      await annotate(
        `back ${Math.round(backMs - restartMs)} ms after it was ready again, which took ${Math.round(restartMs)} ms`,
      );
      await Promise.all([foreignIsBack(publishing), foreignIsBack(watching)]);
      await eventually(async () => (await stateOf(gateway, ofGone)) === 'paused', { deadlineMs });
      for (const told of [toldOfGone, toldOfCoHost]) {
        await eventually(() => told.publishers().at(-1)?.length === 0, { deadlineMs });
        told.stop();
      }
      await isLive(ofPage);
      await Promise.all([stopBoth(), ...[publishing, watching].map((tab) => tab.run('stop', 'foreign'))]);
      await gateway.close();
      // A worker that hangs ends with its process all the same: it would keep the port from the next one.
      const [hung] = mediaWorkers(media.pid);
      process.kill(hung!, 'SIGSTOP');
      await media.stop();
      await eventually(() => hasEnded(hung!));
    },
  );

  async function mute({ roomId, host }: Show): Promise<void> {
    const socket = await openSocket(app, host);
    const asked = { roomId, personId: host.person.personId, kind: 'audio' as const, muted: true };
    expect(await send(socket, 'media:mute', asked)).toMatchObject({ data: { outcome: 'done' } });
    socket.close();
  }

  const mutedIn = async ({ roomId, token }: Show): Promise<unknown> =>
    (await call(app, 'GET', `/api/rooms/${roomId}/media`, { token })).body.data.publishers[0]?.muted;

  /** What somebody in the room hears of who publishes, each time as a list. */
  async function publishersTold(server: Pick<App, 'url'>, { roomId }: Show) {
    const socket = await openSocket(server, await guest(server));
    const entries: RoomEntry[] = [];
    socket.on('room:frame', (frame: RoomFrame) => entries.push(...frame.entries));
    await send(socket, 'room:join', { roomId });
    return {
      publishers: () =>
        entries
          .filter(({ kind }) => kind === 'media:publishers')
          .map(({ body }) => (body as { publishers: unknown[] }).publishers),
      stop: () => void socket.close(),
    };
  }

  /** Somebody whom the host of a show has invited to publish too, and who has accepted. */
  async function coHostOf(server: Pick<App, 'url'>, { roomId, host }: Show) {
    const viewer = await account(server);
    const [inviting, invited] = [await openSocket(server, host), await openSocket(server, viewer)];
    await send(inviting, 'media:invite', { roomId, personId: viewer.person.personId });
    await send(invited, 'media:accept', { roomId });
    for (const socket of [inviting, invited]) socket.close();
    return { roomId, token: viewer.accessToken };
  }

  async function publishAndWatch(server: Pick<App, 'url'>, { roomId, token }: Show): Promise<void> {
    await publishing.run('pagePublish', 'publisher', { url: server.url, token, roomId });
    const viewer = await guest(server);
    await watching.run('pageWatch', 'page', { url: server.url, token: viewer.accessToken, roomId });
    expect(await watching.run('pictures', 'page', 5, deadlineMs)).toBeGreaterThanOrEqual(5);
  }

  /** A foreign client is told nothing: it begins anew once its browser has missed some seconds of answers. */
  async function foreignIsBack(tab: Tab): Promise<void> {
    await eventually(async () => (await tab.run('begun', 'foreign')) > 1, { deadlineMs });
    if (tab === watching) expect(await tab.run('pictures', 'foreign', 5, deadlineMs)).toBeGreaterThanOrEqual(5);
  }

  const stopBoth = () => Promise.all([publishing.run('stop', 'publisher'), watching.run('stop', 'page')]);

  /** From the fault to pictures that come again, over a new connection. */
  async function timeUntilBack(strike: () => unknown): Promise<number> {
    const struckMs = performance.now();
    await strike();
    const isBack = (tab: Tab, name: string) =>
      eventually(
        async () => {
          const states: { state: string }[] = await tab.run('states', name);
          const lost = states.findIndex(({ state }) => state === 'reconnecting');
          return lost >= 0 && states.slice(lost).some(({ state }) => state === 'connected');
        },
        { deadlineMs },
      );
    await Promise.all([isBack(publishing, 'publisher'), isBack(watching, 'page')]);
    expect(await watching.run('pictures', 'page', 5, deadlineMs)).toBeGreaterThanOrEqual(5);
    return performance.now() - struckMs;
  }
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

/** Process ids of the media workers of a process, the oldest first: in the order of their indices. */
function mediaWorkers(of = process.pid): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const [, command, , parent] = statOf(Number(pid));
        return command!.startsWith('mediasoup-worke') && Number(parent) === of;
      } catch {
        return false; // It has ended meanwhile.
      }
    })
    .map(Number)
    .sort((one, other) => one - other);
}

/** @returns program, state and parent of a process, from the second place on */
const statOf = (pid: number): string[] =>
  /^\d+ \((.*)\) (\S) (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];

/** Also one that nobody has buried yet. */
function hasEnded(pid: number): boolean {
  try {
    return statOf(pid)[2] === 'Z';
  } catch {
    return true;
  }
}
