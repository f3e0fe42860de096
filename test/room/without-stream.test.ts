import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { createRoomStore } from '../../server/features/room/room-store.pg.ts';
import { noId } from '../../server/platform/pages.ts';
import { requestHash } from '../../server/platform/request-hash.ts';
import { createRooms } from '../../server/features/room/room.ts';
import type { Rooms } from '../../server/features/room/rooms.ts';
import type { RoomLog } from '../../server/features/room-log/room-log.ts';
import { createMediaSeen } from '../../server/features/stream/media-seen.pg.ts';
import type { Sfu } from '../../server/features/stream/sfu.ts';
import { createMediaWay } from '../../server/features/stream/media-way.ts';
import { createStreamReconciling } from '../../server/features/stream/stream-reconciling.ts';
import { AppError } from '../../shared/errors.ts';
import { twoGateways, type TwoGateways } from './two-gateways.ts';

describe('a room and its stream', () => {
  let house: TwoGateways;

  beforeAll(async () => {
    house = await twoGateways();
    await mediaSeen("'infinity'");
  });
  afterAll(() => house.close());

  /** These gateways carry no media: without that they would say in the end that nothing flows. */
  async function mediaSeen(at: string): Promise<void> {
    await house.here.platform.db.query(`UPDATE media_seen SET seen_at = ${at}`);
  }

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
    const verbs = createRooms({
      store,
      log,
      letGo: async () => undefined,
      nowMs: Date.now,
      hash: requestHash,
      forget: () => undefined,
      persist,
      note: async () => undefined,
    });
    const change = (roomId: string, verb: Parameters<typeof verbs.change>[2]) => verbs.change(noId, roomId, verb);
    return { ...verbs, change, said };
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

    await streamSeen(roomId, 'phone again'); // After a fault: it replaces nobody.
    await streamSeen(roomId, 'camera', true);
    await streamLost(roomId, 'phone again');

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

  test('a pause pressed by the host is not undone by the encoder, also not one pressed as the stream was lost', async () => {
    const [pressed, both] = [(await house.show()).roomId, (await house.show()).roomId];
    const { streamSeen, streamLost, change, find } = streamVerbs();
    for (const roomId of [pressed, both]) await streamSeen(roomId, 'obs');

    await change(pressed, 'pause').then(() => streamLost(pressed, 'obs'));
    await streamLost(both, 'obs').then(() => change(both, 'pause'));
    for (const roomId of [pressed, both]) await streamSeen(roomId, 'obs again');
    const meanwhile = [(await find(pressed)).state, (await find(both)).state];
    for (const roomId of [pressed, both]) await change(roomId, 'resume');
    await streamLost(pressed, 'obs again').then(() => streamSeen(pressed, 'obs a third time'));

    expect(meanwhile).toEqual(['paused', 'paused']);
    expect((await find(pressed)).state).toBe('live');
  });

  test('a camera tried before the time of the show does not begin it; one that runs on does when the time comes', async () => {
    const { roomId } = await house.show();
    const { edit, streamSeen, find } = streamVerbs();
    await edit(noId, roomId, { scheduledAtMs: Date.now() + 60_000 });
    await streamSeen(roomId, 'obs');
    const early = (await find(roomId)).state;

    await house.here.platform.db.query('UPDATE rooms SET scheduled_at = now() WHERE room_id = $1', [roomId]);
    await streamSeen(roomId, 'obs');

    expect([early, (await find(roomId)).state]).toEqual(['scheduled', 'live']);
  });

  /** What a gateway does now and then, over its own way to media: it tries the way, and looks where it is its turn. */
  function looker(roomId: string, ownerId: string, status: () => Promise<unknown>) {
    const { streamSeen, streamLost, find } = streamVerbs();
    const { db } = house.here.platform;
    const publishing = [{ roomId, keyId: null, sessionId: 'phone', ownerId, flowing: true, tookOver: false }];
    const sfu = { status, rooms: async () => ({ rooms: [{ roomId, publishers: [], publishing }] }) } as unknown as Sfu;
    const way = createMediaWay({ sfu, seen: createMediaSeen(db), answerMsMax: 50 });
    const look = createStreamReconciling({
      sfu,
      rooms: { get: find } as unknown as Rooms,
      watch: { streamSeen, streamLost, streaming: createRoomStore(db).streaming },
      told: { all: async () => [] },
      way,
      tellPublishers: async () => undefined,
    });
    return { tryWay: way.look, look };
  }

  test('a media server that stays away, for all gateways, pauses its shows; one that is back has them go on at once', async () => {
    const { roomId, host } = await house.show();
    const { streamSeen, find } = streamVerbs();
    await streamSeen(roomId, 'phone');
    let isAway = true;
    const { tryWay, look } = looker(roomId, host.person.personId, async () => {
      if (isAway) throw new AppError('UNAVAILABLE');
      return { state: 'ready' };
    });
    const after = async (looks: number): Promise<string> => {
      for (let i = 0; i < looks; i++) await tryWay().then(look);
      return (await find(roomId)).state;
    };

    // Another gateway still has it; then nobody has.
    const states = [await after(12)];
    await mediaSeen("now() - interval '31 seconds'");
    states.push(await after(1), await after(1));
    isAway = false;
    states.push(await after(1));
    // Seen just now, so the next fault is a new one.
    isAway = true;
    states.push(await after(8));
    await mediaSeen("'infinity'");

    expect(states).toEqual(['live', 'live', 'paused', 'live', 'live']);
  });

  test('a gateway that alone has lost the way to media does not speak for one that has it, though that never has its turn', async () => {
    const { roomId, host } = await house.show();
    const { streamSeen, find } = streamVerbs();
    await streamSeen(roomId, 'phone');
    let asked = 0;
    const unanswered = () => (asked++, new Promise<never>(() => undefined));
    const cut = looker(roomId, host.person.personId, unanswered);
    const well = looker(roomId, host.person.personId, async () => ({ state: 'ready' }));

    await mediaSeen("now() - interval '31 seconds'");
    for (let i = 0; i < 12; i++) {
      await Promise.all([cut.tryWay(), well.tryWay()]);
      await cut.look();
    }
    await mediaSeen("'infinity'");

    expect((await find(roomId)).state).toBe('live');
    // It goes on trying the way, but waits for an answer once only while it keeps the others from looking.
    expect(asked).toBe(12 + 1);
  });

  test('a lost stream and the pause it makes are one step', async () => {
    const { roomId } = await house.show();
    const store = createRoomStore(house.here.platform.db);
    await store.streamSeen(roomId, 'phone', false);
    await store.goLive(roomId, 'phone');

    expect(await store.streamLost(roomId, 'another')).toBeNull();
    expect(await store.streamLost(roomId, 'phone')).toMatchObject({ state: 'paused' });
  });

  test('a room without a stream for ten minutes is ended; not one without for less, nor one the host took up or paused by hand', async () => {
    const ids = await Promise.all([0, 1, 2, 3].map(async () => (await house.show()).roomId));
    const [long, short, takenUp, paused] = ids as [string, string, string, string];
    const { streamSeen, streamLost, change, find } = streamVerbs();
    for (const roomId of ids) await streamSeen(roomId, 'phone').then(() => streamLost(roomId, 'phone'));
    await change(paused, 'pause');

    const { db } = house.here.platform;
    const lostLongAgo = `UPDATE rooms SET started_at = now() - interval '13 hours',
      stream_lost_at = now() - interval '11 minutes' WHERE room_id = ANY ($1)`;
    await db.query(lostLongAgo, [[takenUp, paused]]);
    await change(takenUp, 'resume');
    await db.query(lostLongAgo, [[long]]);

    // The worker of the running server ends it.
    await eventually(async () => (await find(long)).state === 'ended', { deadlineMs: 15_000 });
    expect([(await find(short)).state, (await find(takenUp)).state]).toEqual(['paused', 'live']);
    expect((await find(paused)).state).toBe('paused');
  });
});
