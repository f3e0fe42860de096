import { setTimeout as wait } from 'node:timers/promises';
import type { Load, OpenSide, Sample, Side } from '../../harness/scenario.ts';
import { meanOf } from '../../harness/statistics.ts';
import { startBrowser, type Tab } from '../../../test/media/support/browser.ts';
import { openServer } from './ours.ts';

/** The camera has been on for a while. */
const runUpMs = 2_000;

/** Chromium publishes by the page's client; one viewer after the other opens the room in another tab and leaves again. */
export function firstPictureSide(load: Load, joins: number): Side {
  return {
    name: 'ours',
    setUp:
      "the page's own client in Chromium: socket, join, ICE, DTLS, and the first frame out of the decoder; the camera is another tab of the same browser",
    async open(): Promise<OpenSide> {
      const [{ server, roomId, hostToken }, browser] = await Promise.all([openServer(load), startBrowser()]);
      const [camera, viewer] = await Promise.all([browser.tab(), browser.tab()]);
      const people = await server.people(1);
      const to = { url: server.url, roomId };
      await camera.run('pagePublish', 'camera', { ...to, token: hostToken });
      await wait(runUpMs);
      return {
        measure: () => join(load, viewer, joins, { ...to, token: people[0]!.accessToken }),
        async close() {
          await browser.close();
          await server.stop();
        },
      };
    },
  };
}

async function join(load: Load, viewer: Tab, joins: number, to: object): Promise<Sample> {
  const times: number[] = [];
  for (let i = 0; i < joins; i++) times.push((await viewer.run('firstPicture', to)) as number);
  load.check('ours: every viewer sees a picture', times.length === joins);
  const sorted = times.toSorted((one, other) => one - other);
  return {
    value: meanOf(times),
    figures: {
      p50Ms: sorted[Math.ceil(joins * 0.5) - 1]!,
      p95Ms: sorted[Math.ceil(joins * 0.95) - 1]!,
      maxMs: sorted.at(-1)!,
    },
  };
}
