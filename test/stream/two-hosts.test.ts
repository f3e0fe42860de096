import type { AddressInfo } from 'node:net';
import express from 'express';
import { observer } from 'mediasoup';
import type { Worker } from 'mediasoup/types';
import type { Socket } from 'socket.io-client';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rtpCapabilities } from '../../load-tests/scenarios/media/bare-mediasoup.ts';
import { createLinks } from '../../media/edges/links.ts';
import { createInternalApi } from '../../media/internal-api.ts';
import type { Sfu } from '../../media/sfu.ts';
import type { App } from '../../server/app/app.ts';
import type { MediaProcess } from '../../server/app/media-process.ts';
import { createRoomLogFeature } from '../../server/features/room-log/feature.ts';
import { createPublishersTold } from '../../server/features/stream/publishers-told.pg.ts';
import { createTellPublishers } from '../../server/features/stream/tell-publishers.ts';
import { createHttpSfu } from '../../server/features/stream/sfu.http.ts';
import { createMetrics } from '../../server/platform/metrics.ts';
import { newId } from '../../shared/ids.ts';
import type { MediaEvent } from '../../shared/media-link.ts';
import type { CoHosts, CoHostsTold, Publisher } from '../../shared/protocol/media.ts';
import type { RoomEntry, RoomFrame } from '../../shared/protocol/room.ts';
import { account, call, freshStores, guest, mediaToken, openSocket, send, startTestApp } from '../support/app.ts';
import { eventually } from '../support/eventually.ts';
import { holdLook } from '../support/hold-look.ts';
import { mediaReady, scheduleShow, startMediaHost, stateOf, streamKeyOf, watchGrantOf } from '../media/support/show.ts';
import { dtlsParameters } from '../media/support/raw-clients.ts';
import { openOver, publishOver, watchOver } from '../media/support/socket-clients.ts';
import { startWrtc, type WrtcPeers } from '../media/support/wrtc.ts';

const deadlineMs = 15_000;

describe('media on a host of its own', () => {
  let media: MediaProcess;
  let gateway: App;
  let elsewhere: App;
  let wrtc: WrtcPeers;

  const workers: Worker[] = [];

  beforeAll(async () => {
    observer.on('newworker', (worker) => workers.push(worker));
    const stores = await freshStores();
    const link = { NIGHTMARKET_MEDIA_TOKEN: mediaToken };
    // A further media host that is not there changes nothing but what is said of it.
    media = await startMediaHost({ NIGHTMARKET_MEDIA_EDGES: 'http://127.0.0.1:2' });
    const settings = { NIGHTMARKET_ROLES: 'gateway,worker', NIGHTMARKET_MEDIA_URL: media.url, ...link };
    gateway = await startTestApp(stores, { settings });
    elsewhere = await startTestApp(stores, { settings });
    await Promise.all([gateway, elsewhere].map(mediaReady));
    wrtc = startWrtc();
  });
  afterAll(async () => {
    wrtc.close();
    await Promise.all([gateway.close(), elsewhere.close()]);
    await media.close();
  });

  test('a show is published and watched through the gateway', { timeout: 40_000 }, async () => {
    const show = await scheduleShow(gateway);
    const key = await streamKeyOf(gateway, show);
    await wrtc.run('publish', { url: key.whipUrl, token: key.streamKey });
    await eventually(async () => (await stateOf(gateway, show)) === 'live', { deadlineMs });
    const grant = await watchGrantOf(gateway, show.roomId, await guest(gateway));
    const id = await wrtc.run('watch', { url: grant.whepUrl, token: grant.token });

    expect(await wrtc.run('pictures', { id, count: 5, withinMs: deadlineMs })).toBeGreaterThanOrEqual(5);
    // Packets by the second are known from the second look on.
    await call(media, 'GET', '/metrics');
    await wrtc.run('pictures', { id, count: 10, withinMs: deadlineMs });
    const figures = String((await call(media, 'GET', '/metrics')).body);
    const figure = (name: string): number =>
      Number(new RegExp(`^nightmarket_media_${name} (\\S+)$`, 'm').exec(figures)?.[1]);
    const room = `room="${show.roomId}"`;
    expect(figure(`received_bits_per_second\\{${room},kind="video"\\}`)).toBeGreaterThan(0);
    for (const name of ['sent_bits_per_second', 'sent_packets_per_second'])
      expect(figure(`${name}\\{${room},kind="video"\\}`)).toBeGreaterThan(0);
    expect(figure(`received_lost_packets\\{${room}\\}`)).toBeGreaterThanOrEqual(0);
    for (const direction of ['publish', 'watch'])
      expect(figure(`sessions\\{${room},direction="${direction}"\\}`)).toBe(1);
    expect(figure(`routers\\{${room}\\}`)).toBe(1);
    expect(figure(`losing\\{${room}\\}`)).toBe(0);
    expect(['workers', 'worker_restarts', 'half_open'].map(figure)).toEqual([1, 0, 0]);
    expect(figure('worker_load\\{worker="0"\\}')).toBeGreaterThanOrEqual(0);
    // Whoever adds a figure reads it here too.
    const names = new Set([...figures.matchAll(/^nightmarket_media_(\w+)/gm)].map(([, name]) => name));
    expect(names.size).toBe(14);
    for (const name of ['up', 'sessions', 'rooms']) expect(figure(`edge_${name}\\{edge="127.0.0.1:2"\\}`)).toBe(0);
    const ready = await call(media, 'GET', '/readyz');
    expect(ready).toMatchObject({
      status: 200,
      body: { parts: { media: 'ok', 'media edges': '1: nothing listens there' } },
    });
  });

  test(
    'a room is one over two gateways: who publishes through either, and whose rights end',
    { timeout: 60_000 },
    async () => {
      const show = await scheduleShow(gateway);
      const { roomId, token, host } = show;
      const key = await streamKeyOf(gateway, show);
      const viewer = await guest(elsewhere);
      const [hostId, { personId }] = [host.person.personId, viewer.person];
      const [here, there] = [await openSocket(gateway, host), await openSocket(elsewhere, viewer)];
      for (const socket of [here, there]) await send(socket, 'room:join', { roomId });
      const told: RoomEntry[] = [];
      there.on('room:frame', ({ entries }: RoomFrame) => told.push(...entries));
      const saidThere = <T>(kind: string): T[] =>
        told.filter((entry) => entry.kind === kind).map(({ body }) => body as T);

      // Published through one gateway, watched through the other.
      await wrtc.run('publish', { url: key.whipUrl, token: key.streamKey });
      await eventually(async () => (await stateOf(elsewhere, show)) === 'live', { deadlineMs });
      const watching = await watchOver(there, roomId);
      await eventually(() => watching.arriving()[hostId] === 2, { deadlineMs });

      // Invited through one, accepted and published through the other, watched by the host.
      await send(here, 'media:invite', { roomId, personId });
      await eventually(() => saidThere<CoHosts>('media:co-hosts').at(-1)?.coHosts[0]?.personId === personId);
      expect(await send(there, 'media:accept', { roomId })).toMatchObject({ data: { outcome: 'accepted' } });
      const coHost = await publishOver(there, roomId);
      const hostWatches = await watchOver(here, roomId);
      for (const { arriving } of [watching, hostWatches])
        await eventually(() => arriving()[hostId] === 2 && arriving()[personId] === 2, { deadlineMs });
      await send(here, 'media:mute', { roomId, personId, kind: 'audio', muted: true });
      const mutedThere = () =>
        saidThere<{ publishers: Publisher[] }>('media:publishers').at(-1)?.publishers[1]?.muted[0];
      await eventually(() => mutedThere() === 'audio');

      // The host's program comes back through the other one: nobody was away, and everybody sees the new stream.
      const takesOver = { url: key.whipUrl.replace(gateway.url, elsewhere.url), token: key.streamKey };
      expect(new URL(takesOver.url).origin).toBe(elsewhere.url);
      const before = (await publishingIn(roomId)).find(({ ownerId }) => ownerId === hostId)!.sessionId;
      await wrtc.run('publish', takesOver);
      await eventually(async () => !(await publishingIn(roomId)).some(({ sessionId }) => sessionId === before));
      for (const { arriving } of [watching, hostWatches])
        await eventually(() => arriving()[hostId] === 2, { deadlineMs });
      expect(saidThere<{ state: string }>('room:changed').filter(({ state }) => state !== 'live')).toEqual([]);

      // Banned through one: what was opened through the other ends at once, and not by a look that comes by.
      const release = await holdLook(gateway, 'media rights');
      await call(gateway, 'POST', `/api/rooms/${roomId}/sanctions`, { token, body: { personId, kind: 'ban' } });
      expect(await Promise.all([watching.ended, coHost.ended])).toEqual(['not-allowed', 'not-allowed']);
      await eventually(() => Object.keys(hostWatches.arriving()).join() === hostId);
      expect(await send(there, 'media:transport', { roomId, direction: 'watch' })).toMatchObject({
        error: { code: 'FORBIDDEN' },
      });
      expect(await stateOf(elsewhere, show)).toBe('live');
      await release();
      for (const one of [watching, hostWatches, coHost, here, there]) one.close();
    },
  );

  test('refusals of the media server reach the client as they are', async () => {
    const { roomId, host } = await scheduleShow(gateway);
    const grant = await watchGrantOf(gateway, roomId, host);
    const response = await fetch(grant.whepUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/sdp', authorization: `Bearer ${grant.token}` },
      body: 'no SDP',
    });

    expect(response.status).toBe(400);
  });

  test('the internal API answers nobody without the secret', async () => {
    const answer = await call(media, 'POST', '/internal/media/rooms', { body: {}, token: 'a guess' });

    expect(answer.status).toBe(401);
  });

  test('a gateway with another secret says that media can not be had: the keys of its clients may be right', async () => {
    const sfu = createHttpSfu({ url: media.url, token: 'a guess', log: gateway.platform.log });

    await expect(sfu.publishers({ roomId: newId() })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    sfu.close();
  });

  test('an older list of who publishes that comes last is noted as what the room was told, so that it is corrected', async () => {
    const { roomId, host } = await scheduleShow(gateway);
    const { platform } = gateway;
    const release = await holdLook(gateway, 'streams');
    const told = createPublishersTold(platform.db);
    const settings = { chatPerSecondMax: 1, frameWindow: { minMs: 25, maxMs: 25 }, retentionDays: 1 };
    const { log: roomLog } = createRoomLogFeature(
      { ...platform, metrics: createMetrics({ processFigures: false }) },
      settings,
    );
    const rooms = { get: async () => ({ hostId: host.person.personId }) as never };
    const [slow, quick] = [1, 2].map(() => createTellPublishers({ rooms, roomLog, told }));
    const somebody: Publisher = { personId: host.person.personId, kinds: ['audio'], muted: [] };
    const [began, ended] = [
      { roomId, publishers: [somebody], changeId: newId() },
      { roomId, publishers: [], changeId: newId() },
    ];
    const noted = async () => (await told.all()).find((each) => each.roomId === roomId)?.publishers;

    await quick!(ended); // It was cut off from the media server before.
    await slow!(began); // It was held up.
    await slow!(ended);
    expect(await noted()).toEqual([somebody]);

    await told.note(roomId, [], { epoch: 'of a log that began anew', offset: 1 });
    expect(await noted()).toBeUndefined();
    await release();
  });

  test('that media can be asked is noted also by a gateway that another one keeps from looking', async () => {
    const { db } = gateway.platform;
    const release = await holdLook(gateway, 'streams');
    await db.query(`UPDATE media_seen SET seen_at = now() - interval '1 hour'`);

    const isNoted = async () =>
      (await db.query(`SELECT seen_at > now() - interval '1 minute' AS "isNew" FROM media_seen`)).rows[0].isNew;
    await eventually(isNoted, { deadlineMs });
    await release();
  });

  test('sessions of a socket are its own, and end with it', async () => {
    const show = await scheduleShow(gateway);
    const [one, other] = [await openSocket(gateway, show.host), await openSocket(gateway, await guest(gateway))];
    const { roomId } = show;
    const opened = await send(one, 'media:transport', { roomId, direction: 'publish' });
    if (!opened.ok) throw new Error(opened.error.message);
    const { sessionId } = opened.data;

    const wrong = { role: 'client' as const, fingerprints: [{ algorithm: 'sha-256', value: 'ZZ' }] };
    const unusable = await send(one, 'media:connect', { roomId, sessionId, dtlsParameters: wrong });
    const connected = await send(one, 'media:connect', { roomId, sessionId, dtlsParameters });
    const stolen = await send(other, 'media:close', { roomId, sessionId });
    const uninvited = await send(other, 'media:transport', { roomId, direction: 'publish' });
    one.close();

    expect(unusable).toMatchObject({ ok: false, error: { code: 'BAD_INPUT' } });
    expect(connected).toMatchObject({ ok: true });
    expect(stolen).toMatchObject({ ok: false, error: { code: 'NOT_FOUND' } });
    expect(uninvited).toMatchObject({ ok: false, error: { code: 'FORBIDDEN' } });
    await eventually(async () => !(await publishingIn(roomId)).some((each) => each.sessionId === sessionId));
    other.close();
  });

  test(
    'of two hundred pages that vanish, connected or not, no session, transport, consumer or timer stays',
    { timeout: 60_000 },
    async () => {
      const show = await scheduleShow(gateway);
      const { roomId } = show;
      const host = await openSocket(gateway, show.host);
      const sending = await publishOver(host, roomId);
      await eventually(async () => (await stateOf(gateway, show)) === 'live', { deadlineMs });
      const people = await Promise.all(Array.from({ length: 20 }, () => guest(gateway)));
      const [worker] = workers as [Worker];
      /** All that is somebody's: transports, producers, consumers and routers. */
      const objects = async () => (await worker.dump()).channelMessageHandlers.channelRequestHandlers.length;
      const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
      const before = { objects: await objects(), timers: timers() };

      const connect = (socket: Socket) => watchOver(socket, roomId);
      const onlyAsk = async (socket: Socket) => {
        const { sessionId } = await openOver(socket, roomId, 'watch');
        await send(socket, 'media:consume', { roomId, sessionId, rtpCapabilities: rtpCapabilities as never });
        return { close: () => undefined };
      };
      for (let round = 0; round < 2; round += 1) {
        const sockets = await Promise.all(people.map((person) => openSocket(gateway, person)));
        const ways = [connect, connect, onlyAsk, onlyAsk, onlyAsk];
        const five = (socket: Socket) => Promise.all(ways.map((come) => come(socket)));
        const pages = (await Promise.all(sockets.map(five))).flat();
        expect(await watchersOf(roomId)).toBe(100);
        expect(await objects()).toBeGreaterThanOrEqual(before.objects + 3 * pages.length); // Sound, picture, and what they come over.
        for (const { io } of sockets) io.engine.close(); // Without a word of theirs, and none over DTLS.
        await eventually(async () => (await watchersOf(roomId)) === 0, { deadlineMs });
        for (const { close } of pages) close();
      }

      expect(await objects()).toBeLessThan(before.objects + 10);
      // One of each session would be two hundred; those of sockets and requests that have just ended run out by themselves.
      await eventually(() => timers() < before.timers + 100, { deadlineMs });
      sending.close();
      host.close();
    },
  );

  test('a viewer who is invited and accepts may publish; one who is put out or gives it back may not; the room is told', async () => {
    const show = await scheduleShow(gateway);
    const viewer = await guest(gateway);
    const [host, invited] = [await openSocket(gateway, show.host), await openSocket(gateway, viewer)];
    const { roomId } = show;
    const { personId, name } = viewer.person;
    const before = await send(invited, 'room:join', { roomId });
    if (!before.ok) throw new Error(before.error.message);
    const publishes = () => send(invited, 'media:transport', { roomId, direction: 'publish' });
    const ends = () => new Promise((resolve) => invited.once('media:closed', ({ reason }) => resolve(reason)));
    const invites = async () => {
      expect(await send(host, 'media:invite', { roomId, personId })).toMatchObject({ data: { outcome: 'invited' } });
      expect(await send(invited, 'media:accept', { roomId })).toMatchObject({ data: { outcome: 'accepted' } });
      expect(await publishes()).toMatchObject({ ok: true });
    };

    expect(await send(host, 'media:invite', { roomId, personId: show.host.person.personId })).toMatchObject({
      error: { code: 'CONFLICT' },
    });
    expect(await send(invited, 'media:accept', { roomId })).toMatchObject({ data: { outcome: 'not_invited' } });
    await invites();
    const putOut = ends();
    await send(host, 'media:kick', { roomId, personId });
    expect(await putOut).toBe('kicked');
    expect(await publishes()).toMatchObject({ error: { code: 'FORBIDDEN' } });
    await invites();
    await send(host, 'media:mute', { roomId, personId, kind: 'video', muted: true });
    const status = await send(host, 'media:status', { roomId });
    expect(status).toMatchObject({
      data: { coHosts: [{ personId, name, untilMs: null, muted: ['video'] }], hostMuted: [] },
    });
    const gaveBack = ends();
    await send(invited, 'media:decline', { roomId });
    expect(await gaveBack).toBe('left');
    expect(await publishes()).toMatchObject({ error: { code: 'FORBIDDEN' } });

    const helper = await account(gateway);
    const assistant = await openSocket(gateway, helper);
    await send(host, 'room:set-staff', { roomId, personId: helper.person.personId, role: 'assistant' });
    for (const answers of [
      () => send(invited, 'media:decline', { roomId }),
      () => send(assistant, 'media:kick', { roomId, personId }), // Who may invite may take it back.
    ]) {
      expect(await send(assistant, 'media:invite', { roomId, personId })).toMatchObject({ ok: true });
      expect(await answers()).toMatchObject({ ok: true });
    }

    const answered = ['invited, muted', '', 'invited, muted', '']; // What was decided of them holds.
    const expected = ['invited', 'here', '', 'invited', 'here', 'here, muted', '', ...answered];
    // The room hears of the last one a moment after who asked for it.
    const told = await eventually(async () => {
      const after = await send(invited, 'room:join', { roomId, position: before.data.position });
      const entries = after.ok ? after.data.entries.filter(({ kind }) => kind === 'media:co-hosts') : [];
      return entries.length >= expected.length && entries;
    });
    expect((told as { body: CoHosts }[]).map(({ body }) => body.coHosts.map(wordOf).join())).toEqual(expected);
    // Said of an answer alone, and not of a place given back or taken away.
    const declined = (told as { body: CoHostsTold }[]).map(({ body }) => body.declined);
    expect(declined.map((who, i) => (who === undefined ? null : [i, who])).filter(Boolean)).toEqual([[8, personId]]);
    const listed = await send(host, 'room:actions', { roomId });
    const acts = listed.ok
      ? listed.data.actions.toReversed().filter(({ kind }) => /^(co-host|publisher)/.test(kind))
      : [];
    const [byHost, byHelper] = [show.host.person.personId, helper.person.personId];
    expect(acts.map(({ kind, byId, personId: whom }) => [kind, byId, whom])).toEqual([
      ['co-host-invited', byHost, personId],
      ['co-host-removed', byHost, personId],
      ['co-host-invited', byHost, personId],
      ['publisher-muted', byHost, personId],
      ['co-host-invited', byHelper, personId],
      ['co-host-invited', byHelper, personId],
      ['co-host-removed', byHelper, personId],
    ]);
    assistant.close();
    host.close();
    invited.close();
  });

  async function watchersOf(roomId: string): Promise<number> {
    const input = { after: 0, max: 1_000 };
    const { body } = await call(media, 'POST', '/internal/media/watching', { body: input, token: mediaToken });
    return body.data.sessions.filter((session: { roomId: string }) => session.roomId === roomId).length;
  }

  async function publishingIn(roomId: string): Promise<{ sessionId: string; ownerId: string }[]> {
    const { body } = await call(media, 'POST', '/internal/media/rooms', { body: {}, token: mediaToken });
    return body.data.rooms.find((room: { roomId: string }) => room.roomId === roomId)?.publishing ?? [];
  }
});

test('how well a picture arrives, and that it is lost, is told to the gateway of its viewer alone, and a gateway asks also when nobody asks it', async () => {
  const listeners = new Set<(event: MediaEvent) => void>();
  let gatewayId: string | undefined;
  const iceParameters = { usernameFragment: '', password: '' };
  let asked = 0;
  const sfu: Pick<Sfu, 'open' | 'listen' | 'status'> = {
    status: async () => ({ state: 'ready', progress: 1, message: '' }),
    async open(input) {
      gatewayId = input.gatewayId;
      return { id: '', iceParameters, iceCandidates: [], dtlsParameters: {} };
    },
    listen(hear) {
      listeners.add(hear);
      return () => listeners.delete(hear);
    },
  };
  const log = pino({ level: 'silent' });
  const links = createLinks({
    load: { now: () => 0, perViewer: () => 0 },
    sfu: sfu as Sfu,
    listenInfo: () => ({ protocol: 'udp', ip: '127.0.0.1' }),
    log,
    nowMs: () => performance.now(),
  });
  const server = express()
    .use(
      '/internal/media',
      createInternalApi({ sfu: sfu as Sfu, links, token: mediaToken, log, onAsked: () => (asked += 1) }),
    )
    .listen(0, '127.0.0.1');
  await eventually(() => server.listening);
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const gateways = [1, 2].map(() => {
    const link = createHttpSfu({ url, token: mediaToken, log });
    const heard: string[] = [];
    link.listen(({ type }) => heard.push(type));
    return { link, heard };
  });
  await eventually(() => listeners.size === 2);
  const session = { roomId: newId(), sessionId: newId() };

  await gateways[0]!.link.open({ ...session, ownerId: newId(), direction: 'watch' });
  const events: MediaEvent[] = [
    { type: 'quality', ...session, gatewayId, consumerId: '', score: 10, spatialLayer: null },
    { type: 'lost', ...session, gatewayId, consumerId: '' },
    { type: 'streams', roomId: session.roomId, gone: [] },
  ];
  for (const hear of listeners) events.forEach(hear);

  await eventually(() => gateways.every(({ heard }) => heard.includes('streams')));
  expect(gateways.map(({ heard }) => heard)).toEqual([
    ['reset', 'quality', 'lost', 'streams'],
    ['reset', 'streams'],
  ]);
  for (const { link } of gateways) link.close();
  // The lease of its sessions (media/lease.ts) counts what is asked.
  expect(asked).toBe(1);
  const holding = createHttpSfu({ url, token: mediaToken, log, holdEveryMs: 50 });
  await eventually(() => asked > 2);
  holding.close();
  server.closeAllConnections();
  server.close();
});

const wordOf = ({ untilMs, muted }: CoHosts['coHosts'][number]): string =>
  (untilMs === null ? 'here' : 'invited') + (muted.length > 0 ? ', muted' : '');
