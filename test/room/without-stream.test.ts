import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { createRoomStore } from '../../server/features/room/room-store.pg.ts';
import { requestHash } from '../../server/platform/request-hash.ts';
import { createRooms } from '../../server/features/room/room.ts';
import type { RoomLog } from '../../server/features/room-log/room-log.ts';
import { twoGateways, type TwoGateways } from './two-gateways.ts';

describe('a room and its stream', () => {
  let house: TwoGateways;

  beforeAll(async () => {
    house = await twoGateways();
  });
  afterAll(() => house.close());

  /** The verbs that media calls, over the real ledger; what is said in the log is noted here. */
  function streamVerbs() {
    const said: string[] = [];
    const log = {
      append: async (_roomId: string, kind: string) => {
        said.push(kind);
      },
    } as unknown as RoomLog;
    const store = createRoomStore(house.here.platform.db);
    const persist = async (run: () => Promise<unknown>): Promise<void> => {
      await run();
    };
    const verbs = createRooms({ store, log, nowMs: Date.now, hash: requestHash, forget: () => undefined, persist });
    return { ...verbs, said };
  }

  test('the first picture begins the show, a lost one pauses it, the next one goes on', async () => {
    const { roomId } = await house.show();
    const { streamSeen, streamLost, find } = streamVerbs();
    const states: string[] = [];
    const note = async () => states.push((await find(roomId)).state);

    await streamSeen(roomId, 'phone').then(note);
    await streamLost(roomId, 'phone').then(note);
    await streamSeen(roomId, 'phone').then(note);

    expect(states).toEqual(['live', 'paused', 'live']);
  });

  test('a second device takes over without a pause, and the end of the first one then means nothing', async () => {
    const { roomId } = await house.show();
    const { streamSeen, streamLost, find, said } = streamVerbs();
    await streamSeen(roomId, 'phone');

    await streamSeen(roomId, 'camera');
    await streamLost(roomId, 'phone');

    expect((await find(roomId)).state).toBe('live');
    expect(said).toEqual(['room:changed', 'room:stream-taken-over']);
  });

  test('a show begun by hand that nobody ever streams to is ended after half a day, one that is streamed to is not', async () => {
    const [silent, streamed, fresh] = [await house.show(), await house.show(), await house.show()].map(
      ({ roomId }) => roomId,
    ) as [string, string, string];
    const { change, streamSeen, find } = streamVerbs();
    for (const roomId of [silent, streamed, fresh]) await change(roomId, 'start');
    await streamSeen(streamed, 'phone');

    const { db } = house.here.platform;
    const begunLongAgo = `UPDATE rooms SET started_at = now() - interval '13 hours' WHERE room_id = ANY ($1)`;
    await db.query(begunLongAgo, [[silent, streamed]]);

    await eventually(async () => (await find(silent)).state === 'ended', { deadlineMs: 15_000 });
    expect([(await find(streamed)).state, (await find(fresh)).state]).toEqual(['live', 'live']);
  });

  test('a lost stream and the pause it makes are one step', async () => {
    const { roomId } = await house.show();
    const store = createRoomStore(house.here.platform.db);
    await store.streamSeen(roomId, 'phone');
    await store.goLive(roomId, 'phone');

    expect(await store.streamLost(roomId, 'another')).toBeNull();
    expect(await store.streamLost(roomId, 'phone')).toMatchObject({ state: 'paused' });
  });

  test('a room without a stream for ten minutes is ended, one that has been without for less is not', async () => {
    const [long, short] = [(await house.show()).roomId, (await house.show()).roomId];
    const { streamSeen, streamLost, find } = streamVerbs();
    for (const roomId of [long, short]) await streamSeen(roomId, 'phone').then(() => streamLost(roomId, 'phone'));

    const { db } = house.here.platform;
    await db.query(`UPDATE rooms SET stream_lost_at = now() - interval '11 minutes' WHERE room_id = $1`, [long]);

    // The worker of the running server ends it.
    await eventually(async () => (await find(long)).state === 'ended', { deadlineMs: 15_000 });
    expect((await find(short)).state).toBe('paused');
  });
});
