import { afterAll, beforeAll, expect, test } from 'vitest';
import type { App } from '../../server/app/app.ts';
import { freshStores, startTestApp } from '../support/app.ts';
import { eventually } from '../support/eventually.ts';
import { newId } from '../../shared/ids.ts';
import { openOffer } from '../sale/shop-floor.ts';
import { createDrops, minutes } from './drops.ts';
import { ask, createShow, luckyBag, nonce, type Person } from './show.ts';

const show = createShow({ nowMs: Date.UTC(2026, 0, 5, 12) });
const { clock } = show;
let app: App;

beforeAll(async () => {
  app = await startTestApp(await freshStores(), { nowMs: () => clock.nowMs });
});
afterAll(async () => {
  show.close();
  await app.close();
});

type Entry = { kind: string; body: Record<string, unknown> };

test('the log alone tells how many viewers entered, and how many of these the giveaway made members', async () => {
  const host = await show.host(app);
  const { roomId, personId: clubId } = host;
  await ask(host, 'fan-club:set', { clubId });
  const viewers = await show.people([app], 7);
  const [old, returning, gone, fresh, another, stranger] = viewers as [Person, Person, Person, Person, Person, Person];
  const join = (fan: Person) => ask(fan, 'fan-club:join', { clubId });
  const log: Entry[] = [];
  host.socket.on('room:frame', ({ entries }: { entries: Entry[] }) => log.push(...entries));
  for (const person of [host, ...viewers]) await ask(person, 'room:join', { roomId });
  for (const fan of [old, returning]) await join(fan);

  clock.nowMs += 1_000;
  const { giveawayId, rules } = await ask(host, 'giveaway:publish', luckyBag(roomId, clock.nowMs));
  clock.nowMs += 1_000;
  await ask(returning, 'fan-club:leave', { clubId });
  for (const fan of [returning, gone, fresh, another]) await join(fan);
  await ask(gone, 'fan-club:leave', { clubId });
  for (const entrant of [old, returning, gone, fresh, stranger])
    await ask(entrant, 'giveaway:enter', { giveawayId, nonce: nonce() });
  const seen = async () => app.platform.redis.commands.hlen(`nm:v1:{room:${roomId}}:seen`);
  await eventually(async () => (await seen()) === 8, { deadlineMs: 15_000 });
  clock.nowMs = rules.closesAtMs;

  const counted = await eventually(() => log.find(({ kind }) => kind === 'giveaway:counted'), { deadlineMs: 15_000 });
  // The host is in the room too. Members before do not count, nor who left again, nor who joined and did not enter.
  expect(counted.body).toEqual({ giveawayId, claimsOver: false, viewers: 8, entrants: 5, joined: 1, buyers: 0 });
});

test('who bought after entering is counted when no right can be used any more; who bought before is not', async () => {
  const drops = createDrops();
  const { app: shop, floor, host } = await drops.open();
  try {
    const log: Entry[] = [];
    host.socket.on('room:frame', ({ entries }: { entries: Entry[] }) => log.push(...entries));
    await ask(host, 'room:join', { roomId: floor.roomId });
    const countedAt = (step: 'draw' | 'end') =>
      eventually(
        () => log.find(({ kind, body }) => kind === 'giveaway:counted' && body['claimsOver'] === (step === 'end')),
        { deadlineMs: 15_000 },
      );
    const offer = await openOffer(shop, floor, { audience: { who: 'right' } });
    const fans = await drops.show.people([shop], 3);
    const early = await drops.heldBy(fans[0]!, await openOffer(shop, floor));
    expect(await shop.ledger.pay(early.orderId, newId())).toBe('paid');
    drops.clock.nowMs = Date.now(); // Orders are dated by the clock of the database.

    const { giveawayId, places } = await drops.drawn(offer, fans);
    expect((await countedAt('draw')).body).toMatchObject({ giveawayId, entrants: 3, buyers: 0 });
    const won = await drops.heldBy(places[0]!, offer);
    expect(await shop.ledger.pay(won.orderId, newId())).toBe('paid');
    drops.clock.nowMs += minutes * 60_000;

    expect((await countedAt('end')).body).toMatchObject({ giveawayId, entrants: 3, buyers: 1 });
  } finally {
    await drops.close();
  }
}, 60_000);
