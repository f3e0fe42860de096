import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createClient } from '../../shared/client/client.ts';
import type { Aggregates } from '../../shared/protocol/room.ts';
import { guest } from '../support/app.ts';
import { startChildGateway } from '../support/child-gateway.ts';
import { eventually } from '../support/eventually.ts';
import { newKey, twoGateways, type TwoGateways, type Visitor } from '../room/two-gateways.ts';

describe('the audience of a room, on two gateways', () => {
  let house: TwoGateways;

  beforeAll(async () => {
    house = await twoGateways();
  });
  afterAll(() => house.close());

  function watchNumbers({ room }: Visitor): { now: Aggregates } {
    const numbers = { now: {} as Aggregates };
    room.on('aggregates', (values) => (numbers.now = { ...numbers.now, ...values }));
    return numbers;
  }

  test('everybody sees how many watch, on whichever gateway, within 2 s; a person with two sockets is one', async () => {
    const { host, roomId } = await house.show();
    const first = await house.visit(house.here, roomId, host);
    const numbers = watchNumbers(first);
    await house.visit(house.here, roomId, host);
    const others = await Promise.all([1, 2, 3].map(() => house.visit(house.there, roomId)));

    await eventually(() => numbers.now['viewers'] === 4, { deadlineMs: 2_000 });
    others[0]!.client.close();
    await eventually(() => numbers.now['viewers'] === 3, { deadlineMs: 2_000 });

    expect(numbers.now['visitors']).toBe(4);
    expect(await first.client.request('room:audience', { roomId })).toMatchObject({ viewers: 3, visitors: 4 });
  });

  test('likes of many add up exactly, whatever is sent twice', async () => {
    const { host, roomId } = await house.show();
    const staff = await house.visit(house.here, roomId, host);
    const numbers = watchNumbers(staff);
    const fans = await Promise.all([house.here, house.there, house.there].map((app) => house.visit(app, roomId)));

    await Promise.all(
      fans.flatMap(({ client }) => {
        const tally = newKey();
        // A burst of sums, out of order and twice, as a bad network delivers them.
        return [3, 10, 10, 7, 25, 25].map((likes) => client.request('room:like', { roomId, tally, likes }));
      }),
    );

    expect(await staff.client.request('room:audience', { roomId })).toMatchObject({ likes: 75 });
    await eventually(() => numbers.now['likes'] === 75);
  });

  test('a machine that likes too fast is counted at the pace of a thumb', async () => {
    const { roomId } = await house.show();
    const { client } = await house.visit(house.here, roomId);

    const answer = await client.request('room:like', { roomId, tally: newKey(), likes: 1_000_000 });

    expect(answer).toEqual({ counted: 200, total: 200 });
  });

  test('the numbers are saved, and outlive Redis', async () => {
    const { roomId } = await house.show();
    const { client } = await house.visit(house.here, roomId);
    await client.request('room:like', { roomId, tally: newKey(), likes: 12 });
    const { db, redis } = house.here.platform;

    await eventually(
      async () =>
        (await db.query('SELECT likes, visitors FROM room_audience WHERE room_id = $1', [roomId])).rows[0]?.likes ===
        12,
      { deadlineMs: 10_000 },
    );
    await redis.commands.flushall();

    expect(await client.request('room:audience', { roomId })).toMatchObject({ likes: 12, visitors: 1 });
  });

  test('a gateway that is killed takes its viewers with it', async () => {
    const { host, roomId } = await house.show();
    const numbers = watchNumbers(await house.visit(house.here, roomId, host));
    const doomed = await startChildGateway(house.stores);
    const clients = await Promise.all(
      [1, 2, 3].map(async () => {
        const session = await guest(doomed);
        const client = createClient({ url: doomed.url, credentials: async () => session });
        client.room(roomId);
        return client;
      }),
    );
    await eventually(() => numbers.now['viewers'] === 4, { deadlineMs: 10_000 });

    await doomed.kill();

    // Within 2 s on a machine that is not shared with other tests.
    await eventually(() => numbers.now['viewers'] === 1, { deadlineMs: 6_000 });
    for (const client of clients) client.close();
  }, 120_000);
});
