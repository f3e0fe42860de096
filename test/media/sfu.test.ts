import { createSocket } from 'node:dgram';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import { createFlowWatch } from '../../media/flow-watch.ts';
import { createLease } from '../../media/lease.ts';
import { mediaProcessLimits } from '../../media/limits.ts';
import { payloadTypes, rtpCapabilities, rtpParametersOf } from '../../load-tests/scenarios/media/bare-mediasoup.ts';
import type { MediaWorker } from '../../media/workers.ts';
import { newId } from '../../shared/ids.ts';
import type { MediaEvent } from '../../shared/media-link.ts';
import type { MediaKind } from '../../shared/protocol/media.ts';
import { newIce } from '../../load-tests/harness/webrtc/raw-peer.ts';
import { publishShow, watchRaw } from '../../load-tests/harness/webrtc/raw-sessions.ts';
import { eventually } from '../support/eventually.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { comeToPublish, comeToWatch, dtlsParameters, remoteOf } from './support/raw-clients.ts';
import { createTestSfu, openDoor, startSfu, type TestSfu } from './support/sfu.ts';
import { startWrtc, type WrtcPeers } from './support/wrtc.ts';

const picturesMin = 5;
const withinMs = 15_000;

describe('the media server, with a native peer', () => {
  let wrtc: WrtcPeers;
  let started: TestSfu;
  let door: Awaited<ReturnType<typeof openDoor>>;
  const roomId = newId();

  beforeAll(() => {
    wrtc = startWrtc();
  });
  afterEach(() => {
    door.close();
    started.close();
  });
  afterAll(() => wrtc.close());

  async function start(options: Parameters<typeof startSfu>[0] = {}): Promise<void> {
    started = await startSfu(options);
    door = await openDoor(started.sfu, roomId);
  }
  const publish = () => wrtc.run('publish', { url: door.whip, token: 'any' });
  const watch = (options = {}) => wrtc.run('watch', { url: door.whep, token: 'any', ...options });
  const pictures = (id: number, count = picturesMin) => wrtc.run('pictures', { id, count, withinMs });
  const room = () => started.sfu.running()!.rooms.find(roomId)!;

  test('a player with other payload types is served from a router that speaks them', { timeout: 40_000 }, async () => {
    await start();
    await publish();
    const [usual, unusual] = [await watch(), await watch({ swap: [96, 98] })];

    expect(await pictures(usual)).toBeGreaterThanOrEqual(picturesMin);
    expect(await pictures(unusual)).toBeGreaterThanOrEqual(picturesMin);
    expect(room().legs()).toBe(2);
  });

  test('a packet reaches a viewer at most once, at home and over a pipe to which several come at once', async () => {
    await start();
    const host = await comeToPublish(started.sfu, roomId);
    await Promise.all([host.produce('audio'), host.produce('video')]);
    const unusual = (offer: string) =>
      offer.replaceAll(
        /(rtpmap:|fmtp:|rtcp-fb:|SAVPF )(96|111)\b/g,
        (_all, where: string, type: string) => `${where}${Number(type) - 1}`,
      );
    const viewers = await Promise.all([
      comeToWatch(started.sfu, roomId),
      comeToWatch(started.sfu, roomId, unusual),
      comeToWatch(started.sfu, roomId, unusual),
    ]);
    await eventually(() => viewers.every(({ media }) => media.packets > 0), { deadlineMs: withinMs });
    expect(room().legs()).toBe(2);
    const [before, sentBefore] = [viewers.map(({ media }) => media.packets), host.sent()];

    const arrived = () => viewers.map(({ media }, i) => media.packets - before[i]!);
    await eventually(() => Math.min(...arrived()) > 100, { deadlineMs: withinMs });

    const onTheWay = 20; // When the counting began.
    expect(Math.max(...arrived())).toBeLessThanOrEqual(host.sent() - sentBefore + onTheWay);
    expect(viewers.map(({ media }) => media.repeated)).toEqual([0, 0, 0]);
    for (const one of [host, ...viewers]) one.close();
  });

  test(
    'a room grows over to another worker when the first is busy, and its viewers there outlive the loss of the first',
    { timeout: 60_000 },
    async () => {
      await start({ workers: 2, loadMax: 0.0001 });
      await publish();
      const viewer = await watch();

      expect(await pictures(viewer)).toBeGreaterThanOrEqual(picturesMin);
      const sessionOf = (way: string) => [...room().sessions().values()].find(({ direction }) => direction === way)!;
      const [publisher, watching] = [sessionOf('publish'), sessionOf('watch')];
      expect(publisher.leg.mediaWorker.index).not.toBe(watching.leg.mediaWorker.index);

      // Home dies and comes back elsewhere: who watches on the other worker stays, and is served from there over one new pipe.
      process.kill(publisher.leg.mediaWorker.worker.pid, 'SIGKILL');
      await eventually(() => publisher.closed, { deadlineMs: withinMs });
      const before = Number(await pictures(viewer, 1));
      await eventually(publish, { deadlineMs: withinMs });
      expect(await pictures(viewer, before + picturesMin)).toBeGreaterThanOrEqual(before + picturesMin);
      expect(watching.closed).toBe(false);
      expect(watching.consumers.size).toBe(room().published().length);
      const { transportIds, mapProducerIdConsumerIds } = await watching.leg.router.dump();
      expect(transportIds).toHaveLength(2);
      expect(mapProducerIdConsumerIds.map(({ values }) => values.length)).toEqual(
        room()
          .published()
          .map(() => 1),
      );
    },
  );

  test('a worker follows its machine into another network: at once when it left one, else when nobody is disturbed', async () => {
    let ips = ['127.0.0.1'];
    await start({ listenIps: () => ips, networksEveryMs: 100 });
    const { sfu, events } = started;
    const reachedAt = async (): Promise<string[]> => {
      const where = { roomId, sessionId: newId() };
      const { iceCandidates } = await sfu.open({ ...where, ownerId: newId(), direction: 'watch' });
      return [...new Set(iceCandidates.map(({ address }) => String(address)))];
    };
    const isReachedAt = (expected: string[]) =>
      eventually(async () => String(await reachedAt().catch(() => [])) === String(expected), { deadlineMs: withinMs });
    expect(await reachedAt()).toEqual(ips);

    ips = ['127.0.0.2', '127.0.0.1']; // One more: who is there goes on, and the worker moves when they have gone.
    const { workers } = sfu.running()!;
    const [first] = workers.running();
    await eventually(async () => (await first!.worker.dump()).routerIds.length === 1);
    expect(await reachedAt()).toEqual(['127.0.0.1']);
    await sfu.endAll({ roomId, reason: 'left' });
    await eventually(() => first!.worker.closed, { deadlineMs: withinMs });
    await isReachedAt(ips);

    ips = ['127.0.0.3', '127.0.0.1'];
    await isReachedAt(ips);
    expect(events).toContainEqual(expect.objectContaining({ type: 'closed', reason: 'worker-died' }));
    expect(workers.restarts()).toBe(0);
  });

  test('a worker that hangs when its machine moves gives its place to another one, and holds up none beside it', async () => {
    let ips = ['127.0.0.1'];
    await start({ workers: 2, listenIps: () => ips, networksEveryMs: 100, answerWithinMs: 1_000 });
    const { workers } = started.sfu.running()!;
    await eventually(() => workers.running().length === 2);
    const [{ worker: hung }, beside] = workers.running() as [MediaWorker, MediaWorker];
    process.kill(hung.pid, 'SIGSTOP');

    ips = ['127.0.0.2'];

    const movedTo = () => workers.running().filter((worker) => worker.ips[0] === ips[0]);
    await eventually(() => movedTo().some(({ index }) => index === beside.index), { deadlineMs: withinMs });
    await eventually(() => movedTo().length === 2, { deadlineMs: withinMs });
    expect(() => process.kill(hung.pid, 0)).toThrow('ESRCH');
  });

  test('who speaks is told, and that nobody does when they have gone', { timeout: 40_000 }, async () => {
    await start();
    const id = await wrtc.run('publish', { url: door.whip, token: 'any', tone: true });

    const told = () => started.events.flatMap((event) => (event.type === 'speakers' ? [event] : []));
    const heard = await eventually(() => told().find(({ speakers }) => speakers.length > 0), { deadlineMs: withinMs });
    expect(heard).toMatchObject({ roomId, speakers: [{ ownerId: room().publishers()[0]!.personId }] });
    expect(told()[0], 'before anybody was heard').toMatchObject({ roomId, speakers: [] });

    await started.sfu.endAll({ roomId, reason: 'left' });
    expect(told().at(-1)).toMatchObject({ roomId, speakers: [] });
    await wrtc.run('stop', { id, token: 'any' });
  });

  test(
    'a worker that hangs is replaced, whether it is at work or has just been started',
    { timeout: 40_000 },
    async () => {
      const folder = temporaryFolder();
      const hangsFirst = path.join(folder, 'worker');
      const script = `#!/bin/sh\nmkdir '${folder}/begun' 2>/dev/null && exec sleep 60\nexec '${inject('workerBin')!}' "$@"\n`;
      writeFileSync(hangsFirst, script, { mode: 0o700 });
      await start({ workerBin: hangsFirst, answerWithinMs: 2_000 });
      await publish();
      const { mediaWorker } = [...room().sessions().values()][0]!.leg;

      process.kill(mediaWorker.worker.pid, 'SIGSTOP');

      const { workers } = started.sfu.running()!;
      await eventually(() => workers.restarts() > 0 && workers.running().length === 1, { deadlineMs: withinMs });
      expect(started.events).toContainEqual(expect.objectContaining({ type: 'closed', reason: 'worker-died' }));
    },
  );

  test('what no gateway asks about any more ends: nobody could say whether it still may be', async () => {
    await start();
    const host = await comeToPublish(started.sfu, roomId);
    let nowMs = 0;
    const lease = createLease({ sfu: started.sfu, nowMs: () => nowMs });
    const reasons = () => started.events.flatMap((event) => (event.type === 'closed' ? [event.reason] : []));

    nowMs = 290_000;
    lease.asked();
    nowMs = 580_000;
    await lease.look();
    expect(reasons()).toEqual([]);
    nowMs = 590_000;
    await lease.look();
    expect(reasons()).toEqual(['lost']);
    host.close();
  });

  test('who comes while a worker dies is to ask again, and is let in a moment later', { timeout: 40_000 }, async () => {
    await start();
    const open = () => started.sfu.open({ roomId, sessionId: newId(), ownerId: newId(), direction: 'watch' });
    const session = { roomId, sessionId: newId() };
    await started.sfu.open({ ...session, ownerId: newId(), direction: 'watch' });
    const [worker] = started.sfu.running()!.workers.running();

    process.kill(worker!.worker.pid, 'SIGKILL');

    await expect(open()).rejects.toMatchObject({ code: 'RETRY' });
    await expect(started.sfu.consume({ ...session, rtpCapabilities: rtpCapabilities as never })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    // A WHIP or WHEP client that restarts ICE because nothing comes any more learns that it has to begin anew.
    const fragment = 'a=ice-ufrag:new\r\na=ice-pwd:0123456789012345678901\r\n';
    await expect(started.sfu.patch({ ...session, ifMatch: '*', fragment })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    await eventually(open, { deadlineMs: withinMs });
  });

  test('a publisher who is put off the air at the first look at them is not told as flowing', async () => {
    await start();
    const host = await comeToPublish(started.sfu, roomId);
    await host.produce('video');
    await eventually(() => started.events.some(({ type }) => type === 'flowing'), { deadlineMs: withinMs });
    const told: MediaEvent[] = [];
    const { look } = createFlowWatch({
      nowMs: () => performance.now(),
      tell: (event) => told.push(event),
      onReceived: (session) => session.close('too-much-sent'),
    });

    const where = room();
    await look([where]);

    expect(where.publishers()).toEqual([]);
    expect(told).toEqual([]);
    host.close();
  });

  test('a client that restarts ICE is reached under the new names alone', { timeout: 40_000 }, async () => {
    await start();
    const host = await comeToPublish(started.sfu, roomId);
    await host.produce('video');
    const where = { roomId, sessionId: newId() };
    const transport = await started.sfu.open({ ...where, ownerId: newId(), direction: 'watch' });
    await started.sfu.connect({ ...where, dtlsParameters });

    const { iceParameters } = await started.sfu.restartIce(where);

    expect(iceParameters.usernameFragment).not.toBe(transport.iceParameters.usernameFragment);
    const peer = await watchRaw(remoteOf({ ...transport, iceParameters }), newIce());
    const { consumers } = await started.sfu.consume({ ...where, rtpCapabilities: rtpCapabilities as never });
    await started.sfu.resume({ ...where, consumerIds: consumers.map(({ consumerId }) => consumerId) });
    await eventually(() => peer.received().packets > 10, { deadlineMs: withinMs });
    peer.close();
    host.close();
  });

  test('who was muted stays muted when they send anew', { timeout: 40_000 }, async () => {
    await start();
    await publish();
    const { personId: ownerId } = await eventually(() => room().publishers()[0], { deadlineMs: withinMs });
    const mute = (kinds: MediaKind[], version: number) =>
      started.sfu.mute({ roomId, ownerId, muted: { kinds, version } });
    expect(await mute(['audio'], 2)).toEqual({ sent: expect.arrayContaining(['audio', 'video']) });

    await publish();
    const takenOver = () => started.events.some((event) => event.type === 'closed' && event.reason === 'taken-over');
    await eventually(takenOver, { deadlineMs: withinMs });

    expect(room().publishers()).toEqual([expect.objectContaining({ personId: ownerId, muted: ['audio'] })]);
    await mute([], 1); // Decided before, and late.
    expect(room().publishers()).toEqual([expect.objectContaining({ personId: ownerId, muted: ['audio'] })]);
    await mute([], 3);
    expect(room().publishers()).toEqual([expect.objectContaining({ personId: ownerId, muted: [] })]);
  });

  test('who is muted is not heard over a session that was prepared before', { timeout: 40_000 }, async () => {
    await start();
    const host = await comeToPublish(started.sfu, roomId);
    const { ownerId } = host;
    await host.produce('audio');
    const prepared = { roomId, sessionId: newId() };
    const transport = await started.sfu.open({ ...prepared, ownerId, direction: 'publish' });
    await started.sfu.produce({ ...prepared, kind: 'audio', rtpParameters: rtpParametersOf.audio });

    await started.sfu.mute({ roomId, ownerId, muted: { kinds: ['audio'], version: 1 } });
    await started.sfu.connect({ ...prepared, dtlsParameters });
    const again = await publishShow(remoteOf(transport), newIce(), payloadTypes);

    await eventually(() => room().sessions().size === 1, { deadlineMs: withinMs });
    expect(room().publishers()).toEqual([{ personId: ownerId, kinds: ['audio'], muted: ['audio'] }]);
    // A gateway that could not hear what became of them asks.
    const [first, unknown] = [
      { roomId, sessionId: host.sessionId },
      { roomId, sessionId: newId() },
    ];
    expect(await started.sfu.ended({ sessions: [first, prepared, unknown] })).toEqual({
      ended: [
        { ...first, reason: 'taken-over' },
        { ...unknown, reason: 'worker-died' },
      ],
    });
    for (const one of [host, again]) one.close();
  });

  test('who comes back elsewhere was never away: the stream goes on, and the old session ends', async () => {
    let atMs = 0;
    await start({ nowMs: () => atMs }); // Nobody is silent while no time passes.
    const first = await comeToPublish(started.sfu, roomId);
    await first.produce('video');
    const told = () => started.events.filter(({ type }) => ['flowing', 'silent', 'closed'].includes(type));
    await eventually(() => told().length === 1, { deadlineMs: withinMs });

    const second = await comeToPublish(started.sfu, roomId, first.ownerId);
    await second.produce('video');
    await eventually(() => told().length === 3, { deadlineMs: withinMs });

    const [one, other] = [first, second].map(({ sessionId, ownerId }) => ({ roomId, sessionId, ownerId }));
    expect(told()).toMatchObject([
      { type: 'flowing', ...one, tookOver: false },
      { type: 'closed', ...one, reason: 'taken-over' },
      { type: 'flowing', ...other, tookOver: true },
    ]);
    second.close();
    await eventually(() => told().at(-1)?.type === 'closed', { deadlineMs: withinMs });
    atMs += mediaProcessLimits.silentAfterMs + 1;
    await eventually(() => told().at(-1)?.type === 'silent', { deadlineMs: withinMs });
    first.close();
  });
});

test(
  'a port that is taken at the start is tried again until it is free, and told under the address to announce',
  { timeout: 40_000 },
  async () => {
    const taken = await takePort();
    const sfu = createTestSfu({ firstPort: taken.port, announcedAddress: '203.0.113.7' });
    await eventually(async () => (await sfu.status({})).state === 'failed', { deadlineMs: withinMs });

    taken.giveBack();

    await eventually(async () => (await sfu.status({})).state === 'ready', { deadlineMs: withinMs });
    const session = { roomId: newId(), sessionId: newId(), ownerId: newId() };
    const { iceCandidates } = await sfu.open({ ...session, direction: 'watch' });
    const { port } = taken;
    expect(iceCandidates).toMatchObject(['udp', 'tcp'].map((protocol) => ({ protocol, address: '203.0.113.7', port })));
    sfu.close();
  },
);

/** A port, for UDP and TCP, from below those that systems give to whoever asks for any: once it is free again, it stays free. */
async function takePort(): Promise<{ port: number; giveBack(): void }> {
  for (;;) {
    const port = randomInt(15_000, 30_000);
    const [udp, tcp] = [createSocket('udp4'), createServer()];
    const giveBack = (): void => void (udp.close(), tcp.close());
    udp.bind(port, '127.0.0.1');
    tcp.listen(port, '127.0.0.1');
    const isOurs = await Promise.all([once(udp, 'listening'), once(tcp, 'listening')]).catch(() => false);
    if (isOurs) return { port, giveBack };
    giveBack();
  }
}
