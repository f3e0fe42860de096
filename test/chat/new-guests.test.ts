import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { App } from '../../server/app/app.ts';
import type { Session } from '../../shared/protocol/session.ts';
import { account, call, guest } from '../support/app.ts';
import { eventually } from '../support/eventually.ts';
import { newKey, twoGateways, type TwoGateways } from '../room/two-gateways.ts';

/** Networks of documentation; the gateways believe one proxy what it says. */
const [home, cafe] = ['203.0.113.7', '198.51.100.9'];

describe('who was banned and comes back as a new guest, on two gateways', () => {
  let house: TwoGateways;

  beforeAll(async () => {
    house = await twoGateways({ settings: { NIGHTMARKET_TRUSTED_PROXIES: '1' } });
  });
  afterAll(() => house.close());

  const look = async (app: App, network: string, { accessToken }: Session, roomId: string): Promise<number> => {
    const headers = { authorization: `Bearer ${accessToken}`, 'x-forwarded-for': network };
    return (await fetch(`${app.url}/api/rooms/${roomId}`, { headers })).status;
  };
  const say = async (app: App, network: string, { accessToken }: Session, roomId: string): Promise<number> => {
    const headers = {
      authorization: `Bearer ${accessToken}`,
      'x-forwarded-for': network,
      'content-type': 'application/json',
    };
    const body = JSON.stringify({ text: newKey(), requestKey: newKey() });
    return (await fetch(`${app.url}/api/rooms/${roomId}/chat`, { method: 'POST', headers, body })).status;
  };

  /** A room where one guest was there before, and another one was banned; both from home. */
  async function afterBan({ keepOutNewGuests }: { keepOutNewGuests: boolean }) {
    const { host, roomId } = await house.show();
    const token = host.accessToken;
    if (keepOutNewGuests)
      await call(house.here, 'PUT', `/api/rooms/${roomId}/moderation`, { token, body: { keepOutNewGuests } });
    const [neighbour, troll] = [await guest(house.there), await guest(house.there)];
    for (const one of [neighbour, troll]) expect(await look(house.there, home, one, roomId)).toBe(200);
    const body = { personId: troll.person.personId, kind: 'ban' };
    expect((await call(house.here, 'POST', `/api/rooms/${roomId}/sanctions`, { token, body })).status).toBe(200);
    await eventually(async () => (await look(house.there, home, troll, roomId)) === 403);
    return { roomId, token, neighbour, troll, again: await guest(house.there) };
  }

  test('a new guest of the same network stays outside on either gateway, and nobody else does', async () => {
    const { roomId, neighbour, again } = await afterBan({ keepOutNewGuests: true });
    const member = await account(house.there);

    expect(await look(house.there, home, again, roomId)).toBe(403);
    expect(await say(house.here, home, again, roomId)).toBe(403);
    expect(await look(house.there, cafe, again, roomId)).toBe(200);
    expect(await look(house.there, home, neighbour, roomId)).toBe(200);
    expect(await look(house.there, home, member, roomId)).toBe(200);
    expect(await look(house.here, home, again, (await house.show()).roomId)).toBe(200);
  });

  test('nothing of it happens until the host wants it', async () => {
    const { roomId, again } = await afterBan({ keepOutNewGuests: false });

    expect(await look(house.there, home, again, roomId)).toBe(200);
    expect(await house.here.platform.redis.commands.exists(`nm:v1:{room:${roomId}}:networks`)).toBe(0);
  });

  test('it ends with the ban, with the day, and when the host wants it no more', async () => {
    const lifted = await afterBan({ keepOutNewGuests: true });
    const late = await afterBan({ keepOutNewGuests: true });
    const off = await afterBan({ keepOutNewGuests: true });
    const all = [lifted, late, off];
    for (const { roomId, again } of all) expect(await look(house.there, home, again, roomId)).toBe(403);

    const { troll, token } = lifted;
    await call(house.here, 'DELETE', `/api/rooms/${lifted.roomId}/sanctions/${troll.person.personId}`, { token });
    await call(house.here, 'PUT', `/api/rooms/${off.roomId}/moderation`, {
      token: off.token,
      body: { keepOutNewGuests: false },
    });
    await house.here.platform.db.query(
      `UPDATE ban_networks SET until = now() FROM sanctions s WHERE s.sanction_id = ban_networks.sanction_id AND s.person_id = $1`,
      [late.troll.person.personId],
    );

    for (const { roomId, again } of all)
      await eventually(async () => (await look(house.there, home, again, roomId)) === 200, { deadlineMs: 5_000 });
  });
});
