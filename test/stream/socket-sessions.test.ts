import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { createMediaEvents } from '../../server/features/stream/media-events.ts';
import { createSocketSessions } from '../../server/features/stream/socket-sessions.ts';
import type { GatewaySocket } from '../../server/gateway/call.ts';

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

test('an end that could not be heard is told with its own reason: who was taken over must not come back', async () => {
  const told: unknown[] = [];
  const socket = new EventEmitter().on('media:closed', (body) => told.push(body)) as unknown as GatewaySocket;
  const sessions = createSocketSessions({
    end: async () => ({ ended: true }),
    ended: async ({ sessions: [first] }) => ({ ended: [{ ...first!, reason: 'taken-over' }] }),
  });
  const [gone, kept, opening] = [1, 2, 3].map(() => sessions.begin(socket, 'a room'));
  for (const { sessionId } of [gone!, kept!]) sessions.opened(sessionId);

  await sessions.catchUp();

  expect(told).toEqual([{ ...gone, reason: 'taken-over' }]);
  for (const session of [kept!, opening!]) sessions.check(socket, session); // Still theirs.
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
