import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Frame } from '../../server/features/room-log/feed.ts';
import { createFeeds } from '../../server/features/room-log/feeds.ts';
import { createLogStore } from '../../server/features/room-log/log-store.redis.ts';
import type { LogStore } from '../../server/features/room-log/log-store.ts';
import { createEntrance } from '../../server/features/room/entrance.ts';
import { createSnapshots } from '../../server/features/room/snapshots.ts';
import { createLogReader } from '../../shared/client/log-reader.ts';
import { newId } from '../../shared/ids.ts';
import type { Position, Room, RoomFrame } from '../../shared/protocol/room.ts';
import { eventually } from '../support/eventually.ts';
import { freshRedis } from '../support/stack.ts';

describe('the rooms of a gateway whose subscription brings what the test lets through', () => {
  let redis: Redis;
  let store: LogStore;
  beforeAll(async () => {
    redis = new Redis(await freshRedis());
    store = createLogStore(redis, { chatPerSecondMax: 1_000_000 });
  });
  afterAll(() => redis.disconnect());

  /** One room on one gateway, with a member that reads like a client. `over`: what of the store is different. */
  async function served(over: Partial<LogStore> = {}) {
    const roomId = newId();
    const heard: number[] = [];
    const failures: unknown[] = [];
    const feeds = createFeeds({
      store: { ...store, ...over },
      source: { subscribe: async () => undefined, unsubscribe: async () => undefined },
      encode: (json) => ({ text: json, frame: Buffer.from(json) }),
      counts: { frame: () => undefined },
      // Every batch leaves at once as a frame.
      clock: { nowMs: () => 0, elapsedMs: () => 0, after: () => () => undefined, windowMs: () => 0 },
      onEntries: (_roomId, entries) => heard.push(...entries.map(({ offset }) => offset)),
      onError: (error) => failures.push(error),
    });
    await say(roomId, 1);
    const feed = await feeds.open(roomId);
    await caughtUp();
    const reader = readerAt(feed.sent);
    feeds.admit(feed, undefined, () => reader);
    return { roomId, feeds, feed, reader, heard, failures, deliver, caughtUp };

    /** What the log has of some offsets, as pub/sub brings it. */
    async function deliver(from: number, to: number): Promise<void> {
      const entries = await store.entriesAfter(roomId, from - 1, to - from + 1);
      feeds.onBatch(roomId, feed.epoch, entries);
    }
    /** Somebody who claims to be ahead is answered when the log was read to its end. */
    async function caughtUp(): Promise<void> {
      await feeds.missedSince(feed, { epoch: feed.epoch, offset: 1e9 });
    }
  }

  function readerAt(position: Position) {
    const reader = createLogReader();
    reader.begin(position, false, []);
    const outcomes: string[] = [];
    const offsets: number[] = [];
    return {
      outcomes,
      offsets,
      position: reader.position,
      take(frame: Frame): boolean {
        const taken = reader.take(JSON.parse(frame.whole().text) as RoomFrame);
        outcomes.push(taken.outcome);
        if (taken.outcome === 'taken') offsets.push(...taken.entries.map(({ offset }) => offset));
        return true;
      },
    };
  }

  async function say(roomId: string, times: number, body = '{}'): Promise<Position> {
    const tail = { lane: 'chat', senderId: '', entryId: '', redacts: [], kind: 'chat:message', body } as const;
    const [first] = await store.append(
      roomId,
      Array.from({ length: times }, () => ({ tail, clientKey: undefined })),
    );
    return { epoch: first!.epoch, offset: first!.offset + times - 1 };
  }

  test('who comes in ahead of this gateway while entries arrive takes nothing from the others', async () => {
    const reading = Promise.withResolvers<true>();
    const delivered = Promise.withResolvers<true>();
    const { roomId, feeds, feed, reader, deliver } = await served({
      async entriesAfter(...asked) {
        const entries = await store.entriesAfter(...asked);
        reading.resolve(true);
        await delivered.promise;
        return entries;
      },
    });
    const position = await say(roomId, 2);

    const coming = feeds.missedSince(feed, position);
    await reading.promise;
    await deliver(2, 3);
    delivered.resolve(true);
    const missed = await coming;

    expect(missed?.()).toEqual([]);
    expect(reader.outcomes).not.toContain('gap');
    expect(reader.offsets).toEqual([2, 3]);
  });

  test('any number of people who come in ahead share one reading of the log', async () => {
    let reads = 0;
    const { roomId, feeds, feed } = await served({
      end(...asked) {
        reads += 1;
        return store.end(...asked);
      },
    });
    const position = await say(roomId, 3);
    reads = 0;

    const missed = await Promise.all(Array.from({ length: 50 }, () => feeds.missedSince(feed, position)));

    expect(missed.map((take) => take?.())).toEqual(missed.map(() => []));
    expect(reads).toBe(1);
  });

  test.each<[string, Partial<Position>]>([
    ['of another log', { epoch: 'x', offset: 1e15 }],
    ['ahead of this one', { offset: 1e15 }],
  ])('a position %s, made up by a guest, costs the others no frame', async (_what, made) => {
    const { feeds, feed, reader } = await served();
    const position = { ...feed.sent, ...made };

    const missed = await feeds.missedSince(feed, position);
    const at = feeds.admit(feed, position, readerAt);

    expect(missed).toBeNull();
    expect(at).toEqual(feed.sent);
    expect(reader.outcomes).toEqual([]);
  });

  test('more than frames can bring shows as a gap, and whoever listens on this gateway hears all of it once', async () => {
    const { roomId, feeds, feed, reader, heard, failures, caughtUp } = await served();
    const before = reader.position()!.offset;
    for (let i = 0; i < 5; i += 1) await say(roomId, 1_000);

    await feeds.check();
    await caughtUp();

    expect(failures).toEqual([]);
    expect(reader.outcomes).toEqual(['gap']);
    expect(feed.sent.offset).toBe(before + 5_000);
    expect(heard).toEqual(Array.from({ length: 5_000 }, (_, i) => before + 1 + i));
    expect(await feeds.missedSince(feed, reader.position()!)).toBeNull();
  });

  test('nor does one frame bring more bytes than its reader may leave unread', async () => {
    const { roomId, feeds, feed, reader, caughtUp } = await served();
    const position = await say(roomId, 400, JSON.stringify({ text: '字'.repeat(800) }));

    await feeds.check();
    await caughtUp();

    expect(reader.outcomes).toEqual(['gap']);
    expect(feed.sent).toEqual(position);
  });

  test('in another life of the log that goes on from this one, listeners hear what is new and nothing again', async () => {
    const { roomId, feeds, feed, reader, heard, deliver, caughtUp } = await served();
    await say(roomId, 10);
    await deliver(2, 11);
    await redis.hset(`nm:v1:{room:${roomId}}:log:meta`, 'runId', 'another');
    const position = await say(roomId, 3);

    await feeds.check();
    await caughtUp();

    expect(feed.epoch).toBe(position.epoch);
    expect(reader.outcomes.at(-1)).toBe('gap');
    expect(heard).toEqual(Array.from({ length: 13 }, (_, i) => i + 2));
  });

  test('batches that come while a jump is read are taken after it', async () => {
    const reading = Promise.withResolvers<true>();
    const delivered = Promise.withResolvers<true>();
    const { roomId, feeds, reader } = await served({
      async entriesAfter(...asked) {
        reading.resolve(true);
        await delivered.promise;
        return store.entriesAfter(asked[0], asked[1], 2);
      },
    });
    await say(roomId, 3);
    const batch = await store.entriesAfter(roomId, 3, 1);

    await feeds.check();
    await reading.promise;
    feeds.onBatch(roomId, (await store.end(roomId))!.epoch, batch);
    delivered.resolve(true);
    await eventually(() => reader.offsets.length === 3);

    expect(reader.offsets).toEqual([2, 3, 4]);
  });

  test('who comes back is told what was missed, also when the log was read ahead of what this gateway has heard', async () => {
    const { roomId, feeds, feed, caughtUp } = await served();
    const start = feed.sent;
    await say(roomId, 1_100);
    await caughtUp();
    const asked = feeds.missedSince(feed, start);
    await say(roomId, 5); // On its way to this gateway while the log is read.

    const missed = await asked;

    expect(missed?.()?.map(({ offset }) => offset)).toEqual(Array.from({ length: 1_100 }, (_, i) => i + 2));
  });

  test('what changes a room while its state is read, again and again, comes with the state', async () => {
    const { roomId, feeds, feed, deliver } = await served();
    const tail = { lane: 'host', senderId: '', entryId: '', redacts: [], kind: 'chat:announced', body: '{}' } as const;
    const change = async () => {
      const [changed] = await store.append(roomId, [{ tail, clientKey: undefined }]);
      const last = await say(roomId, 60);
      await deliver(changed!.offset, changed!.offset);
      await deliver(changed!.offset + 1, last.offset);
      return changed!.offset;
    };
    const changes: number[] = [];
    const snapshots = createSnapshots({ nowMs: () => 0 });
    const entrance = createEntrance({
      feeds,
      snapshots,
      async find() {
        changes.push(await change());
        return {} as Room;
      },
      mayCatchUp: () => true,
      nowMs: () => 0,
    });

    const comer = { personId: 'ana', position: undefined, checkWelcome: async () => undefined, memberAt: readerAt };
    const { position, entries, snapshot } = await entrance.enter(roomId, comer);

    const told = entries.filter(({ kind }) => kind === 'chat:announced').map(({ offset }) => offset);
    expect(told).toEqual(changes.slice(-1));
    expect(snapshot?.asOf).toBe(changes.at(-2)); // Only what came behind it is to be applied.
    expect(position).toEqual(feed.sent);
  });

  test('a position too far back to be told reads nothing, and does not make others read alone', async () => {
    const asked: number[] = [];
    const { roomId, feeds, feed, caughtUp } = await served({
      entriesAfter(room, offset, max) {
        asked.push(offset);
        return store.entriesAfter(room, offset, max);
      },
    });
    const start = feed.sent;
    for (let i = 0; i < 3; i += 1) {
      await say(roomId, 800);
      await caughtUp();
    }
    asked.length = 0;

    const missed = await Promise.all(
      [start.offset, start.offset + 600, start.offset + 700].map((offset) =>
        feeds.missedSince(feed, { epoch: feed.epoch, offset }),
      ),
    );

    expect(missed.map((take) => take?.()?.length)).toEqual([undefined, feed.sent.offset - 601, feed.sent.offset - 701]);
    expect(asked).toEqual([start.offset + 600]);
  });

  test.each([
    ['in memory', 400],
    ['in the log', 1_000],
  ])('who would get more bytes than a reader may leave unread begins anew: %s', async (_where, missed) => {
    const { roomId, feeds, feed, caughtUp } = await served();
    const start = feed.sent;
    for (let said = 0; said < missed; said += 200) {
      await say(roomId, 200, JSON.stringify({ text: '字'.repeat(800) }));
      await caughtUp();
    }

    expect(await feeds.missedSince(feed, start)).toBeNull();
    expect(await feeds.missedSince(feed, { ...start, offset: start.offset + missed - 300 })).not.toBeNull();
  });

  test('an aggregate whose news got lost is found by the next check', async () => {
    const { roomId, feeds, feed } = await served();
    await store.setAggregates(roomId, { likes: 12, 'left:offer': 0 });
    const before = feed.aggregates();

    await feeds.check();

    expect(before).toEqual({});
    expect(feed.aggregates()).toEqual({ likes: 12, 'left:offer': 0 });
  });

  test('what is heard while aggregates are read is newer than what was read', async () => {
    const { roomId, feeds, feed } = await served({
      async states(roomIds) {
        const states = await store.states(roomIds);
        feeds.onAggregates(roomIds[0]!, { likes: 13 });
        return states;
      },
    });
    await store.setAggregates(roomId, { likes: 12 });

    await feeds.check();

    expect(feed.aggregates()).toEqual({ likes: 13 });
  });
});
