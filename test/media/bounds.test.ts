import { createSocket } from 'node:dgram';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import type { RtpParameters } from 'mediasoup/types';
import { afterEach, expect, test } from 'vitest';
import { mediaProcessLimits } from '../../media/limits.ts';
import { createHalfOpen } from '../../media/half-open.ts';
import { statsOf } from '../../media/stats.ts';
import { createCrowd } from '../../media/room/crowd.ts';
import type { Session } from '../../media/room/session.ts';
import { newIce, stopAfterHello } from '../../load-tests/harness/webrtc/raw-peer.ts';
import { rtpCapabilities } from '../../load-tests/scenarios/media/bare-mediasoup.ts';
import { offerTo } from '../../load-tests/scenarios/media/raw-sdp.ts';
import { newId } from '../../shared/ids.ts';
import type { SessionEnd } from '../../shared/protocol/media.ts';
import { eventually } from '../support/eventually.ts';
import { renumbered } from './support/offers.ts';
import { comeAsPage, comeToPublish, comeToWatch, dtlsParameters, remoteOf } from './support/raw-clients.ts';
import { startSfu, type TestSfu } from './support/sfu.ts';

// What clients send, ask for and leave half done has a bound, and beyond it nobody else is affected.

type Comer = { direction?: 'watch' | 'publish'; network?: string };

/** What packets to a media port begin with, by which they are told apart: nothing, STUN, DTLS, RTP, RTCP. */
const disguises = ['', '000100202112a442', '16fefd0000000000000000', '806f0001', '81c80006'].map((hex) =>
  Buffer.from(hex, 'hex'),
);
const withinMs = 15_000;
const roomId = newId();
let started: TestSfu;
const room = () => started.sfu.running()!.rooms.find(roomId)!;
const start = async (options: Parameters<typeof startSfu>[0] = {}): Promise<void> => {
  started = await startSfu(options);
};
afterEach(() => (started as TestSfu | undefined)?.close()); // Not every bound needs a server.

test('a full room takes no viewer more, and is not taken for one that is being set up; its host comes back', () => {
  const crowd = createCrowd(() => 0);
  const viewer = (name: number) => ({ sessionId: String(name), ownerId: String(name), direction: 'watch' }) as Session;
  for (let i = 1; i < mediaProcessLimits.viewersPerRoomMax; i += 1) crowd.add(viewer(i));

  const arrived = crowd.expect(viewer(0)); // On its way, the last one counts as well.
  const refused = expect.objectContaining({
    code: 'RATE_LIMITED',
    extras: { reason: 'media-full', retryAfterMs: 10_000 },
  }) as Error;
  expect(() => crowd.expect(viewer(-1))).toThrow(refused);
  const host = { ...viewer(-2), direction: 'publish' as const };
  crowd.expect(host)();
  crowd.add(host); // Publishers take no viewer's place either.

  arrived();
  crowd.expect(viewer(-1))();
});

test.each([
  ['too many wait', mediaProcessLimits.waitingMax, true],
  ['the server has no room', 3, false],
])(
  'when %s, the oldest of the network that has most makes place; nobody who watches does, and a host comes in',
  (_case, waiting, hasRoom) => {
    const halfOpen = createHalfOpen(
      () => 0,
      () => hasRoom,
      () => false,
    );
    const ended: [number, string][] = [];
    const viewer = (number: number, network: string) => ({
      ...{ number, network, roomId, direction: 'watch' as const, connected: false },
      close(reason: string) {
        ended.push([number, reason]);
        halfOpen.settled(this as unknown as Session);
      },
    });
    for (let i = 0; i < waiting; i += 1) halfOpen.waits(viewer(i, 'of many') as unknown as Session, false);
    const comes = (network: string, direction: 'watch' | 'publish' = 'watch') =>
      halfOpen.reserve({ ...{ roomId, sessionId: newId(), ownerId: newId(), keyId: null }, direction, network }, []);

    comes('of few')();
    expect(ended).toEqual([[0, 'crowded-out']]);
    halfOpen.waits(viewer(waiting, 'of few') as unknown as Session, false);
    const refused = expect.objectContaining({ extras: { reason: 'media-full', retryAfterMs: 10_000 } }) as Error;
    expect(() => comes('of many')).toThrow(refused);
    comes('of few', 'publish')();
    expect(ended).toHaveLength(1);
  },
);

test('a full server lets viewers of a show in for those who wait where nothing is shown, whatever their networks, and only for them', () => {
  let hasRoom = false;
  const halfOpen = createHalfOpen(
    () => 0,
    () => hasRoom,
    (where) => where === roomId,
  );
  const ended: string[] = [];
  const waits = (network: string, where: string) => {
    const session = {
      ...{ network, roomId: where, direction: 'watch' as const, connected: false },
      close() {
        ended.push(network);
        halfOpen.settled(session as unknown as Session);
      },
    };
    halfOpen.waits(session as unknown as Session, where === roomId);
  };
  const comes = (where: string) => {
    const who = { sessionId: newId(), ownerId: newId(), keyId: null, network: 'new' };
    halfOpen.reserve({ ...who, roomId: where, direction: 'watch' }, [])();
  };
  const elsewhere = newId();
  const refused = expect.objectContaining({ extras: { reason: 'media-full', retryAfterMs: 10_000 } }) as Error;
  waits('of the show', roomId);
  for (const network of ['first', 'second', 'third']) waits(network, elsewhere);

  comes(roomId);
  expect(ended).toEqual(['first']);
  expect(() => comes(elsewhere)).toThrow(refused);
  hasRoom = true;
  comes(roomId);
  expect(ended).toEqual(['first']);
  hasRoom = false;
  comes(roomId);
  comes(roomId);
  expect(ended).toEqual(['first', 'second', 'third']);
  expect(() => comes(roomId)).toThrow(refused);
});

test('garbage on the media port changes nothing', { timeout: 40_000 }, async () => {
  await start();
  const host = await comeToPublish(started.sfu, roomId);
  await host.produce('video');
  const viewer = await comeToWatch(started.sfu, roomId);
  const { port } = [...room().sessions().values()][0]!.transport.iceCandidates[0]!;
  const socket = createSocket('udp4');
  for (let i = 0; i < 2_000; i += 1) {
    const garbage = Buffer.concat([disguises[i % disguises.length]!, randomBytes(1 + (i % 1_400))]);
    await new Promise((sent) => socket.send(garbage, port, '127.0.0.1', sent));
  }
  // By TCP each packet comes behind its length.
  const connections = disguises.map((disguise) => {
    const connection = connect(port, '127.0.0.1').on('error', () => undefined);
    for (let i = 0; i < 200; i += 1) connection.write(Buffer.concat([Buffer.of(4, 0), disguise, randomBytes(1_024)]));
    return connection;
  });
  await eventually(() => connections.every((each) => each.destroyed || each.writableLength === 0));
  for (const each of connections) each.destroy();
  socket.close();

  const before = viewer.packets.video;
  await eventually(() => viewer.packets.video > before + 20, { deadlineMs: withinMs });
  const { workers } = started.sfu.running()!;
  expect(workers.restarts()).toBe(0);
  // Nor does the number of connections grow without end.
  const limits = () => readFileSync(`/proc/${workers.running()[0]!.worker.pid}/limits`, 'utf8');
  await eventually(() => /^Max open files +8192 +8192 /m.test(limits()));
  for (const one of [viewer, host]) one.close();
});

test(
  'sessions that are opened and never connected are bounded, and leave nothing behind',
  { timeout: 60_000 },
  async () => {
    await start();
    const { sfu } = started;
    const host = await comeToPublish(sfu, roomId);
    await host.produce('video');
    const viewer = await comeToWatch(sfu, roomId);
    const isViewerThere = () => room().sessions().get(viewer.sessionId)?.connected;
    await eventually(isViewerThere, { deadlineMs: withinMs });
    const come = async (where: string, { direction = 'watch', network = 'of many' }: Comer = {}) => {
      const session = { roomId: where, sessionId: newId() };
      const transport = await sfu.open({ ...session, ownerId: newId(), direction, network });
      if (direction === 'watch') await sfu.consume({ ...session, rtpCapabilities: rtpCapabilities as never });
      return { session, transport };
    };
    /** Begins a handshake, of which the server has to remember much, and leaves it at that. */
    const comeToStop = async () => {
      const { session, transport } = await come(roomId);
      await sfu.connect({ ...session, dtlsParameters });
      return stopAfterHello(remoteOf(transport), newIce());
    };
    const halfOpenMax = mediaProcessLimits.halfOpenMax.watch;

    const [waiting, elsewhere] = [newId(), newId()];
    await Promise.all(Array.from({ length: 50 }, () => come(waiting)));
    expect(sfu.running()!.rooms.halfOpen()).toBe(0); // Who waits for a host has nothing to finish.
    const stopped: (() => void)[] = [];
    for (let done = 0; done < halfOpenMax; done += 50) {
      const [, hellos] = await Promise.all([
        Promise.all(Array.from({ length: 40 }, () => come(roomId))),
        Promise.all(Array.from({ length: 10 }, comeToStop)),
      ]);
      stopped.push(...hellos);
    }
    const before = viewer.packets.video;
    await eventually(() => viewer.packets.video > before + 10, { deadlineMs: withinMs });
    await expect(come(roomId)).rejects.toMatchObject({ code: 'RATE_LIMITED' });
    await come(roomId, { network: 'of few' }); // One of the network that has most makes place.
    expect(sfu.running()!.rooms.halfOpen()).toBe(halfOpenMax);
    expect(isViewerThere()).toBe(true);
    await come(elsewhere); // Nor any viewer of another room: one of theirs makes place.
    expect(sfu.running()!.rooms.halfOpen()).toBe(halfOpenMax - 1);
    await sfu.endAll({ roomId: elsewhere, reason: 'left' });
    await come(waiting, { direction: 'publish' }); // Viewers who don't finish keep no host out.
    await sfu.endAll({ roomId: waiting, reason: 'left' });

    const halfOpen = [...room().sessions().values()].filter(({ connected }) => !connected);
    for (const session of halfOpen) session.close('left');
    const [worker] = sfu.running()!.workers.running();
    const { webRtcTransportIds } = await worker!.webRtcServer.dump();
    expect(webRtcTransportIds).toHaveLength(2); // The publisher and the one viewer.
    await sfu.endAll({ roomId, reason: 'left' });
    expect((await worker!.worker.dump()).routerIds).toEqual([]);
    expect((await worker!.webRtcServer.dump()).webRtcTransportIds).toEqual([]);
    for (const close of stopped) close();
    for (const one of [viewer, host]) one.close();
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
  const [late, patient, unable] = [await wait(roomId), await wait(waitingRoom), await wait(roomId)];
  const nothing = { codecs: [], headerExtensions: [] };
  const asks = await sfu.consume({ roomId, sessionId: unable, rtpCapabilities: nothing });
  expect(asks).toMatchObject({ consumers: [], unplayable: [{ kind: 'audio' }] });
  const page = async (after: number) => (await sfu.watching({ after, max: 2 })).sessions;
  const first = await page(0);
  expect(first.map(({ sessionId }) => sessionId)).toEqual([early, late]);
  expect(await page(first[1]!.number)).toMatchObject([
    { sessionId: patient, roomId: waitingRoom },
    { sessionId: unable },
  ]);
  const ended = () => events.flatMap((event) => (event.type === 'closed' ? [event.sessionId] : []));

  aheadMs += mediaProcessLimits.askWithinMs + 1;
  await eventually(() => ended().length === 2, { deadlineMs: withinMs });
  expect(new Set(ended())).toEqual(new Set([early, late]));
  aheadMs += mediaProcessLimits.waitWithinMs;
  await eventually(() => ended().length === 4, { deadlineMs: withinMs });
  expect(new Set(ended())).toEqual(new Set([early, late, patient, unable]));
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
    const ended = started.events.flatMap((event) => (event.type === 'closed' ? [event.sessionId] : []));
    expect([ended.length, new Set(ended).size], 'each end is told once').toEqual([1_000, 1_000]);
    host.close();
    await sfu.endAll({ roomId, reason: 'left' });
    expect((await worker!.webRtcServer.dump()).webRtcTransportIds).toEqual([]);
    expect((await worker!.worker.dump()).routerIds).toEqual([]);
  },
);

test('a publisher who sends far more than they may for seconds is put off the air', { timeout: 40_000 }, async () => {
  let atMs = 0;
  await start({ publisherBitrateMaxBps: 50_000, nowMs: () => atMs });
  const [loud, modest] = [await comeToPublish(started.sfu, roomId), await comeToPublish(started.sfu, roomId)];
  await loud.produce('video');
  await modest.produce('audio');
  const flowing = () => started.events.filter(({ type }) => type === 'flowing').length;
  await eventually(() => flowing() === 2, { deadlineMs: withinMs });
  const { producers } = room().sessions().get(loud.sessionId)!;
  const sentBytes = async () => (await statsOf(producers.values()))![0]!.byteCount;
  const before = await sentBytes();
  await eventually(async () => (await sentBytes()) > before + 60_000, { deadlineMs: withinMs });

  atMs += mediaProcessLimits.publisherBitrateOverMs;

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

test(
  'every end has one reason, which is told once, whatever ends the session after it',
  { timeout: 60_000 },
  async () => {
    let aheadMs = 0;
    await start({ nowMs: () => performance.now() + aheadMs });
    const { sfu, events } = started;
    const open = async (direction: 'watch' | 'publish', ownerId = newId()) => {
      const session = { roomId, sessionId: newId() };
      await sfu.open({ ...session, ownerId, direction });
      return { ...session, ownerId };
    };
    const host = await comeToPublish(sfu, roomId);
    await host.produce('audio');
    const clients = [host];
    const keyId = 'a key';
    const own = { roomId, sessionId: newId(), ownerId: newId() };
    /** Two sessions that only time ends. */
    const [unasking, unfinished] = [await open('watch'), await open('publish')];
    const endsOf = ({ sessionId }: { sessionId: string }): SessionEnd[] =>
      events.flatMap((event) => (event.type === 'closed' && event.sessionId === sessionId ? [event.reason] : []));

    type Cause = () => Promise<{ sessionId: string }>;
    const endedBy =
      (reason: SessionEnd): Cause =>
      async () => {
        const session = await open('watch');
        await sfu.endAll({ roomId, ownerId: session.ownerId, direction: 'watch', reason });
        return session;
      };
    const causes: [SessionEnd, string, Cause][] = [
      [
        'left',
        'a goodbye of the client',
        async () => {
          const viewer = await comeToWatch(sfu, roomId);
          viewer.close();
          return viewer;
        },
      ],
      [
        'left',
        'a word of the client',
        async () => {
          const session = await open('watch');
          await sfu.end({ ...session, reason: 'left' });
          return session;
        },
      ],
      ['kicked', 'the host', endedBy('kicked')],
      ['not-allowed', 'a right that ends', endedBy('not-allowed')],
      [
        'key-revoked',
        'the end of a stream key',
        async () => {
          await sfu.publish({ ...own, keyId, offer: offerTo('sendonly').sdp });
          await sfu.endAll({ roomId, keyId, reason: 'key-revoked' });
          return own;
        },
      ],
      [
        'crowded-out',
        'tries of the same person',
        async () => {
          const first = await open('publish');
          for (let i = 0; i < mediaProcessLimits.halfOpenPerPublisherMax; i += 1) await open('publish', first.ownerId);
          return first;
        },
      ],
      [
        'taken-over',
        'the same publisher elsewhere',
        async () => {
          const again = await comeToPublish(sfu, roomId, host.ownerId);
          await again.produce('audio');
          clients.push(again);
          return host;
        },
      ],
      [
        'half-open',
        'a handshake that is not finished',
        async () => {
          aheadMs += mediaProcessLimits.connectWithinMs + 1;
          return unfinished;
        },
      ],
      [
        'lost',
        'a viewer who asks for nothing',
        async () => {
          aheadMs += mediaProcessLimits.askWithinMs + 1;
          return unasking;
        },
      ],
      ['room-ended', 'the end of the show', endedBy('room-ended')],
      [
        'worker-died',
        'the death of the worker',
        async () => {
          const session = await open('watch');
          const { workers } = sfu.running()!;
          process.kill(workers.running()[0]!.worker.pid, 'SIGKILL');
          await eventually(() => workers.restarts() === 1 && workers.running().length === 1, { deadlineMs: withinMs });
          return session;
        },
      ],
      [
        'stopping',
        'a stop',
        async () => {
          const session = await open('watch');
          sfu.close();
          return session;
        },
      ],
    ];
    for (const [reason, by, cause] of causes) {
      const session = await cause();
      await eventually(() => endsOf(session).length > 0, { deadlineMs: withinMs });
      expect(endsOf(session), by).toEqual([reason]);
      expect(await sfu.end({ roomId, sessionId: session.sessionId, reason: 'refused' })).toEqual({ ended: false });
    }
    const all = events.flatMap((event) => (event.type === 'closed' ? [event.sessionId] : []));
    expect(new Set(all).size).toBe(all.length);
    for (const one of clients) one.close();
  },
);

test('somebody who tries again and again takes the place of their own older tries', async () => {
  await start();
  const ownerId = newId();
  for (let i = 0; i < 20; i += 1) {
    await started.sfu.open({ roomId, sessionId: newId(), ownerId, direction: 'publish' });
  }

  expect(room().sessions().size).toBe(mediaProcessLimits.halfOpenPerPublisherMax);
  // Not as one that did not get through: their network is not to blame.
  const why = started.events.flatMap((event) => (event.type === 'closed' ? [event.reason] : []));
  expect(new Set(why)).toEqual(new Set(['crowded-out']));
});

test(
  'one person neither fills a room nor uses up its kinds of players, nor does one network',
  { timeout: 40_000 },
  async () => {
    let atMs = 0;
    await start({ nowMs: () => atMs });
    const { sfu } = started;
    const host = await comeToPublish(sfu, roomId);
    await host.produce('video');
    const [ownerId, another] = [newId(), newId()];
    const play = (payloadType: number, whose: string, network?: string) =>
      sfu.play({
        ...{ roomId, sessionId: newId(), ownerId: whose, network },
        offer: renumbered(offerTo('recvonly').sdp, 96, payloadType),
      });

    for (let i = 0; i < mediaProcessLimits.dialectsPerOwnerMax; i += 1) await play(100 + i, ownerId);
    // A page and some players at once: none of them makes place before it could finish.
    for (let i = 0; i < 2; i += 1) await play(96, ownerId);
    expect([...room().sessions().values()].filter((session) => session.ownerId === ownerId)).toHaveLength(4);
    await expect(play(120, ownerId)).rejects.toMatchObject({ code: 'RATE_LIMITED' });
    await play(120, another);
    for (let i = 0; i < mediaProcessLimits.dialectsPerNetworkMax; i += 1) await play(102 + i, newId(), 'a cellar');
    await expect(play(121, newId(), 'a cellar')).rejects.toMatchObject({ code: 'RATE_LIMITED' });
    await play(121, newId(), 'elsewhere');

    const own = () => [...room().sessions().values()].filter((session) => session.ownerId === ownerId);
    const watchers = [];
    while (own().length < mediaProcessLimits.watchSessionsPerOwnerMax)
      watchers.push(await comeToWatch(sfu, roomId, undefined, ownerId));
    // Those of above are not connected, but may still be about to be.
    const retryAfterMs = mediaProcessLimits.leftAloneMs;
    await expect(play(96, ownerId)).rejects.toMatchObject({ code: 'RATE_LIMITED', extras: { retryAfterMs } });
    expect(own()).toHaveLength(mediaProcessLimits.watchSessionsPerOwnerMax);
    atMs += retryAfterMs;
    while (watchers.length < mediaProcessLimits.watchSessionsPerOwnerMax)
      watchers.push(await comeToWatch(sfu, roomId, undefined, ownerId)); // Now they make place.
    await eventually(() => own().every(({ connected }) => connected));
    expect(own()).toHaveLength(mediaProcessLimits.watchSessionsPerOwnerMax);
    await expect(play(96, ownerId)).rejects.toMatchObject({ code: 'RATE_LIMITED' });
    await play(96, another);
    for (const one of [host, ...watchers]) one.close();
  },
);

test('rooms are bounded: one too many is refused, but not its host while an audience somewhere waits for nobody', async () => {
  await start();
  const { sfu, events } = started;
  const { rooms } = sfu.running()!;
  const come = (where: string, direction: 'watch' | 'publish') =>
    sfu.open({ roomId: where, sessionId: newId(), ownerId: newId(), direction });
  const [crowded, lonely] = [newId(), newId()];
  for (const where of [crowded, crowded, lonely]) await come(where, 'watch');
  for (let taken = 2; taken < mediaProcessLimits.roomsMax; taken += 1) rooms.take(newId(), 'watch');

  await expect(come(roomId, 'watch')).rejects.toMatchObject({ code: 'RATE_LIMITED' });
  await come(roomId, 'publish');
  expect(events).toEqual([expect.objectContaining({ type: 'closed', roomId: lonely, reason: 'crowded-out' })]);
  expect(rooms.find(lonely)).toBeUndefined();
  await come(crowded, 'publish');
  // Now somebody is there whom they may wait for.
  await expect(come(newId(), 'publish')).rejects.toMatchObject({ extras: { reason: 'media-full' } });
});

test('a server that has no room refuses who watches, by page and player, and never who publishes', async () => {
  let hasRoom = true;
  await start({ hasRoom: () => hasRoom });
  const { sfu } = started;
  const host = await comeToPublish(sfu, roomId);
  await host.produce('audio');
  const viewer = await comeToWatch(sfu, roomId);

  hasRoom = false;
  const who = () => ({ roomId, sessionId: newId(), ownerId: newId() });
  const full = { code: 'RATE_LIMITED', extras: { reason: 'media-full', retryAfterMs: 10_000 } };
  await expect(sfu.open({ ...who(), direction: 'watch' })).rejects.toMatchObject(full);
  await expect(sfu.play({ ...who(), offer: offerTo('recvonly').sdp })).rejects.toMatchObject(full);
  const coHost = await comeToPublish(sfu, roomId);
  const before = viewer.packets.audio;
  await eventually(() => viewer.packets.audio > before, { deadlineMs: withinMs });
  hasRoom = true;
  await sfu.open({ ...who(), direction: 'watch' });
  for (const one of [viewer, coHost, host]) one.close();
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

test('a limit holds for many who ask at the same time', async () => {
  await start();
  const { sfu } = started;
  const comers = Array.from({ length: 10 }, () => ({ roomId, sessionId: newId(), ownerId: newId() }));

  const opened = await Promise.allSettled(comers.map((comer) => sfu.open({ ...comer, direction: 'publish' })));

  expect(opened.filter(({ status }) => status === 'fulfilled')).toHaveLength(4);
});

test('four people are seen and heard at a time, and a fifth is refused', { timeout: 40_000 }, async () => {
  await start();
  const { sfu } = started;
  const hosts = await Promise.all(Array.from({ length: 4 }, () => comeToPublish(sfu, roomId)));
  for (const host of hosts) for (const kind of ['audio', 'video'] as const) await host.produce(kind);
  const fifth = { roomId, sessionId: newId(), ownerId: newId(), direction: 'publish' as const };
  await expect(sfu.open(fifth)).rejects.toMatchObject({ code: 'CONFLICT' });

  const { consumers, peer, resume } = await comeAsPage(sfu, roomId);
  const come = new Set<number>();
  peer.onPacket((packet) => come.add(packet.readUInt32BE(8)));
  await resume();

  const shown = consumers.map(({ publisherId, kind }) => `${publisherId} ${kind}`);
  expect(shown.sort()).toEqual(hosts.flatMap(({ ownerId }) => [`${ownerId} audio`, `${ownerId} video`]).sort());
  const ssrcs = consumers.map(({ rtpParameters }) => (rtpParameters as RtpParameters).encodings![0]!.ssrc!);
  await eventually(() => ssrcs.every((ssrc) => come.has(ssrc)), { deadlineMs: withinMs });
  for (const one of [peer, ...hosts]) one.close();
});
