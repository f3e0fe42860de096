import { Device } from 'mediasoup-client';
import type { MediaKind, SessionEnd } from '../../shared/protocol/media.ts';
import {
  generateConsumerRemoteParameters,
  generateLocalDtlsParameters,
  generateNativeRtpCapabilities,
  generateRouterRtpCapabilities,
  generateTransportRemoteParameters,
} from 'mediasoup-client/fakeParameters';
import { FakeHandler } from 'mediasoup-client/handlers/FakeHandler';
import type { ConnectionState, Transport } from 'mediasoup-client/types';
import { beforeEach, expect, test } from 'vitest';
import { createEmitter } from '../../shared/client/emitter.ts';
import type { ClientEvents } from '../../shared/client/client.ts';
import type { MediaTrack } from '../../shared/client/media-track.ts';
import type { MediaClient } from '../../shared/client/media-transport.ts';
import { createPlayer } from '../../shared/client/player.ts';
import { createPublisher } from '../../shared/client/publisher.ts';
import type { Time } from '../../shared/client/time.ts';
import { AppError } from '../../shared/errors.ts';
import { newId } from '../../shared/ids.ts';
import { eventually } from '../support/eventually.ts';

/** The browser's side of a connection, moved by hand: the library brings it for tests. */
type Movable = { setConnectionState(state: ConnectionState): void };
const fake = { generateNativeRtpCapabilities, generateLocalDtlsParameters };

const turnOfNow = { urls: ['turn:turn.example.test'], username: 'for the next hours', credential: 'of it' };

/** A server whose answers can be held back or refused, devices whose connections are moved by hand, and a clock that stands still. */
function around(kinds: MediaKind[] = ['audio', 'video']) {
  const events = createEmitter<ClientEvents>();
  const asked: string[] = [];
  const transports: Transport[] = [];
  const waits: (() => void)[] = [];
  const waitsMs: number[] = [];
  const held = new Map<string, () => void>();
  const open = new Set<string>();
  const consumed: { producerId: string }[] = [];
  const consumerIds: string[] = [];
  const producerIds = new Map<MediaKind, string>();
  const leftOut: string[][] = [];
  const produced: { source?: string; repeatable?: boolean }[] = [];
  let refuse: Record<string, AppError> = {};
  let kept: string[] | undefined;
  let choking: MediaKind | null = null;
  let unknown: MediaKind | null = null;
  let isOnline = true;
  let sessions = 0;
  type Asked = { kind: MediaKind; sessionId: string; without: string[] };
  const answers: Record<string, (input: Asked) => unknown> = {
    'media:capabilities': () => ({ rtpCapabilities: generateRouterRtpCapabilities() }),
    'media:transport': () => {
      const { id, iceParameters, iceCandidates, dtlsParameters } = generateTransportRemoteParameters();
      const sessionId = `session-${++sessions}`;
      open.add(sessionId);
      return {
        sessionId,
        transport: { id, iceParameters, iceCandidates, dtlsParameters },
        iceServers: [],
      };
    },
    'media:close': ({ sessionId }) => open.delete(sessionId) && {},
    'media:produce': ({ kind }) => ({ producerId: `producer of ${kind}` }),
    'media:consume': ({ without }) => ({
      ...(kept ? { kept } : {}),
      consumers: kinds.filter((kind) => !without.includes(producerIdOf(kind))).map(consumerOf),
    }),
    'media:restart-ice': () => ({
      iceParameters: generateTransportRemoteParameters().iceParameters,
      iceServers: [turnOfNow],
    }),
  };
  const client: MediaClient = {
    on: events.on,
    isOnline: () => isOnline,
    check: () => void asked.push('a look at the socket'),
    async request(name, input, options) {
      asked.push(name);
      if (name === 'media:consume') leftOut.push((input as { without: string[] }).without);
      if (name === 'media:produce') produced.push({ ...(input as { source?: string }), ...options });
      if (held.has(name)) await new Promise<void>((resolve) => held.set(name, resolve));
      if (refuse[name]) throw refuse[name];
      return (answers[name]?.(input as Asked) ?? {}) as never;
    },
  };
  const time: Time = {
    nowMs: () => 0,
    random: () => 0,
    after(ms, run) {
      waitsMs.push(ms);
      waits.push(run);
      return () => void waits.splice(waits.indexOf(run), 1);
    },
  };
  return {
    options: { client, roomId: 'room', time, newDevice },
    asked,
    /** Sessions there are on the server. */
    open,
    consumed,
    consumerIds,
    produced,
    leftOut,
    transports,
    kinds,
    waits,
    /** A stream that the browser refuses as a part of a description, and then every other one of that connection. */
    choke: (kind: MediaKind) => void (choking = kind),
    /** One in a codec that the library finds the device can't decode. */
    sendUnknown: (kind: MediaKind) => void (unknown = kind),
    producerIdOf,
    /** The same again as another stream, which the browser takes, or refuses as well. */
    renew(kind: MediaKind, refused: MediaKind | null = null): void {
      producerIds.delete(kind);
      choking = refused;
    },
    /** What flows since before, as the server tells it. */
    keep: (consumerIds: string[]) => void (kept = consumerIds),
    /** How long each was to take. */
    waitsMs,
    refuse: (refused: typeof refuse) => void (refuse = refused),
    hold: (name: string) => void held.set(name, () => undefined),
    release(name: string): void {
      held.get(name)?.();
      held.delete(name);
    },
    notice: (name: string, body: unknown) => events.emit('notice', { name, body }),
    socketIs(state: 'online' | 'offline'): void {
      isOnline = state === 'online';
      events.emit('state', state);
    },
    /** What the browser says of the newest connection. */
    connectionIs: (state: ConnectionState) =>
      (transports.at(-1)!.handler as unknown as Movable).setConnectionState(state),
    closedAs: (reason: SessionEnd) =>
      events.emit('notice', {
        name: 'media:closed',
        body: { roomId: 'room', sessionId: `session-${sessions}`, reason },
      }),
  };

  async function newDevice(): Promise<Device> {
    const device = new Device({ handlerFactory: FakeHandler.createFactory(fake) });
    device.observer.on('newtransport', (transport) => {
      transports.push(transport);
      chokeOn(transport);
    });
    return Promise.resolve(device);
  }

  function chokeOn({ handler }: Transport): void {
    const receive = handler.receive.bind(handler);
    let isSpoilt = false;
    handler.receive = async (streams) => {
      isSpoilt ||= streams.some(({ kind }) => kind === choking);
      if (isSpoilt) throw new DOMException('this description is not understood', 'OperationError');
      return receive(streams);
    };
  }

  function producerIdOf(kind: MediaKind): string {
    const id = producerIds.get(kind) ?? newId();
    producerIds.set(kind, id);
    return id;
  }

  function consumerOf(kind: MediaKind) {
    const codecMimeType = kind === 'audio' ? 'audio/opus' : 'video/VP8';
    const { id, ...rest } = structuredClone(generateConsumerRemoteParameters({ codecMimeType }));
    const producerId = producerIdOf(kind);
    const [codec] = rest.rtpParameters.codecs;
    if (kind === unknown) Object.assign(codec!, { mimeType: `${kind}/unheard-of`, payloadType: 127 });
    consumed.push({ producerId });
    consumerIds.push(id);
    return { ...rest, producerId, consumerId: id, publisherId: 'the host' };
  }
}

let world: ReturnType<typeof around>;
let states: string[];
beforeEach(() => {
  world = around();
  states = [];
});

function play() {
  const player = createPlayer(world.options);
  player.on('state', ({ state }) => states.push(state));
  return player;
}
function publish(...tracks: MediaTrack[]) {
  const publisher = createPublisher({ ...world.options, tracks });
  publisher.on('state', ({ state }) => states.push(state));
  return publisher;
}
const runsThrough = (name: string, times = 1) =>
  eventually(() => world.asked.filter((each) => each === name).length >= times);
const isNow = (state: string) => eventually(() => states.at(-1) === state);

test('a picture is called connected when the transport is, not when it was agreed on', async () => {
  const player = play();
  await runsThrough('media:resume');
  await isNow('connecting');

  world.connectionIs('connected');
  expect(states.at(-1)).toBe('connected');
  world.connectionIs('disconnected');
  await runsThrough('media:restart-ice');
  await eventually(() => world.transports[0]!.connectionState === 'disconnected');
  expect(states.at(-1)).toBe('reconnecting');
  world.connectionIs('connected');
  expect(states.at(-1)).toBe('connected');
  player.close();
});

test('a connection that lost its network is sought with TURN names of now: those it was begun with may have ended', async () => {
  const player = play();
  await runsThrough('media:resume');
  world.connectionIs('connected');
  const done: unknown[] = [];
  Object.assign(world.transports[0]!.handler, {
    updateIceServers: async (servers: unknown) => void done.push(servers),
    restartIce: async () => void done.push('restarted'),
  });

  world.connectionIs('disconnected');

  await eventually(() => done.length === 2);
  expect(done).toEqual([[turnOfNow], 'restarted']);
  player.close();
});

test('a connection that lost its network is sought in Firefox too, which takes no other TURN names', async () => {
  const player = play();
  await runsThrough('media:resume');
  world.connectionIs('connected');
  const done: unknown[] = [];
  Object.assign(world.transports[0]!.handler, {
    updateIceServers: () => Promise.reject(new Error('Firefox does not implement pc.setConfiguration()')),
    restartIce: async () => void done.push('restarted'),
  });

  world.connectionIs('disconnected');

  await eventually(() => done.length === 1);
  expect(world.asked).not.toContain('media:close');
  player.close();
});

test('media that lost its way has the socket looked at, which may have gone with the same network; a refusal begins anew', async () => {
  const player = play();
  await runsThrough('media:resume');
  world.connectionIs('connected');
  world.refuse({ 'media:restart-ice': new AppError('NOT_FOUND') });
  world.connectionIs('disconnected');
  await runsThrough('media:close');
  expect(world.asked.slice(-3)).toEqual(['a look at the socket', 'media:restart-ice', 'media:close']);

  await eventually(() => world.waits.length === 1);
  world.waits.pop()!();
  await runsThrough('media:resume', 2);
  player.close();
});

test('streams that change while a page is asking are asked for once more, however often they change', async () => {
  world.hold('media:consume');
  const player = play();
  await runsThrough('media:consume');
  for (let changes = 0; changes < 6; changes += 1) {
    world.notice('media:streams', { roomId: 'room', gone: [] });
    expect(world.waits).toHaveLength(1);
    if (changes % 2 > 0) world.waits.pop()!();
  }
  world.release('media:consume');
  await runsThrough('media:resume', 2);
  world.connectionIs('connected');
  await isNow('connected');
  expect(world.asked.filter((name) => name === 'media:consume')).toHaveLength(2);
  player.close();
});

test('what flows goes on while the server has no time to tell what is new, and is asked again', async () => {
  const player = play();
  await runsThrough('media:resume');
  world.connectionIs('connected');
  world.refuse({ 'media:consume': new AppError('UNAVAILABLE') });
  world.notice('media:streams', { roomId: 'room', gone: [] });
  world.waits.pop()!();
  await eventually(() => world.waits.length === 1);
  expect(player.played()).toHaveLength(1);

  world.refuse({});
  world.waits.pop()!();
  await runsThrough('media:resume', 2);
  expect(states.at(-1)).toBe('connected');
  expect(world.asked.filter((name) => name === 'media:transport')).toHaveLength(1);
  player.close();
});

test('what is new is shown also when only the last answer to it was lost', async () => {
  world.kinds.splice(0, 2, 'video');
  const player = play();
  await runsThrough('media:resume');
  world.connectionIs('connected');
  const told: number[] = [];
  player.on('played', (all) => told.push(all.flatMap(({ tracks }) => tracks).length));

  world.kinds.splice(0, 1, 'audio');
  world.refuse({ 'media:resume': new AppError('RETRY') });
  world.notice('media:streams', { roomId: 'room', gone: [] });
  world.waits.pop()!();
  await eventually(() => world.waits.length === 1);
  world.kinds.length = 0; // It was done: there is nothing left to ask for.
  world.refuse({});
  world.waits.pop()!();

  await eventually(() => told.length > 0);
  expect(told).toEqual([2]);
  player.close();
});

test('where nothing is sent yet a viewer is connected, and waits again for the first picture', async () => {
  world.kinds.length = 0;
  const player = play();
  await isNow('connected');

  world.kinds.push('video');
  world.notice('media:streams', { roomId: 'room', gone: [] });
  world.waits.pop()!();
  await isNow('connecting');
  world.connectionIs('connected');
  expect(states.at(-1)).toBe('connected');
  player.close();
});

test('a page that begins to send asks for its own picture no more, and asks at once when it ends', async () => {
  const player = play();
  await runsThrough('media:resume');

  player.leaveOut(['me']);
  player.leaveOut(['me']);
  await runsThrough('media:consume', 2);
  player.leaveOut([]);
  await runsThrough('media:consume', 3);
  expect(world.leftOut).toEqual([[], ['me'], []]);
  player.close();
});

test('a stream that ends while it is just to be shown is not shown', async () => {
  world.hold('media:connect');
  const player = play();
  await runsThrough('media:connect');

  world.kinds.length = 0;
  world.notice('media:streams', { roomId: 'room', gone: world.consumed.map(({ producerId }) => producerId) });
  world.waits.pop()!();
  world.release('media:connect');
  await runsThrough('media:consume', 2);
  await isNow('connected');
  expect(player.played()).toEqual([]);
  player.close();
});

/** A player that shows sound and picture. */
async function playingBoth() {
  const player = play();
  await runsThrough('media:resume');
  world.connectionIs('connected');
  const kindsOf = () => player.played().flatMap(({ tracks }) => tracks.map(({ kind }) => kind));
  await eventually(() => kindsOf().length === 2);
  return { player, kindsOf };
}

test('a stream whose way to this page is lost is asked for anew, and what else is shown stays', async () => {
  const { player, kindsOf } = await playingBoth();
  const [, video] = world.consumerIds;

  world.kinds.splice(0, 2, 'video'); // What flows already is not given again.
  world.notice('media:streams', { roomId: 'room', gone: [video] });
  expect(kindsOf()).toEqual(['audio']);
  world.waits.pop()!();
  await runsThrough('media:resume', 2);

  await eventually(() => String(kindsOf()) === 'audio,video');
  player.close();
});

test('what ended while the word of it was lost is shown no more once the page has asked', async () => {
  const { player, kindsOf } = await playingBoth();

  world.keep([world.consumerIds[0]!]);
  world.kinds.splice(0, 2, 'video'); // The host came back elsewhere with another camera.
  world.notice('media:streams', { roomId: 'room', gone: [] });
  world.waits.pop()!();
  await runsThrough('media:resume', 2);

  await eventually(() => String(kindsOf()) === 'audio,video');
  expect(player.played()[0]!.tracks).toHaveLength(2);
  player.close();
});

/** What the player of `told` says it can't show. */
function unplayableOf(player: ReturnType<typeof play>): unknown[] {
  const told: unknown[] = [];
  player.on('unplayable', (streams) => told.splice(0, Infinity, ...streams));
  return told;
}

test('a stream that the browser refuses is left out, after it has shown alone that it was this one: the others are seen', async () => {
  world.choke('video');
  const player = play();
  const unplayable = unplayableOf(player);
  for (let session = 1; session <= 2; session += 1) (await eventually(() => world.waits.pop()))();
  await runsThrough('media:resume');
  world.connectionIs('connected');

  await isNow('connected');
  expect(player.played()).toMatchObject([{ publisherId: 'the host', tracks: [{ kind: 'audio' }] }]);
  expect(unplayable).toEqual([{ publisherId: 'the host', kind: 'video', mimeType: 'video/VP8' }]);
  expect(world.leftOut).toEqual([[], [], [world.producerIdOf('video')]]);
  // The host begins it anew, and now it is taken.
  const before = world.producerIdOf('video');
  world.renew('video');
  world.kinds.splice(0, 2, 'video'); // What flows already is not given again.
  world.notice('media:streams', { roomId: 'room', gone: [before] });
  world.waits.pop()!();
  await eventually(() => player.played()[0]?.tracks.length === 2);
  expect(unplayable).toEqual([]);
  player.close();
});

test('a network or a server that fails while streams are taken is not the fault of any of them', async () => {
  world.refuse({ 'media:connect': new AppError('UNAVAILABLE') });
  const player = play();
  for (let session = 1; session <= 3; session += 1) (await eventually(() => world.waits.pop()))();
  world.refuse({});
  await runsThrough('media:resume');

  expect(new Set(world.leftOut.map(String))).toEqual(new Set(['']));
  expect(player.played()).toMatchObject([{ tracks: { length: 2 } }]);
  player.close();
});

test.each([
  ['of some', ['audio', 'video'], 1],
  ['of all', ['video'], 2],
] as const)(
  'a stream in a codec that only turns out to be unknown here, %s there are, is told',
  async (_, kinds, sessions) => {
    world.kinds.splice(0, 2, ...kinds);
    world.sendUnknown('video');
    const player = play();
    const unplayable = unplayableOf(player);
    if (sessions > 1) (await eventually(() => world.waits.pop()))(); // The server waits for no handshake that nobody will make.
    await eventually(() => unplayable.length === 1);
    if (sessions > 1) await isNow('connected');

    expect(unplayable).toMatchObject([{ kind: 'video', mimeType: 'video/unheard-of' }]);
    expect(world.transports).toHaveLength(sessions);
    expect(player.played().flatMap(({ tracks }) => tracks)).toHaveLength(kinds.length - 1);
    player.close();
  },
);

test('of a publisher whose pictures are refused again and again none is tried any more: each costs all others a moment', async () => {
  world.choke('video');
  const player = play();
  const unplayable = unplayableOf(player);
  for (let streams = 1; streams <= 3; streams += 1) {
    for (let session = 1; session <= 2; session += 1) (await eventually(() => world.waits.pop()))();
    await runsThrough('media:resume', streams);
    const before = world.producerIdOf('video');
    world.renew('video', 'video');
    world.notice('media:streams', { roomId: 'room', gone: [before] });
    world.waits.pop()!();
  }

  await runsThrough('media:resume', 4);
  expect(world.transports).toHaveLength(7);
  expect(unplayable).toMatchObject([{ kind: 'video' }]);
  expect(new Set(player.played()[0]!.tracks.map(({ kind }) => kind))).toEqual(new Set(['audio']));
  player.close();
});

test('an end that somebody meant is heard while the session is still being made, and it is not asked for again', async () => {
  world.hold('media:capabilities');
  play();
  await runsThrough('media:transport');

  world.notice('media:closed', { roomId: 'room', sessionId: 'session-1', reason: 'taken-over' });
  world.release('media:capabilities');
  await isNow('over');
  expect(world.asked).toEqual(['media:transport', 'media:capabilities']);
});

test('a network that carries words and no picture is said to be so in the end, until something comes through', async () => {
  const publisher = publish(track('video'));
  for (let round = 1; round <= 2; round += 1) {
    await runsThrough('media:produce', round);
    await isNow('connecting');
    world.closedAs('half-open');
    world.waits.pop()!();
  }
  await runsThrough('media:produce', 3);
  await isNow('blocked');
  expect(states).not.toContain('connected');

  world.connectionIs('connected');
  expect(states.at(-1)).toBe('connected');
  publisher.close();
});

test('who makes place for other pages of the same person waits a while, and blames no network', async () => {
  const player = play();
  for (let round = 1; round <= 3; round += 1) {
    await runsThrough('media:resume', round);
    await isNow('connecting');
    world.closedAs('crowded-out');
    expect(world.waits).toHaveLength(1);
    world.waits.pop()!();
  }
  await runsThrough('media:resume', 4);
  expect(states).not.toContain('blocked');
  player.close();
});

test('a session that waits to be opened is called off by the one that the socket brings: one is played', async () => {
  const player = play();
  await runsThrough('media:resume');
  world.closedAs('half-open');
  expect(world.waits).toHaveLength(1);
  const late = world.waits[0]!;

  world.socketIs('offline');
  world.socketIs('online');
  await runsThrough('media:resume', 2);
  expect(world.waits).toHaveLength(0);
  late(); // A timer that had fired already.
  await runsThrough('media:resume', 3);

  await eventually(() => world.transports.filter(({ closed }) => !closed).length === 1);
  expect(player.played()).toMatchObject([{ publisherId: 'the host', tracks: { length: 2 } }]);
  player.close();
});

test('a session that is not kept is not left behind on the server: a socket has only a few', async () => {
  world.hold('media:transport');
  play().close();
  world.release('media:transport');
  await runsThrough('media:close');

  const failing = createPlayer({ ...world.options, newDevice: () => Promise.reject(new Error('no library')) });
  await runsThrough('media:close', 2);
  failing.close();

  world.refuse({ 'media:consume': new AppError('RATE_LIMITED') });
  play();
  await runsThrough('media:close', 3);
  world.refuse({});
  world.waits.pop()!();
  await runsThrough('media:resume');

  expect([...world.open]).toEqual(['session-4']);
});

test('whoever finds no place is told so, and asks again when the server says', async () => {
  const full = new AppError('RATE_LIMITED', 'full', { reason: 'media-full', retryAfterMs: 10_000 });
  world.refuse({ 'media:transport': full });
  const player = play();
  await isNow('full');
  expect(world.waitsMs).toEqual([10_000]);

  world.refuse({});
  world.waits.pop()!();
  await runsThrough('media:resume');
  player.close();
});

test('a library that is not there is asked for again some times; then only a reload helps', async () => {
  const newDevice = () => Promise.reject(new AppError('UPGRADE_REQUIRED'));
  let over: unknown;
  createPlayer({ ...world.options, newDevice }).on('state', (state) => (over = state));
  for (let tries = 1; tries < 4; tries += 1) (await eventually(() => world.waits.pop()))();
  await eventually(() => (over as { state: string }).state === 'over');
  expect(over).toEqual({ state: 'over', reason: 'refused', code: 'UPGRADE_REQUIRED' });
});

test('a host who went on air without a microphone is heard as soon as there is one', async () => {
  const publisher = publish(track('video'));
  await runsThrough('media:produce');
  world.connectionIs('connected');

  await publisher.replaceTrack(track('audio'));
  expect(world.asked.filter((name) => name === 'media:produce')).toHaveLength(2);
  publisher.close();
});

test('what is sent is asked for again when the answer is lost, by the name under which that makes no second stream', async () => {
  const publisher = publish(track('video'), track('audio'));
  await runsThrough('media:produce', 2);

  expect(world.produced).toMatchObject([
    { source: 'video', repeatable: true },
    { source: 'audio', repeatable: true },
  ]);
  publisher.close();
});

test('a camera that is changed while the first is just being sent: the new one is sent before the old one may stop', async () => {
  world.hold('media:produce');
  const publisher = publish(track('video'));
  const sent: unknown[] = [];
  await runsThrough('media:produce');
  world.transports[0]!.observer.on('newproducer', (producer) => sent.push(producer));

  const next = track('video');
  const replaced = publisher.replaceTrack(next);
  world.release('media:produce');
  await replaced;
  expect(sent).toMatchObject([{ track: { id: next.id } }]);
  publisher.close();
});

test('a microphone that is turned off while there is no connection stays off over the next one', async () => {
  const microphone = track('audio');
  const publisher = publish(microphone);
  await runsThrough('media:produce');
  world.socketIs('offline');

  publisher.setEnabled('audio', false);
  world.socketIs('online');
  await runsThrough('media:produce', 2);
  const other = track('audio');
  await publisher.replaceTrack(other);
  expect([microphone.enabled, other.enabled]).toEqual([false, false]);

  publisher.setEnabled('audio', true);
  expect(other.enabled).toBe(true);
  publisher.close();
});

/** As much of a MediaStreamTrack as the library asks for. */
function track(kind: MediaKind): MediaTrack {
  const id = crypto.randomUUID();
  const fields = { id, kind, readyState: 'live', enabled: true, getSettings: () => ({ height: 360 }) };
  return Object.assign(new EventTarget(), { ...fields, stop: () => undefined });
}
