import fc from 'fast-check';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createAppendQueue } from '../../server/features/room-log/append-queue.ts';
import { createLogStore } from '../../server/features/room-log/log-store.redis.ts';
import type { LogStore } from '../../server/features/room-log/log-store.ts';
import { newId } from '../../shared/ids.ts';
import { freshRedis } from '../support/stack.ts';

let redis: Redis;
let store: LogStore;
beforeAll(async () => {
  redis = new Redis(await freshRedis());
  store = createLogStore(redis, { chatPerSecondMax: 10 });
});
afterAll(() => redis.disconnect());

type Call = { senderId: string; key: string | undefined }[];
const tail = (senderId: string, body: string) =>
  ({ lane: 'host', senderId, entryId: '', redacts: [], kind: 'chat:message', body: JSON.stringify(body) }) as const;

/** The rule of append.lua in few words: the next number, or the one this key got before. */
function modelOf() {
  const seen = new Map<string, number>();
  let offset = 0;
  return (call: Call) =>
    call.map(({ senderId, key }) => {
      const id = `${senderId} ${key}`;
      if (key !== undefined && seen.has(id)) return { offset: seen.get(id)!, duplicate: true };
      offset += 1;
      if (key !== undefined) seen.set(id, offset);
      return { offset, duplicate: false };
    });
}

test('append.lua agrees with its model on random calls, and keeps what it says', async () => {
  const one = fc.record({
    senderId: fc.constantFrom('ana', 'bo'),
    key: fc.option(fc.constantFrom('k1', 'k2', 'k3', 'k4'), { nil: undefined }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(one, { maxLength: 5 }), { maxLength: 12 }), async (calls) => {
      const [model, roomId] = [modelOf(), newId()];
      let count = 0;
      for (const call of calls) {
        const entries = call.map(({ senderId, key }) => ({ tail: tail(senderId, `${count++}`), clientKey: key }));
        const told = await store.append(roomId, entries);
        expect(told.map(({ offset, duplicate }) => ({ offset, duplicate }))).toEqual(model(call));
      }
      const kept = await store.entriesAfter(roomId, 0, 1_000);
      expect(kept.map(({ offset }) => offset)).toEqual(kept.map((_, i) => i + 1));
      expect((await store.end(roomId))?.offset ?? 0).toBe(kept.length);
    }),
    { numRuns: 60 },
  );
});

test('chat above the cap is thinned for everybody alike, and nothing else is', async () => {
  const roomId = newId();
  const chat = Array.from({ length: 40 }, (_, i) => ({
    tail: { ...tail('ana', `${i}`), lane: 'chat' as const },
    clientKey: undefined,
  }));
  const host = chat.map((entry) => ({ ...entry, tail: { ...entry.tail, lane: 'host' as const } }));

  const byViewers = chat.map((entry) => ({ ...entry, tail: { ...entry.tail, lane: 'viewers' as const } }));

  await store.append(roomId, [...chat, ...host, ...byViewers]);

  const kept = await store.entriesAfter(roomId, 0, 200);
  const shown = kept.filter(({ thinned }) => !thinned);
  expect(kept).toHaveLength(120);
  expect(shown.filter(({ lane }) => lane === 'chat')).toHaveLength(10);
  expect(shown.filter(({ lane }) => lane === 'host')).toHaveLength(40);
  expect(shown.filter(({ lane }) => lane === 'viewers')).toHaveLength(40);
});

test('what goes on in the background is thinned before chat is', async () => {
  const roomId = newId();
  const inLane = (lane: 'chat' | 'ambient', body: string) => ({
    tail: { ...tail('ana', body), lane },
    clientKey: undefined,
  });
  const chat = Array.from({ length: 8 }, () => inLane('chat', 'chat'));

  await store.append(roomId, [inLane('ambient', 'first'), ...chat, inLane('ambient', 'last'), inLane('chat', 'chat')]);

  const thinned = (await store.entriesAfter(roomId, 0, 100)).filter((entry) => entry.thinned);
  expect(thinned.map(({ body }) => body)).toEqual(['"last"']);
});

test('a log that was lost begins under another epoch', async () => {
  const roomId = newId();
  const [before] = await store.append(roomId, [{ tail: tail('ana', 'x'), clientKey: undefined }]);

  await redis.flushall();
  const [after] = await store.append(roomId, [{ tail: tail('ana', 'x'), clientKey: undefined }]);

  expect(after!.epoch).not.toBe(before!.epoch);
});

test('aggregates that do not reach Redis are an error, so that they are tried again', async () => {
  const away = redis.duplicate({ enableOfflineQueue: false, lazyConnect: true });

  const sent = createLogStore(away, { chatPerSecondMax: 10 }).setAggregates(newId(), { entries: 3 });

  await expect(sent).rejects.toThrow('writeable');
  away.disconnect();
});

test('while Redis does not answer, chat is refused before what must not be lost', async () => {
  const append = createAppendQueue({ append: () => new Promise(() => undefined) });
  const inLane = (lane: 'chat' | 'commerce' | 'viewers') => ({
    tail: { ...tail('ana', 'x'), lane },
    clientKey: undefined,
  });
  const taken = (lane: 'chat' | 'commerce' | 'viewers'): number => {
    for (let count = 0; ; count += 1) {
      try {
        void append('a-room', inLane(lane));
      } catch (error) {
        expect(error).toMatchObject({ code: 'RETRY' });
        return count;
      }
    }
  };

  expect([taken('viewers'), taken('chat'), taken('commerce'), taken('chat')]).toEqual([4_000, 0, 1_000, 0]);
});

test('what is set aside is remembered, so much of it and no more, and pushes out nothing else', async () => {
  const roomId = newId();
  await store.append(roomId, [{ tail: { ...tail('ana', 'said'), entryId: 'said' }, clientKey: 'said' }]);
  const ids = Array.from({ length: 12_000 }, (_, i) => `held ${i}`);
  for (const id of ids) void store.setAside(roomId, id);
  await store.setAside(roomId, 'the last');
  await store.forgetAside(roomId, 'the last');

  const parts = ['aside', 'aside-old'].map((part) => redis.scard(`nm:v1:{room:${roomId}}:log:${part}`));
  const kept = (await Promise.all(parts)).reduce((sum, some) => sum + some);
  expect(kept).toBeGreaterThan(5_000);
  expect(kept).toBeLessThanOrEqual(10_000);
  expect(await store.recall(roomId, ids.at(-1)!)).toBe('aside');
  expect(await store.recall(roomId, 'the last')).toBeNull();
  expect(await store.recall(roomId, 'said')).toMatchObject({ position: { offset: 1 }, redacted: false });
});

test('of long lines fewer are kept: a room takes so many bytes and no more', async () => {
  const [long, usual] = [newId(), newId()];
  const fill = async (roomId: string, length: number) => {
    const entries = Array.from({ length: 200 }, () => ({
      tail: tail('ana', 'x'.repeat(length)),
      clientKey: undefined,
    }));
    for (let batch = 0; batch < 40; batch += 1) await store.append(roomId, entries);
    return redis.xlen(`nm:v1:{room:${roomId}}:log`);
  };

  // 8,000 entries of 3 kB and a little more; whole nodes of the stream are trimmed, so somewhat more stay.
  expect(await fill(long, 3_000)).toBeLessThan(3_200);
  expect(await fill(usual, 300)).toBe(8_000);
});
