import { setTimeout as wait } from 'node:timers/promises';
import type { Load, OpenSide, Sample, Side } from '../../harness/scenario.ts';
import type { RawPeer } from '../../harness/webrtc/raw-peer.ts';
import type { MediaServer, MediaServerKind } from './media-server.ts';

export type Audience = {
  viewers: number;
  /** Of one measurement. */
  measureMs: number;
};

/** Before a measurement: the show runs, the room is live again, everything is warm. */
const runUpMs = 700;
/** After it: what is on its way arrives. */
const settleMs = 100;
/** Viewers who come at a time. */
const joiningMax = 8;

/** One show and its viewers; a measurement lets it run for a while and sees what each packet to each viewer cost. */
export function forwardingSide(load: Load, kind: MediaServerKind, audience: Audience): Side {
  return {
    name: kind.name,
    setUp: kind.setUp,
    async open(): Promise<OpenSide> {
      const server = await kind.start();
      const before = server.residentBytes();
      const viewers = await gather(server, audience.viewers).catch(async (error: unknown) => {
        await server.stop(); // Its process would keep this one from ending.
        throw error;
      });
      const residentKilobytesPerViewer = (server.residentBytes() - before) / viewers.length / 1_024;
      return {
        async measure() {
          const sample = await forward(load, kind.name, server, viewers, audience);
          return { ...sample, figures: { ...sample.figures, residentKilobytesPerViewer } };
        },
        async close() {
          for (const viewer of viewers) viewer.close();
          await server.stop();
        },
      };
    },
  };
}

export async function gather(server: MediaServer, count: number): Promise<RawPeer[]> {
  const viewers: RawPeer[] = [];
  while (viewers.length < count) {
    const next = Math.min(joiningMax, count - viewers.length);
    viewers.push(...(await Promise.all(Array.from({ length: next }, () => server.watch()))));
  }
  return viewers;
}

async function forward(
  load: Load,
  name: string,
  { show, cpuMs }: MediaServer,
  viewers: RawPeer[],
  { measureMs }: Audience,
): Promise<Sample> {
  show.start();
  await wait(runUpMs);
  const received = (): number => viewers.reduce((sum, viewer) => sum + viewer.received().packets, 0);
  const each = (): number[] => viewers.map((viewer) => viewer.received().packets);
  const before = {
    each: each(),
    packets: received(),
    cpuMs: cpuMs(),
    sent: show.sent(),
    loadMs: ownCpuMs(),
    atMs: performance.now(),
  };
  await wait(measureMs);
  const serverMs = cpuMs() - before.cpuMs;
  const loadMs = ownCpuMs() - before.loadMs;
  const elapsedMs = performance.now() - before.atMs;
  const sent = show.sent() - before.sent;
  show.stop();
  await wait(settleMs);
  const packets = sent * viewers.length;
  const arrived = received() - before.packets;
  const counts = each().map((count, i) => count - before.each[i]!);
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  load.check(
    `${name}: what is sent arrives at every viewer`,
    least >= sent * arrivalsMin,
    `${sent} sent, ${least} at the viewer who got least, ${arrived} in all`,
  );
  load.check(
    `${name}: and none of it twice`,
    most <= sent + onTheWayMax + reportsMax(elapsedMs),
    `${sent} sent, ${most} at the viewer who got most`,
  );
  return {
    value: (serverMs * 1_000) / packets,
    figures: {
      viewersPerCore: (viewers.length * elapsedMs) / serverMs,
      serverCoreShare: serverMs / elapsedMs,
      packetsPerSecond: (packets * 1_000) / elapsedMs,
      loadCpuPerServerCpu: loadMs / serverMs,
    },
  };
}

/** A full socket buffer of a viewer may lose a packet; a server that leaves out some on purpose would lose many. */
const arrivalsMin = 0.99;

/** What was on its way, or not read yet, when the counting began counts too: some 150 ms of the show. Half of what a smoke run sends. */
const onTheWayMax = 30;
/** Reports of the server to a viewer, which count as packets: one or two a second for each of two streams. */
const reportsMax = (elapsedMs: number): number => 10 + (elapsedMs / 1_000) * 8;

function ownCpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}
