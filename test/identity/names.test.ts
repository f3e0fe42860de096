import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { account, call, guest } from '../support/app.ts';
import { eventually } from '../support/eventually.ts';
import { twoGateways, type TwoGateways } from '../room/two-gateways.ts';

describe('names, on two gateways', () => {
  let house: TwoGateways;

  beforeAll(async () => {
    house = await twoGateways();
    const { db } = house.here.platform;
    const { personId } = (await account(house.here)).person;
    await db.query(
      `INSERT INTO banned_words (word_id, word, folded, added_by) VALUES (gen_random_uuid(), '賭博', '赌博', $1), (gen_random_uuid(), 'wechat', 'wechat', $1)`,
      [personId],
    );
    // Each gateway takes up the words of the platform by itself.
    for (const app of [house.here, house.there])
      await eventually(async () => (await startAs(app, '赌博')).status === 400, { deadlineMs: 15_000 });
  });
  afterAll(() => house.close());

  const startAs = (app: TwoGateways['here'], name: string) =>
    call(app, 'POST', '/api/session/guest', { body: { name } });
  const refused = { code: 'BAD_INPUT', reason: 'name-not-allowed' };

  test.each(['賭 博', 'ＷｅＣｈａｔ', 'w.e.c.h.a.t 88'])('a guest is not called %s', async (name) => {
    expect((await startAs(house.here, name)).body.error).toMatchObject(refused);
    expect((await startAs(house.there, name)).body.error).toMatchObject(refused);
  });

  test('nobody takes such a name later, and other names are as good as before', async () => {
    const viewer = await guest(house.there, 'Ana');
    const rename = (name: string) =>
      call(house.there, 'PATCH', '/api/session', { token: viewer.accessToken, body: { name } });
    const register = (name: string, token?: string) =>
      call(house.here, 'POST', '/api/session/register', {
        ...(token ? { token } : {}),
        body: { name, email: `${crypto.randomUUID()}@example.org`, password: 'long enough for all' },
      });

    expect((await rename('Wechat')).body.error).toMatchObject(refused);
    expect((await rename('Wechatting')).body.data).toMatchObject({ name: 'Wechatting' });
    expect((await register('WeChat')).body.error).toMatchObject(refused);
    expect((await register('Bo')).body.data.person).toMatchObject({ name: 'Bo' });
  });

  test('a guest who had the name before it was banned may make an account with it', async () => {
    const viewer = await guest(house.there, 'Casino');
    const { db } = house.here.platform;
    await db.query(
      `INSERT INTO banned_words (word_id, word, folded, added_by) VALUES (gen_random_uuid(), 'casino', 'casino', $1)`,
      [viewer.person.personId],
    );
    await eventually(async () => (await startAs(house.here, 'casino')).status === 400, { deadlineMs: 15_000 });

    const body = { name: 'Casino', email: `${crypto.randomUUID()}@example.org`, password: 'long enough for all' };
    const made = await call(house.here, 'POST', '/api/session/register', { token: viewer.accessToken, body });

    expect(made.body.data.person).toMatchObject({ name: 'Casino', personId: viewer.person.personId });
  });
});
