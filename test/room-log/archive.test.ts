import { randomBytes, randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createArchive } from '../../server/features/room-log/archive.pg.ts';
import { createArchiving } from '../../server/features/room-log/archiving.ts';
import { createLogStore } from '../../server/features/room-log/log-store.redis.ts';
import { twoGateways, type TwoGateways } from '../room/two-gateways.ts';

describe('the archive of a room whose log had several lives', () => {
  let house: TwoGateways;
  let redis: Redis;

  beforeAll(async () => {
    house = await twoGateways({ settings: { NIGHTMARKET_ROLES: 'gateway' } });
    redis = house.here.platform.redis.commands;
  });
  afterAll(() => house.close());

  async function archived() {
    const { roomId } = await house.show();
    // A store of its own for each call: rooms with news are noted once a second, and the test is faster than that.
    const store = () => createLogStore(redis, { chatPerSecondMax: 100 });
    const archive = createArchive(house.here.platform.db);
    const onError = (error: unknown) => {
      throw error;
    };
    const { takeNews } = createArchiving({ store: store(), archive, retentionDays: 1, onError });
    const said = async () => (await archive.before(roomId, null, 100)).map(({ body }) => body).reverse();
    const append = async (text: string, redacts: string[] = []) => {
      const entry = { lane: 'chat', senderId: 'ana', redacts, kind: 'chat:message' } as const;
      const tail = { ...entry, entryId: text, body: JSON.stringify({ text }) };
      await store().append(roomId, [{ tail, clientKey: randomUUID() }]);
    };
    return { roomId, append, takeNews, said };
  }

  /** As a new start of Redis would: the next append finds another run than the one it knows. */
  const newLife = (roomId: string) =>
    redis.hset(`nm:v1:{room:${roomId}}:log:meta`, 'runId', randomBytes(4).toString('hex'));

  test('nothing is archived twice when Redis was started twice and nobody spoke in between', async () => {
    const { roomId, append, takeNews, said } = await archived();
    await append('first life');
    await takeNews();
    for (let start = 0; start < 2; start++) {
      await newLife(roomId);
      await createLogStore(redis, { chatPerSecondMax: 100 }).append(roomId, []);
      await takeNews();
    }
    await append('third life');
    await takeNews();

    expect((await said()).filter((body) => 'text' in (body as object))).toEqual([
      { text: 'first life' },
      { text: 'third life' },
    ]);
  });

  test('nothing is archived twice or left out when the log had several lives between two looks of the archive', async () => {
    const { roomId, append, takeNews, said } = await archived();
    await append('first life');
    await append('first life, the end');
    await takeNews();
    for (const life of ['second', 'third', 'fourth']) {
      await newLife(roomId);
      await append(`${life} life`);
    }
    await takeNews();

    expect((await said()).filter((body) => 'text' in (body as object))).toEqual(
      ['first life', 'first life, the end', 'second life', 'third life', 'fourth life'].map((text) => ({ text })),
    );
  });

  test('what is taken back after Redis was emptied does not come back from the archive', async () => {
    const { append, takeNews, said } = await archived();
    await append('a');
    await append('b');
    await append('c');
    await takeNews();
    await redis.flushall();
    await append('taking b back', ['b']);
    await takeNews();

    expect((await said()).filter((body) => 'text' in (body as object))).toEqual([
      { text: 'a' },
      { text: 'c' },
      { text: 'taking b back' },
    ]);
  });
});
