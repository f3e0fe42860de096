import type { Load, Scenario } from '../harness/scenario.ts';
import { bareMediasoup } from './media/bare-mediasoup.ts';
import { firstPictureSide } from './media/first-picture.ts';
import { forwardingSide } from './media/forwarding.ts';
import { hasJanus, janus } from './media/janus.ts';
import { rushSide } from './media/joins.ts';
import { killedSide } from './media/killed.ts';
import { ours } from './media/ours.ts';

/** Media: what a packet, a viewer and a join cost. */
export const scenario: Scenario = {
  summary: 'media: CPU per forwarded packet beside bare mediasoup and Janus, joins, first pictures',
  async run(load) {
    // A smoke run measures nothing that the others could disturb.
    if (load.profile === 'smoke') await Promise.all(parts.map((part) => part(load)));
    else for (const part of parts) await part(load);
  },
};

const parts = [besideBareMediasoup, besideJanus, rush, firstPictures, killed];

async function besideBareMediasoup(load: Load): Promise<void> {
  const audience = load.scale({ smoke: { viewers: 4, measureMs: 300 }, full: { viewers: 200, measureMs: 2_500 } });
  await load.compare({
    name: `one show to ${audience.viewers} viewers, beside bare mediasoup`,
    unit: 'µs of server CPU per packet forwarded to a viewer',
    baseline: forwardingSide(load, bareMediasoup, audience),
    sides: [forwardingSide(load, ours(load), audience)],
    targets: [{ side: 'ours', max: 1.05 }],
  });
}

async function besideJanus(load: Load): Promise<void> {
  if (!hasJanus()) return;
  const audience = load.scale({ smoke: { viewers: 4, measureMs: 300 }, full: { viewers: 100, measureMs: 1_500 } });
  await load.compare({
    name: `one show to ${audience.viewers} viewers, beside Janus`,
    unit: 'µs of server CPU per packet forwarded to a viewer',
    baseline: forwardingSide(load, janus(0), audience),
    sides: [forwardingSide(load, janus(1), audience), forwardingSide(load, ours(load), audience)],
    targets: [{ side: 'ours', max: 0.5 }],
  });
}

/** Everybody comes at once, as when a show was announced. */
async function rush(load: Load): Promise<void> {
  const joins = load.scale({ smoke: 5, full: 200 });
  await load.compare({
    name: `${joins} joins in one second`,
    rounds: 4, // A rush takes its time, and what it costs spreads little.
    unit: 'ms of server CPU per viewer who came',
    baseline: rushSide(load, bareMediasoup, joins),
    sides: [rushSide(load, ours(load), joins)],
    targets: [{ side: 'ours', of: 'keyFrameRequests', max: 2 }],
  });
}

async function firstPictures(load: Load): Promise<void> {
  const joins = load.scale({ smoke: 2, full: 10 });
  await load.compare({
    name: 'a viewer opens a live room',
    openings: 1, // A browser's picture takes its time whatever process serves it.
    unit: 'ms from opening the room to the first decoded picture, mean',
    baseline: firstPictureSide(load, joins),
    sides: [],
    targets: [{ side: 'ours', of: 'p95Ms', max: 700 }],
  });
}

/** Row 19 of the faults. That it comes back, the tests try (test/stream/faults.test.ts); how soon is asked of a quiet machine alone. */
async function killed(load: Load): Promise<void> {
  if (load.profile === 'smoke') return;
  await load.compare({
    name: 'a media worker is killed under a show',
    openings: 1,
    rounds: 1, // Each measurement is a server of its own, and a fault.
    unit: 'ms from kill -9 to decoded pictures over a new connection, mean',
    baseline: killedSide(load),
    sides: [],
    targets: [{ side: 'ours', of: 'backMs', max: 2_500 }],
  });
}
