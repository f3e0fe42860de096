import { EventEmitter } from 'node:events';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createMediaEvents } from '../../server/features/stream/media-events.ts';
import { createSocketSessions } from '../../server/features/stream/socket-sessions.ts';
import type { GatewaySocket } from '../../server/gateway/call.ts';
import { AppError } from '../../shared/errors.ts';

test('a socket is listened to once, however often its sessions fail, and its end still ends the last one', () => {
  const ended: string[] = [];
  const sessions = createSocketSessions({
    ended: async () => ({ ended: [] }),
    end: async ({ sessionId }) => {
      ended.push(sessionId);
      return { ended: true };
    },
  });
  // All that sessions need of a socket is that it says when it is gone.
  const socket = new EventEmitter() as unknown as GatewaySocket;

  for (let tries = 0; tries < 20; tries += 1) sessions.forget(sessions.begin(socket, 'a room').sessionId);
  const { sessionId } = sessions.begin(socket, 'a room');
  const listeners = socket.listenerCount('disconnect');
  (socket as unknown as EventEmitter).emit('disconnect');

  expect(listeners).toBe(1);
  expect(ended).toEqual([sessionId]);
});

test('of two hundred sockets that vanish nothing is remembered: each session ends, and no news has anybody to go to', async () => {
  const ended = new Set<string>();
  const asked: unknown[] = [];
  const told: unknown[] = [];
  const sessions = createSocketSessions({
    ended: async (input) => (asked.push(input), { ended: [] }),
    end: async ({ sessionId }) => ({ ended: Boolean(ended.add(sessionId)) }),
  });
  const sockets = Array.from({ length: 200 }, () =>
    new EventEmitter().on('media:streams', (body) => told.push(body)),
  ) as unknown as GatewaySocket[];
  const begun = sockets.map((socket, i) => sessions.begin(socket, `room ${i % 10}`).sessionId);
  for (const sessionId of begun) sessions.opened(sessionId);

  for (const socket of sockets) (socket as unknown as EventEmitter).emit('disconnect');
  await sessions.catchUp();
  for (let i = 0; i < 10; i += 1) sessions.hear({ type: 'streams', roomId: `room ${i}`, gone: [] });

  expect(ended).toEqual(new Set(begun));
  expect([asked, told]).toEqual([[], []]);
});

test('an end that the way to media has no place for is told again a moment later; one that fails otherwise is not', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const asked: string[] = [];
  const failures = [new AppError('RETRY'), new AppError('UNAVAILABLE')];
  const sessions = createSocketSessions({
    ended: async () => ({ ended: [] }),
    end: async ({ sessionId }) => {
      asked.push(sessionId);
      throw failures[asked.length - 1] ?? new AppError('RETRY');
    },
  });
  const socket = new EventEmitter() as unknown as GatewaySocket;
  const { sessionId } = sessions.begin(socket, 'a room');

  (socket as unknown as EventEmitter).emit('disconnect');
  await vi.advanceTimersByTimeAsync(60_000);

  expect(asked).toEqual([sessionId, sessionId]);
});

test('an end that could not be heard is told with its own reason: who was taken over must not come back; and who stays asks what is new', async () => {
  const told: unknown[] = [];
  const streams: unknown[] = [];
  const socket = new EventEmitter()
    .on('media:closed', (body) => told.push(body))
    .on('media:streams', (body) => streams.push(body)) as unknown as GatewaySocket;
  const sessions = createSocketSessions({
    end: async () => ({ ended: true }),
    ended: async ({ sessions: [first] }) => ({ ended: [{ ...first!, reason: 'taken-over' }] }),
  });
  const [gone, kept, opening] = [1, 2, 3].map(() => sessions.begin(socket, 'a room'));
  for (const { sessionId } of [gone!, kept!]) sessions.opened(sessionId);

  await sessions.catchUp();

  expect(told).toEqual([{ ...gone, reason: 'taken-over' }]);
  expect(streams).toEqual([{ roomId: 'a room', gone: [] }]);
  for (const session of [kept!, opening!]) sessions.check(socket, session); // Still theirs.
});

const unexpected = () => Promise.reject(new Error('not expected to be asked'));

test('that one stream is lost on its way to one viewer is told to nobody else', () => {
  const sessions = createSocketSessions({ end: unexpected, ended: unexpected });
  const [own, other] = ['own', 'other'].map((name) => {
    const told: unknown[] = [];
    const socket = new EventEmitter().on('media:streams', (body) => told.push(body)) as unknown as GatewaySocket;
    return { name, told, session: sessions.begin(socket, 'a room') };
  });

  sessions.hear({ type: 'lost', ...own!.session, consumerId: 'the picture' });

  expect(own!.told).toEqual([{ roomId: 'a room', gone: ['the picture'] }]);
  expect(other!.told).toEqual([]);
});

test('who speaks, and whose line loses what they send, are figures of the room, and nobody when it is nobody', async () => {
  const figures: unknown[] = [];
  const inMedia = { roomId: 'room', losing: ['bo'] };
  const events = createMediaEvents({
    sfu: { rooms: async () => ({ rooms: [inMedia] }) },
    sockets: { hear: () => undefined, catchUp: async () => undefined },
    roomLog: { setAggregate: (...figure: unknown[]) => figures.push(figure) },
  } as unknown as Parameters<typeof createMediaEvents>[0]);
  const levels = ['ana', 'bo'].map((ownerId) => ({ ownerId, levelDb: -20 }));

  events.hear({ type: 'speakers', roomId: 'room', speakers: levels });
  events.hear({ type: 'losing', roomId: 'room', ownerIds: ['ana', 'bo'] });
  events.hear({ type: 'losing', roomId: 'room', ownerIds: [] });
  await events.settled();
  events.hear({ type: 'reset' }); // The way to media was cut, and what it told meanwhile was lost.
  await events.settled();

  expect(figures).toEqual([
    ['room', 'speakers', 'ana bo'],
    ['room', 'losing', 'ana bo'],
    ['room', 'losing', ''],
    ['room', 'losing', 'bo'],
  ]);
});

test('a stop waits for what was heard of media: it is noted before the stores close', async () => {
  const noting = Promise.withResolvers<undefined>();
  let isSettled = false;
  const events = createMediaEvents({
    sockets: { hear: () => undefined },
    tellPublishers: () => noting.promise,
  } as unknown as Parameters<typeof createMediaEvents>[0]);

  events.hear({ type: 'publishers', roomId: 'room', publishers: [], changeId: 'change' });
  const settled = events.settled().then(() => (isSettled = true));
  await new Promise(setImmediate);

  expect(isSettled).toBe(false);
  noting.resolve(undefined);
  await settled;
});
