import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { descendantsOf } from '../../harness/cpu.ts';
import type { Load, OpenSide, Sample, Side } from '../../harness/scenario.ts';
import { startBrowser, type Tab } from '../../../test/media/support/browser.ts';
import { openServer } from './ours.ts';

/** The show runs again for a while before the next fault. */
const runUpMs = 1_500;
const backMsMax = 20_000;
const lookEveryMs = 20;
/** Pictures of the new connection that must have been decoded: media is back, and not only connected. */
const picturesMin = 2;

/** kill -9 of the media worker under a show: how long until the viewer's page decodes pictures again. */
export function killedSide(load: Load): Side {
  return {
    name: 'ours',
    setUp:
      "the page's own client in Chromium, camera and viewer in two tabs of one browser; from SIGKILL of the only media worker to decoded pictures over a new connection",
    async open(): Promise<OpenSide> {
      const browser = await startBrowser();
      const [camera, viewer] = await Promise.all([browser.tab(), browser.tab()]);
      return { measure: () => killOnce(load, camera, viewer), close: browser.close };
    },
  };
}

/** Of a server of its own: one whose worker died lately waits longer each time before it starts the next. */
async function killOnce(load: Load, camera: Tab, viewer: Tab): Promise<Sample> {
  const { server, roomId, hostToken } = await openServer(load);
  try {
    const [person] = await server.people(1);
    const to = { url: server.url, roomId };
    await camera.run('pagePublish', 'camera', { ...to, token: hostToken });
    await viewer.run('pageWatch', 'viewer', { ...to, token: person!.accessToken });
    return await kill(load, viewer, server.pid);
  } finally {
    await Promise.all([camera.run('stop', 'camera'), viewer.run('stop', 'viewer')]);
    await server.stop();
  }
}

async function kill(load: Load, viewer: Tab, serverPid: number): Promise<Sample> {
  await viewer.run('pictures', 'viewer', picturesMin, backMsMax);
  await wait(runUpMs);
  const statesBefore = ((await viewer.run('states', 'viewer')) as unknown[]).length;
  const struckMs = performance.now();
  process.kill(workerOf(serverPid), 'SIGKILL');
  const isBack = await reconnected(viewer, statesBefore, struckMs + backMsMax);
  const pictures = Number(await viewer.run('pictures', 'viewer', picturesMin, backMsMax));
  const backMs = performance.now() - struckMs;
  load.check('ours: pictures come again after a worker was killed', isBack && pictures >= picturesMin);
  return { value: backMs, figures: { backMs } };
}

/** The pictures of before are of no account: the page has to have noticed, and to be connected anew. */
async function reconnected(viewer: Tab, statesBefore: number, giveUpAtMs: number): Promise<boolean> {
  while (performance.now() < giveUpAtMs) {
    const since = ((await viewer.run('states', 'viewer')) as { state: string }[]).slice(statesBefore);
    const lost = since.findIndex(({ state }) => state === 'reconnecting');
    if (lost >= 0 && since.slice(lost).some(({ state }) => state === 'connected')) return true;
    await wait(lookEveryMs);
  }
  return false;
}

function workerOf(serverPid: number): number {
  const isWorker = (pid: number): boolean => readFileSync(`/proc/${pid}/comm`, 'utf8').startsWith('mediasoup-worke');
  const worker = descendantsOf(serverPid).find(isWorker);
  if (worker === undefined) throw new Error('the server has no media worker');
  return worker;
}
