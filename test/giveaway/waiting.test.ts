import { afterAll, beforeAll, expect, test } from 'vitest';
import type { App } from '../../server/app/app.ts';
import { freshStores, startTestApp } from '../support/app.ts';
import { eventually } from '../support/eventually.ts';
import { ask, createShow, luckyBag } from './show.ts';

const show = createShow({ nowMs: Date.UTC(2026, 0, 5) });
const { clock } = show;
let app: App;

beforeAll(async () => {
  const settings = { NIGHTMARKET_DATABASE_CONNECTIONS_MAX: '24', NIGHTMARKET_ACCESS_TOKEN_SECONDS: '3600' };
  app = await startTestApp(await freshStores(), { nowMs: () => clock.nowMs, fetchBeacon: async () => null, settings });
});
afterAll(async () => {
  show.close();
  await app.close();
});

const countIn = async (state: string): Promise<number> =>
  (await app.platform.db.query('SELECT FROM giveaways WHERE state = $1', [state])).rowCount!;

test('fifty-four draws that wait for a round nobody can have hold up no other', async () => {
  const hosts = await Promise.all(Array.from({ length: 6 }, () => show.host(app)));
  for (const host of hosts)
    for (let i = 0; i < 9; i++)
      await ask(host, 'giveaway:publish', luckyBag(host.roomId, clock.nowMs, { beacon: 'quicknet' }));
  clock.nowMs += 60_000;
  await eventually(async () => (await countIn('frozen')) === 54, { deadlineMs: 20_000 });
  clock.nowMs += 60_000; // The rounds are out, and out of reach.

  const plain = await ask(hosts[0]!, 'giveaway:publish', luckyBag(hosts[0]!.roomId, clock.nowMs));
  clock.nowMs = plain.rules.closesAtMs;

  await eventually(async () => (await countIn('drawn')) === 1, { deadlineMs: 10_000 });
  expect(await countIn('frozen')).toBe(54);
}, 45_000);
