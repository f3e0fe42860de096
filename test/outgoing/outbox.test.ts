import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createOutgoingEndpoints } from '../../server/features/outgoing/endpoints.pg.ts';
import { createOutbox, type DueDelivery, type TryResult } from '../../server/features/outgoing/outbox.pg.ts';
import { createLog } from '../../server/platform/log.ts';
import { createPostgres, type Db } from '../../server/platform/postgres.ts';
import { newId } from '../../shared/ids.ts';
import { freshDatabase } from '../support/stack.ts';

const slotsMax = 64;
const idle = new Map<string, number>();
const delivered: TryResult = { outcome: 'delivered', answer: '204' };
const notInTime: TryResult = {
  outcome: 'failed',
  answer: 'no answer in time',
  againInSeconds: 5,
  gone: false,
  inTime: false,
};

describe('messages that wait', () => {
  let db: Db;
  /** Of another process. */
  let otherDb: Db;
  let outbox: ReturnType<typeof createOutbox>;
  beforeAll(async () => {
    const url = await freshDatabase();
    [db, otherDb] = [
      createPostgres({ url, log: createLog('silent') }),
      createPostgres({ url, log: createLog('silent') }),
    ];
    outbox = createOutbox(db);
  });
  beforeEach(() => db.query('TRUNCATE outgoing_endpoints, outgoing_deliveries'));
  afterAll(() => Promise.all([db.end(), otherDb.end()]));

  /** An endpoint of a shop with so many messages, the first ones longest due. */
  async function waiting(messages: number, { shopId = newId(), agoSeconds = 0 } = {}) {
    const endpointId = newId();
    await db.query(
      `INSERT INTO outgoing_endpoints (endpoint_id, shop_id, url, secret, request_key) VALUES ($1::uuid, $2, 'https://shop.example/', 'whsec_x', $1::uuid::text)`,
      [endpointId, shopId],
    );
    await db.query(
      `INSERT INTO outgoing_deliveries (endpoint_id, order_id, kind, body, next_try_at)
       SELECT $1, $1, 'order.held', '{}', now() - $3 * interval '1 s' FROM generate_series(1, $2::int)`,
      [endpointId, messages, agoSeconds],
    );
    return { endpointId, shopId };
  }
  const perShop = (claimed: DueDelivery[], shopId: string) => claimed.filter((one) => one.shopId === shopId).length;

  test('one shop with many slow endpoints gets its share of the slots, and no more while they are taken', async () => {
    const slow = await waiting(50, { agoSeconds: 60 });
    for (let n = 0; n < 4; n++) await waiting(50, { shopId: slow.shopId, agoSeconds: 60 });
    const other = await waiting(1);

    const first = await outbox.claim(slotsMax, idle);
    const underWay = new Map([[slow.shopId, perShop(first, slow.shopId)]]);
    for (const { endpointId } of first) underWay.set(endpointId, (underWay.get(endpointId) ?? 0) + 1);
    const second = await outbox.claim(slotsMax - first.length, underWay);

    expect(perShop(first, slow.shopId)).toBe(8);
    expect(perShop(first, other.shopId)).toBe(1);
    expect(second).toEqual([]);
  });

  test('when slots are few, shops take turns, and those with least under way come first', async () => {
    const greedy = await waiting(50, { agoSeconds: 60 });
    const shops = await Promise.all(Array.from({ length: 3 }, () => waiting(2)));

    const claimed = await outbox.claim(3, new Map([[greedy.shopId, 1]]));

    expect(perShop(claimed, greedy.shopId)).toBe(0);
    for (const { shopId } of shops) expect(perShop(claimed, shopId)).toBe(1);
  });

  test('an endpoint that lets us wait rests, then gets one message at a time until it takes one', async () => {
    const { shopId, endpointId } = await waiting(20);
    const [late] = await outbox.claim(1, idle);
    await outbox.finish(late!, notInTime);

    expect(await outbox.claim(slotsMax, idle)).toEqual([]);
    await db.query(`UPDATE outgoing_endpoints SET rests_until = now()`);
    const probe = await outbox.claim(slotsMax, idle);
    expect(probe).toHaveLength(1);
    await outbox.finish(probe[0]!, notInTime);
    await createOutgoingEndpoints(db).resend(shopId, endpointId, probe[0]!.deliveryId);
    const second = await outbox.claim(slotsMax, idle);
    expect(second).toHaveLength(1);
    await outbox.finish(second[0]!, delivered);
    expect(await outbox.claim(slotsMax, idle)).toHaveLength(4);
  });

  test('two workers that reach for the same messages at once take each of them once', async () => {
    for (let n = 0; n < 12; n++) await waiting(8);
    const workers = [outbox, createOutbox(otherDb)];
    const taken: string[] = [];

    for (let claimed = -1; claimed !== 0;) {
      // Each asks twice at once: nobody has to be quicker than the other for them to meet.
      const claims = await Promise.all([...workers, ...workers].map((worker) => worker.claim(5, idle)));
      for (const { deliveryId } of claims.flat()) taken.push(deliveryId);
      claimed = claims.flat().length;
    }

    expect(taken).toHaveLength(12 * 8);
    expect(new Set(taken).size).toBe(taken.length);
  });

  test.each([delivered, notInTime])('who lost the claim has nothing to say: $answer', async (result) => {
    const { shopId, endpointId } = await waiting(1);
    const [old] = await outbox.claim(1, idle);
    await createOutgoingEndpoints(db).resend(shopId, endpointId, old!.deliveryId);
    const [current] = await outbox.claim(1, idle);

    await outbox.finish(old!, result);
    expect(await standing()).toEqual({ state: 'waiting', answer: '', failures: 0 });
    await outbox.finish(current!, delivered);
    await outbox.finish(old!, notInTime);

    expect(await standing()).toEqual({ state: 'delivered', answer: '204', failures: 0 });
  });

  const standing = async () =>
    (
      await db.query(
        `SELECT d.state, last_answer AS answer, failures FROM outgoing_deliveries d JOIN outgoing_endpoints USING (endpoint_id)`,
      )
    ).rows[0];
});
