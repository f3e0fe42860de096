import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Socket } from 'socket.io-client';
import type { App } from '../../server/app/app.ts';
import type { RoomFrame } from '../../shared/protocol/room.ts';
import { account, call, freshStores, guest, openSocket, send, startTestApp } from '../support/app.ts';
import { eventually } from '../support/eventually.ts';

describe('a room, on two gateways', () => {
  let here: App;
  let there: App;
  const sockets: Socket[] = [];

  beforeAll(async () => {
    const stores = await freshStores();
    here = await startTestApp(stores);
    there = await startTestApp(stores);
  });
  afterAll(async () => {
    for (const socket of sockets) socket.close();
    await Promise.all([here.close(), there.close()]);
  });

  async function viewerOn(app: App): Promise<Socket> {
    const socket = await openSocket(app, await guest(app));
    sockets.push(socket);
    return socket;
  }

  test('what is said on one gateway is seen on both, at the place the sender was told', async () => {
    const host = await account(here);
    const { body } = await call(here, 'POST', '/api/rooms', {
      token: host.accessToken,
      body: { title: 'Evening show' },
    });
    const { roomId } = body.data;
    const [ana, bo] = [await viewerOn(here), await viewerOn(there)];
    const frames: RoomFrame[] = [];
    bo.on('room:frame', (frame: RoomFrame) => frames.push(frame));
    await send(ana, 'room:join', { roomId });
    const joined = await send(bo, 'room:join', { roomId });

    const sent = await send(ana, 'chat:send', { roomId, text: 'hello', requestKey: 'first-message' });

    expect(joined).toMatchObject({
      ok: true,
      data: { recovered: false, snapshot: { room: { title: 'Evening show' } } },
    });
    expect(sent).toMatchObject({ ok: true, data: { outcome: 'sent' } });
    const entry = await eventually(() => frames.flatMap(({ entries }) => entries)[0]);
    expect(entry).toMatchObject({ kind: 'chat:message', body: { text: 'hello' } });
    expect(sent.ok && sent.data.outcome === 'sent' && sent.data.position.offset).toBe(entry.offset);
  });

  test('who leaves while still on the way in is not in, and a socket is in twenty rooms however fast it joins', async () => {
    const host = await account(here);
    const made = await Promise.all(
      Array.from({ length: 22 }, (_, i) =>
        call(here, 'POST', '/api/rooms', { token: host.accessToken, body: { title: `Show ${i}` } }),
      ),
    );
    const [left, ...roomIds] = made.map(({ body }) => body.data.roomId as string) as [string, ...string[]];
    const ana = await viewerOn(here);
    const frames: RoomFrame[] = [];
    ana.on('room:frame', (frame: RoomFrame) => frames.push(frame));

    await Promise.all([send(ana, 'room:join', { roomId: left }), send(ana, 'room:leave', { roomId: left })]);
    const joined = await Promise.all(roomIds.map((roomId) => send(ana, 'room:join', { roomId })));
    // Which of them comes last, and is refused, is nobody's promise.
    const entered = roomIds[joined.findIndex(({ ok }) => ok)]!;
    const bo = await viewerOn(here);
    await send(bo, 'room:join', { roomId: left });
    await send(bo, 'chat:send', { roomId: left, text: 'is anybody here?', requestKey: 'to-nobody' });
    await send(bo, 'room:join', { roomId: entered });
    await send(bo, 'chat:send', { roomId: entered, text: 'here they are', requestKey: 'to-somebody' });
    await eventually(() => frames.some(({ roomId, entries }) => roomId === entered && entries.length > 0));

    expect(joined.filter(({ ok }) => ok)).toHaveLength(20);
    expect(joined.find(({ ok }) => !ok)).toMatchObject({ error: { code: 'CONFLICT' } });
    expect(frames.map(({ roomId }) => roomId)).not.toContain(left);
  });
});
