import { setTimeout as wait } from 'node:timers/promises';
import { LatencyHistogram } from '../../harness/latency-histogram.ts';
import type { Load, OpenSide, Sample, Side } from '../../harness/scenario.ts';
import type { RawPeer } from '../../harness/webrtc/raw-peer.ts';
import type { MediaServer, MediaServerKind } from './media-server.ts';
import { payloadType } from './raw-sdp.ts';

/** The show has been running for a while when the rush comes. */
const runUpMs = 1_500;
/** As long as a viewer waits for the first packet. */
const firstPacketMsMax = 10_000;
/** Until the server has forgotten those who left. */
const settleMs = 500;
/** Viewers who leave within 5 ms. */
const leavingMax = 10;

/** Viewers who come within one second, each when their turn is, whether those before are through or not. */
export function rushSide(load: Load, kind: MediaServerKind, joins: number): Side {
  return {
    name: kind.name,
    setUp: kind.setUp,
    async open(): Promise<OpenSide> {
      const server = await kind.start();
      return { measure: () => rush(load, kind.name, server, joins), close: server.stop };
    },
  };
}

async function rush(load: Load, name: string, server: MediaServer, joins: number): Promise<Sample> {
  const { show, cpuMs } = server;
  show.start();
  await wait(runUpMs);
  const before = { cpuMs: cpuMs(), keyFrames: show.keyFrameRequests(), atMs: performance.now() };
  const times = new LatencyHistogram();
  const tries = await Promise.allSettled(
    Array.from({ length: joins }, async (_, i) => {
      const dueMs = before.atMs + (i * 1_000) / joins;
      await wait(Math.max(0, dueMs - performance.now()));
      const viewer = await server.watch();
      await firstPacket(viewer);
      times.addMs(performance.now() - dueMs);
      return viewer;
    }),
  );
  const viewers = tries.flatMap((each) => (each.status === 'fulfilled' ? each.value : []));
  const failure = tries.find((each) => each.status === 'rejected');
  const sample = {
    value: (cpuMs() - before.cpuMs) / joins,
    figures: {
      keyFrameRequests: show.keyFrameRequests() - before.keyFrames,
      allJoinedMs: performance.now() - before.atMs,
      firstPacketP50Ms: times.percentiles().p50Ms,
      firstPacketP99Ms: times.percentiles().p99Ms,
    },
  };
  load.check(`${name}: everybody who comes gets packets`, !failure, failure ? String(failure.reason) : '');
  show.stop();
  await leave(viewers);
  await wait(settleMs);
  return sample;
}

/** A few at a time: a goodbye that is lost in a full buffer leaves a session behind until its consent runs out. */
async function leave(viewers: RawPeer[]): Promise<void> {
  for (const [i, viewer] of viewers.entries()) {
    viewer.close();
    if (i % leavingMax === 0) await wait(5);
  }
}

/** The first packet of a picture: sent only behind a key frame. */
function firstPacket(viewer: RawPeer): Promise<void> {
  return new Promise((resolve, reject) => {
    const tooLate = setTimeout(reject, firstPacketMsMax, new Error('no packet came'));
    viewer.onPacket((packet) => {
      if (!isVideo(packet)) return;
      clearTimeout(tooLate);
      viewer.onPacket(() => undefined);
      resolve();
    });
  });
}

const isVideo = (packet: Buffer): boolean => (packet[1]! & 0x7f) === payloadType.video;
