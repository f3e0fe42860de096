import { afterAll, beforeAll, expect, test } from 'vitest';
import type { App } from '../../server/app/app.ts';
import { createRightsToBuy } from '../../server/features/giveaway/rights-to-buy.pg.ts';
import { newId } from '../../shared/ids.ts';
import { freshStores, startTestApp } from '../support/app.ts';
import { eventually } from '../support/eventually.ts';
import { ask, createShow, luckyBag, nonce } from './show.ts';

const show = createShow({ nowMs: Date.UTC(2026, 0, 5) });
const { clock } = show;
let app: App;

beforeAll(async () => {
  const settings = { NIGHTMARKET_DATABASE_CONNECTIONS_MAX: '24' };
  app = await startTestApp(await freshStores(), { nowMs: () => clock.nowMs, settings });
});
afterAll(async () => {
  show.close();
  await app.close();
});

test('a raffle drop gives its winners, and nobody else, a right to buy that ends after its minutes and then goes to an alternate', async () => {
  const host = await show.host(app);
  const fans = await show.people([app], 4);
  const offerId = newId();
  const wish = luckyBag(host.roomId, clock.nowMs, {
    kind: 'raffle-drop',
    prize: { prize: 'right-to-buy', offerId, what: 'A limited teapot', units: 1, minutes: 5 },
    prizeCount: 1,
    alternateCount: 1,
  });
  const { giveawayId, rules } = await ask(host, 'giveaway:publish', wish);
  for (const fan of fans) await ask(fan, 'giveaway:enter', { giveawayId, nonce: nonce() });
  const rights = createRightsToBuy(app.platform.db, () => clock.nowMs);
  const holders = async () => {
    const found = await Promise.all(fans.map(({ personId }) => rights.find(personId, offerId)));
    return found.filter((right) => right !== null);
  };

  clock.nowMs = rules.closesAtMs;
  await eventually(async () => (await holders()).length > 0, { deadlineMs: 15_000 });
  const [first] = await holders();
  expect(first).toMatchObject({ offerId, expiresAtMs: clock.nowMs + 5 * 60_000 });

  clock.nowMs += 5 * 60_000;
  await eventually(async () => (await holders()).length > 0, { deadlineMs: 15_000 });
  const [second] = await holders();
  expect(second!.personId).not.toBe(first!.personId);
  expect(second!.rightId).not.toBe(first!.rightId);
  expect(await holders()).toHaveLength(1);
});
