import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { createLogStore } from '../../server/features/room-log/log-store.redis.ts';
import { unreadBytesMax } from '../../server/gateway/frames.ts';
import { guest, openSocket, send } from '../support/app.ts';
import { eventually } from '../support/eventually.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';
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
