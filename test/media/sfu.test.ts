import { createSocket } from 'node:dgram';
import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createFlowWatch } from '../../media/flow-watch.ts';
import { mediaProcessLimits } from '../../media/limits.ts';
import { payloadTypes, rtpCapabilities, rtpParametersOf } from '../../load-tests/scenarios/media/bare-mediasoup.ts';
import { offerTo } from '../../load-tests/scenarios/media/raw-sdp.ts';
import { newId } from '../../shared/ids.ts';
import type { MediaEvent } from '../../shared/media-link.ts';
import type { MediaKind } from '../../shared/protocol/media.ts';
import { newIce } from '../../load-tests/harness/webrtc/raw-peer.ts';
import { publishShow, watchRaw } from '../../load-tests/harness/webrtc/raw-sessions.ts';
import { eventually } from '../support/eventually.ts';
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
  const pictures = (id: number) => wrtc.run('pictures', { id, count: picturesMin, withinMs });
  const room = () => started.sfu.running()!.rooms.find(roomId)!;

  test('a player with other payload types is served from a router that speaks them', { timeout: 40_000 }, async () => {
    await start();
    await publish();
    const [usual, unusual] = [await watch(), await watch({ swap: [96, 98] })];

    expect(await pictures(usual)).toBeGreaterThanOrEqual(picturesMin);
    expect(await pictures(unusual)).toBeGreaterThanOrEqual(picturesMin);
    expect(room().legs()).toBe(2);
  });

  test('a room grows over to another worker when the first is busy', { timeout: 40_000 }, async () => {
    await start({ workers: 2, loadMax: 0.0001 });
    await publish();
    const viewer = await watch();

    expect(await pictures(viewer)).toBeGreaterThanOrEqual(picturesMin);
    const workers = [...room().sessions().values()].map(({ leg }) => leg.mediaWorker.index);
    expect(new Set(workers).size).toBe(2);
  });

  test('who speaks is told, and that nobody does when they have gone', { timeout: 40_000 }, async () => {
    await start();
    const id = await wrtc.run('publish', { url: door.whip, token: 'any', tone: true });

    const heard = await eventually(() => started.events.find(({ type }) => type === 'speakers'), {
      deadlineMs: withinMs,
    });
    expect(heard).toMatchObject({ roomId, speakers: [{ ownerId: room().publishers()[0]!.personId }] });

    await started.sfu.endAll({ roomId, reason: 'left' });
    const told = started.events.filter(({ type }) => type === 'speakers');
    expect(told.at(-1)).toMatchObject({ roomId, speakers: [] });
    await wrtc.run('stop', { id, token: 'any' });
  });

  test('a worker that hangs is replaced, and its room is told', { timeout: 40_000 }, async () => {
    await start({ workers: 2 });
    await publish();
    const { workers } = started.sfu.running()!;
    const { mediaWorker } = [...room().sessions().values()][0]!.leg;

    process.kill(mediaWorker.worker.pid, 'SIGSTOP');

    await eventually(() => workers.restarts() === 1 && workers.running().length === 2, { deadlineMs: withinMs });
    expect(started.events).toContainEqual(expect.objectContaining({ type: 'closed', reason: 'worker-died' }));
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

  test('garbage on the media port changes nothing', { timeout: 40_000 }, async () => {
    await start();
    await publish();
    const viewer = await watch();
    const { port } = [...room().sessions().values()][0]!.transport.iceCandidates[0]!;
    const socket = createSocket('udp4');
    for (let i = 0; i < 2_000; i += 1) {
      await new Promise((sent) => socket.send(randomBytes(1 + (i % 1_400)), port, '127.0.0.1', sent));
    }
    socket.close();

    expect(await pictures(viewer)).toBeGreaterThanOrEqual(picturesMin);
    expect(started.sfu.running()!.workers.restarts()).toBe(0);
  });

  test(
    'sessions that are opened and never connected are bounded, and leave nothing behind',
    { timeout: 60_000 },
    async () => {
      await start();
      await publish();
      const { sfu } = started;
      const viewer = await watch();
      await pictures(viewer);
      const come = async (where: string, direction: 'watch' | 'publish' = 'watch') => {
        const session = { roomId: where, sessionId: newId() };
        await sfu.open({ ...session, ownerId: newId(), direction });
        if (direction === 'watch') await sfu.consume({ ...session, rtpCapabilities: rtpCapabilities as never });
      };
      const halfOpenMax = mediaProcessLimits.halfOpenMax.watch;

      const [waiting, elsewhere] = [newId(), newId()];
      await Promise.all(Array.from({ length: 50 }, () => come(waiting)));
      expect(sfu.running()!.rooms.halfOpen()).toBe(0); // Who waits for a host has nothing to finish.
      for (let done = 0; done < halfOpenMax; done += 50)
        await Promise.all(Array.from({ length: 50 }, () => come(roomId)));
      await expect(come(roomId)).rejects.toMatchObject({ code: 'RATE_LIMITED' });
      expect(await wrtc.run('state', { id: viewer })).toBe('connected');
      await come(elsewhere); // Nor any viewer of another room: one of theirs makes place.
      expect(sfu.running()!.rooms.halfOpen()).toBe(halfOpenMax - 1);
      await sfu.endAll({ roomId: elsewhere, reason: 'left' });
      await come(waiting, 'publish'); // Viewers who don't finish keep no host out.
      await sfu.endAll({ roomId: waiting, reason: 'left' });

      const halfOpen = [...room().sessions().values()].filter(({ connected }) => !connected);
      for (const session of halfOpen) session.close('left');
      const [worker] = sfu.running()!.workers.running();
      const { webRtcTransportIds } = await worker!.webRtcServer.dump();
      expect(webRtcTransportIds).toHaveLength(2); // The publisher and the one viewer.
      await sfu.endAll({ roomId, reason: 'left' });
      expect((await worker!.worker.dump()).routerIds).toEqual([]);
      expect((await worker!.webRtcServer.dump()).webRtcTransportIds).toEqual([]);
    },
  );

  test('a viewer who asks for nothing is not kept for ever, as nobody may be there', { timeout: 40_000 }, async () => {
    let aheadMs = 0;
    await start({ nowMs: () => performance.now() + aheadMs });
    const { sfu, events } = started;
    const waitingRoom = newId();
    const wait = async (where: string): Promise<string> => {
      const sessionId = newId();
      await sfu.open({ roomId: where, sessionId, ownerId: newId(), direction: 'watch' });
      return sessionId;
    };
    const early = await wait(roomId);
    const host = await comeToPublish(sfu, roomId);
    await host.produce('audio');
    const [late, patient] = [await wait(roomId), await wait(waitingRoom)];
    const page = async (after: number) => (await sfu.watching({ after, max: 2 })).sessions;
    const first = await page(0);
    expect(first.map(({ sessionId }) => sessionId)).toEqual([early, late]);
    expect(await page(first[1]!.number)).toMatchObject([{ sessionId: patient, roomId: waitingRoom }]);
    const ended = () => events.flatMap((event) => (event.type === 'closed' ? [event.sessionId] : []));

    aheadMs += mediaProcessLimits.askWithinMs + 1;
    await eventually(() => ended().length === 2, { deadlineMs: withinMs });
    expect(new Set(ended())).toEqual(new Set([early, late]));
    aheadMs += mediaProcessLimits.waitWithinMs;
    await eventually(() => ended().includes(patient), { deadlineMs: withinMs });
    host.close();
  });

  test(
    'a thousand who come and go leave no transport behind, whether they connected or not',
    { timeout: 60_000 },
    async () => {
      await start();
      const { sfu } = started;
      const host = await comeToPublish(sfu, roomId); // Stays: the room is kept.
      await host.produce('audio');
      const [worker] = sfu.running()!.workers.running();
      /** Of twenty, two connect. */
      const come = async (i: number): Promise<{ sessionId: string; ownerId: string; close(): void }> => {
        if (i % 10 === 0) return comeToWatch(sfu, roomId);
        const [sessionId, ownerId] = [newId(), newId()];
        await sfu.open({ roomId, sessionId, ownerId, direction: 'watch' });
        return { sessionId, ownerId, close: () => undefined };
      };
      /** By a DTLS goodbye, by their own word, by that of the host. */
      const comeAndGo = async (i: number): Promise<void> => {
        const { sessionId, ownerId, close } = await come(i);
        if (i === 0) return close();
        if (i % 2 === 0) await sfu.end({ roomId, sessionId, reason: 'left' });
        else await sfu.endAll({ roomId, ownerId, reason: 'kicked' });
        close();
      };

      for (let gone = 0; gone < 1_000; gone += 20) {
        await Promise.all(Array.from({ length: 20 }, (_, i) => comeAndGo(i)));
      }

      await eventually(() => room().sessions().size === 1, { deadlineMs: withinMs });
      expect((await worker!.webRtcServer.dump()).webRtcTransportIds).toHaveLength(1);
      host.close();
      await sfu.endAll({ roomId, reason: 'left' });
      expect((await worker!.webRtcServer.dump()).webRtcTransportIds).toEqual([]);
      expect((await worker!.worker.dump()).routerIds).toEqual([]);
    },
  );

  test('a publisher who sends far more than they may for seconds is put off the air', { timeout: 40_000 }, async () => {
    await start({ publisherBitrateMaxBps: 200_000 });
    const [loud, modest] = [await comeToPublish(started.sfu, roomId), await comeToPublish(started.sfu, roomId)];
    await loud.produce('video');
    await modest.produce('audio');

    const ended = await eventually(() => started.events.find(({ type }) => type === 'closed'), {
      deadlineMs: withinMs,
    });

    expect(ended).toMatchObject({ sessionId: loud.sessionId, reason: 'too-much-sent' });
    expect(room().publishers()).toEqual([expect.objectContaining({ personId: modest.ownerId })]);
    // Encoders begin again at once, and send what they sent.
    const again = { roomId, sessionId: newId(), ownerId: loud.ownerId, direction: 'publish' as const };
    await expect(started.sfu.open(again)).rejects.toMatchObject({ code: 'RATE_LIMITED' });
    for (const one of [loud, modest]) one.close();
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

  test('somebody who tries again and again takes the place of their own older tries', async () => {
    await start();
    const ownerId = newId();
    for (let i = 0; i < 20; i += 1) {
      await started.sfu.open({ roomId, sessionId: newId(), ownerId, direction: 'publish' });
    }

    expect(room().sessions().size).toBe(mediaProcessLimits.halfOpenPerOwnerMax);
    // Not as one that did not get through: their network is not to blame.
    const why = started.events.flatMap((event) => (event.type === 'closed' ? [event.reason] : []));
    expect(new Set(why)).toEqual(new Set(['crowded-out']));
  });

  test('one person neither fills a room nor uses up its kinds of players', { timeout: 40_000 }, async () => {
    await start();
    const { sfu } = started;
    const host = await comeToPublish(sfu, roomId);
    await host.produce('video');
    const [ownerId, another] = [newId(), newId()];
    const play = (payloadType: number, whose: string) =>
      sfu.play({
        ...{ roomId, sessionId: newId(), ownerId: whose },
        offer: offerTo('recvonly').sdp.replaceAll(/\b96\b/g, String(payloadType)),
      });

    for (let i = 0; i < mediaProcessLimits.dialectsPerOwnerMax; i += 1) await play(100 + i, ownerId);
    await expect(play(120, ownerId)).rejects.toMatchObject({ code: 'RATE_LIMITED' });
    await play(120, another);

    const watchers = [];
    for (let i = 0; i < mediaProcessLimits.watchSessionsPerOwnerMax; i += 1)
      watchers.push(await comeToWatch(sfu, roomId, undefined, ownerId)); // Those of above are not connected, and make place.
    const own = () => [...room().sessions().values()].filter((session) => session.ownerId === ownerId);
    await eventually(() => own().every(({ connected }) => connected));
    expect(own()).toHaveLength(mediaProcessLimits.watchSessionsPerOwnerMax);
    await expect(play(96, ownerId)).rejects.toMatchObject({ code: 'RATE_LIMITED' });
    await play(96, another);
    for (const one of [host, ...watchers]) one.close();
  });

  test('an offer that is refused leaves no room behind', async () => {
    await start();
    const { sfu } = started;
    const request = { roomId, sessionId: newId(), ownerId: newId() };

    await expect(sfu.play({ ...request, offer: offerTo('recvonly').sdp })).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(sfu.publish({ ...request, keyId: 'a key', offer: 'no offer' })).rejects.toMatchObject({
      code: 'BAD_INPUT',
    });

    expect([...sfu.running()!.rooms.all()]).toEqual([]);
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

  test('a limit holds for many who ask at the same time', async () => {
    await start();
    const { sfu } = started;
    const comers = Array.from({ length: 10 }, () => ({ roomId, sessionId: newId(), ownerId: newId() }));

    const opened = await Promise.allSettled(comers.map((comer) => sfu.open({ ...comer, direction: 'publish' })));

    expect(opened.filter(({ status }) => status === 'fulfilled')).toHaveLength(4);
  });

  test('four people publish at a time, the fifth is refused', async () => {
    await start();
    const open = () => started.sfu.open({ roomId, sessionId: newId(), ownerId: newId(), direction: 'publish' });
    for (let i = 0; i < 4; i += 1) await open();

    await expect(open()).rejects.toMatchObject({ code: 'CONFLICT' });
  });
});

test('a port that is taken at the start is tried again until it is free', { timeout: 40_000 }, async () => {
  const taken = createSocket('udp4');
  await new Promise<void>((bound) => taken.bind(0, '127.0.0.1', bound));
  const firstPort = taken.address().port;
  const sfu = createTestSfu({ firstPort });
  await eventually(async () => (await sfu.status({})).state === 'failed', { deadlineMs: withinMs });

  taken.close();

  await eventually(async () => (await sfu.status({})).state === 'ready', { deadlineMs: withinMs });
  sfu.close();
});
