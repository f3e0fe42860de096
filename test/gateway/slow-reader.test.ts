import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { createLogStore } from '../../server/features/room-log/log-store.redis.ts';
import { backlogLimits } from '../../server/features/room-log/member.socket.ts';
import { unreadBytesMax } from '../../server/gateway/frames.ts';
import { createClient } from '../../shared/client/client.ts';
import type { RoomSession } from '../../shared/client/room.ts';
import type { TypedEntry } from '../../shared/frames.ts';
import { newId } from '../../shared/ids.ts';
import { guest, openSocket, send } from '../support/app.ts';
import { eventually } from '../support/eventually.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';
import { checkHistory, type ClientEvent } from '../room-log/history-checker.ts';
import { textOf } from '../room-log/kept-log.ts';
import { twoGateways, type TwoGateways } from '../room/two-gateways.ts';
import { unreadBytesOf } from './unread-bytes.ts';

describe('a socket whose owner reads nothing', () => {
  let house: TwoGateways;
  let network: TcpProxy;
  beforeAll(async () => {
    house = await twoGateways();
    network = await startTcpProxy(house.here.url);
  });
  afterAll(async () => {
    await network.close();
    await house.close();
  });
  afterEach(() => network.resume());

  const sockets = () => house.here.gateway.sockets.io.sockets.sockets;
  const unreadBytes = (socketId: string) => unreadBytesOf(sockets().get(socketId)!.conn);

  async function newcomer() {
    const socket = await openSocket(network, await guest(house.here));
    onTestFinished(() => void socket.close());
    return { socket, socketId: socket.id! };
  }

  test('is ended when answers pile up, however cheap it is to ask for them', async () => {
    const { roomId } = await house.show();
    const { socket, socketId } = await newcomer();
    const joined = await send(socket, 'room:join', { roomId });
    const position = joined.ok ? joined.data.position : undefined;
    const answerBytes = await fill(roomId);
    let unreadMax = 0;

    network.stall('toClient');
    for (let asked = 0; asked < 60; asked += 1) socket.emit('room:join', { roomId, position }, () => undefined);
    await eventually(() => {
      if (!sockets().has(socketId)) return true;
      unreadMax = Math.max(unreadMax, unreadBytes(socketId));
      return false;
    });

    expect(unreadMax).toBeLessThan(unreadBytesMax + 2 * answerBytes);
  });

  test('is ended when notices pile up that it did not ask for', async () => {
    const { socketId } = await newcomer();
    const other = await house.socket(house.here, await guest(house.here));

    network.stall('toClient');
    for (let told = 0; told < 20; told += 1) {
      house.here.gateway.sockets.io.to(socketId).emit('media:streams', 'x'.repeat(1_000_000) as never);
    }

    await eventually(() => !sockets().has(socketId));
    expect(sockets().has(other.id!)).toBe(true);
  });

  test(
    'in a room loses chat first and is told how much, then the connection; nothing that matters is lost, and all is in order',
    { timeout: 60_000 },
    async () => {
      const { roomId } = await house.show();
      const session = await guest(house.here);
      const before = new Set(sockets().keys());
      const client = createClient({ url: network.url, credentials: async () => session });
      onTestFinished(() => client.close());
      const room = client.room(roomId);
      const events: ClientEvent[] = [];
      room.on('snapshot', ({ position }) => events.push({ what: 'snapshot', ...position }));
      room.on('omitted', (count) => events.push({ what: 'omitted', count }));
      room.on('entry', (entry) => events.push({ what: 'entry', offset: entry.offset, text: textOf(entry) }));
      await eventually(() => room.state() === 'joined');
      const socketId = [...sockets().keys()].find((id) => !before.has(id))!;
      const isChat = (entry: TypedEntry): boolean => /^chat/.test(textOf(entry));
      let end = 0;

      const reader = await house.visit(house.here, roomId);

      network.stall('toClient');
      while (unreadBytes(socketId) <= backlogLimits.chat) await say('chat', 10);
      await say('chat', 20);
      await say('host', 2);
      network.resume();
      await caughtUp(room);
      const omitted = events.reduce((sum, event) => sum + (event.what === 'omitted' ? event.count : 0), 0);
      expect(omitted).toBeGreaterThanOrEqual(20);

      network.stall('toClient');
      await eventually(async () => {
        await say('host', 20);
        return !sockets().has(socketId);
      });
      network.resume();
      await caughtUp(room);

      // By what somebody saw who reads: the log itself is trimmed by its bytes. Chat may be left out for one reader, who is told; what the host says may not.
      const log = new Map(
        reader.seen.map((entry) => [entry.offset, { text: textOf(entry), mayBeOmitted: isChat(entry) }]),
      );
      const [violation] = checkHistory(log, [{ name: 'slow', events, end: Math.max(...log.keys()) }], []);
      expect(violation?.slice(0, 200)).toBeUndefined();

      async function caughtUp({ state, position }: RoomSession): Promise<void> {
        await eventually(() => state() === 'joined' && position()?.offset === end);
      }
      /** Large lines, straight into the log. They have left in a frame when it is done: who reads has them. */
      async function say(lane: 'chat' | 'host', count: number): Promise<void> {
        const lines = Array.from({ length: count }, () => {
          const messageId = newId();
          const body = JSON.stringify({ messageId, text: `${lane} ${messageId} ${'x'.repeat(15_000)}` });
          const tail = { lane, senderId: '', entryId: messageId, redacts: [], kind: 'chat:message', body } as const;
          return { tail, clientKey: undefined };
        });
        const store = createLogStore(house.here.platform.redis.commands, { chatPerSecondMax: 100_000 });
        end = (await store.append(roomId, lines)).at(-1)!.offset;
        await caughtUp(reader.room);
      }
    },
  );

  /** Says so much in a room that one answer is large; returns how large, bytes. */
  async function fill(roomId: string): Promise<number> {
    const [entries, body] = [800, JSON.stringify({ text: 'x'.repeat(800) })];
    const store = createLogStore(house.here.platform.redis.commands, { chatPerSecondMax: 100 });
    const tail = { lane: 'host', senderId: '', entryId: '', redacts: [], kind: 'chat:announced', body } as const;
    for (let said = 0; said < entries; said += 100)
      await store.append(
        roomId,
        Array.from({ length: 100 }, () => ({ tail, clientKey: undefined })),
      );
    return entries * (body.length + 100);
  }
});
