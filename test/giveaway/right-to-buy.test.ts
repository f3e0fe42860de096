import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { App } from '../../server/app/app.ts';
import { createPrizeBeat } from '../../server/features/giveaway/prize-beat.ts';
import { newId } from '../../shared/ids.ts';
import type { Offer } from '../../shared/protocol/offer.ts';
import { letExpire, newKey, openOffer, type ShopFloor } from '../sale/shop-floor.ts';
import { eventually } from '../support/eventually.ts';
import { createDrops, minutes } from './drops.ts';
import { ask, type Person } from './show.ts';

const drops = createDrops();
const { show, clock, publish, drawn, holders, buy, heldBy } = drops;
let app: App;
let floor: ShopFloor;
let host: Person;
const right = { who: 'right' };

beforeAll(async () => {
  ({ app, floor, host } = await drops.open());
});
afterAll(drops.close);

describe('a right to buy', () => {
  test('is for its winner, for as many units as were won, once, and is not claimed but used', async () => {
    const offer = await openOffer(app, floor, { audience: right });
    const { giveawayId, places } = await drawn(offer, await show.people([app], 3));
    const [winner, alternate] = places;

    expect(await buy(alternate!, offer)).toMatchObject({ outcome: 'not_for_you' });
    expect(await buy(winner!, offer, 2)).toMatchObject({ outcome: 'limit' });
    expect((await ask(winner!, 'giveaway:claim', { giveawayId })).outcome).toBe('buy_instead');
    expect(await buy(winner!, offer)).toMatchObject({ outcome: 'held' });
    expect(await buy(winner!, offer)).toMatchObject({ outcome: 'limit' });
  });

  test('stays its winner’s also when they are put out of the room, and opens nothing else to them', async () => {
    const offer = await openOffer(app, floor, { audience: right, allotmentUnits: 1 });
    const other = await openOffer(app, floor, { allotmentUnits: 1 });
    const { giveawayId, places } = await drawn(offer, await show.people([app], 2));
    const [winner, alternate, stranger] = [...(places as [Person, Person]), await show.person(app)];
    for (const { personId } of [...places, stranger])
      await ask(host, 'moderation:sanction', { roomId: floor.roomId, personId, kind: 'ban', reason: 'unloved' });

    await eventually(async () => buy(winner, other).catch((error: unknown) => String(error).includes('FORBIDDEN')));
    await expect(buy(alternate, offer)).rejects.toThrow('FORBIDDEN');
    // Nor can the host keep from anybody who entered what proves it.
    expect((await ask(alternate, 'giveaway:own', { giveawayId })).receipt).toMatchObject({ giveawayId });
    await expect(ask(stranger, 'giveaway:own', { giveawayId })).rejects.toThrow('FORBIDDEN');
    expect(await buy(winner, offer)).toMatchObject({ outcome: 'held' });
  });

  test('of a second drop can be used beside the first', async () => {
    const offer = await openOffer(app, floor, { audience: right, limitUnits: 1, allotmentUnits: 2 });
    const fans = await show.people([app], 1);
    await drawn(offer, fans);
    await drawn(offer, fans);
    const { orderId: first } = await heldBy(fans[0]!, offer);
    const { orderId: second } = await heldBy(fans[0]!, offer);

    expect(await buy(fans[0]!, offer)).toMatchObject({ outcome: 'limit' });
    await letExpire(app, first);
    expect(await app.ledger.pay(first, newId())).toBe('retaken');
    expect(await app.ledger.pay(second, newId())).toBe('paid');
  });

  test('that is not used in time goes to the next place, and its order can not be written any more', async () => {
    const offer = await openOffer(app, floor, { audience: right });
    const { giveawayId, places } = await drawn(offer, await show.people([app], 3));
    const [winner, alternate] = places;

    clock.nowMs += minutes * 60_000;
    await eventually(async () => (await holders(giveawayId))[0] === alternate!.personId, { deadlineMs: 15_000 });

    expect(await buy(winner!, offer)).toMatchObject({ outcome: 'not_for_you' });
    expect(await writtenWith(await rightOf(giveawayId, 0), winner!)).toBe(0);
    expect(await writtenWith(await rightOf(giveawayId, 1), winner!)).toBe(0);
    expect(await buy(alternate!, offer)).toMatchObject({ outcome: 'held' });
  });

  test('lasts longer by the time for which nobody was up', async () => {
    const offer = await openOffer(app, floor, { audience: right, allotmentUnits: 1 });
    const { giveawayId, places } = await drawn(offer, await show.people([app], 2));
    const endMs = async () => (await ask(places[0]!, 'giveaway:own', { giveawayId })).award!.claimByMs!;
    const before = await endMs();

    // As the process that comes back finds it.
    await app.platform.db.query(`UPDATE giveaway_beats SET beat_at = now() - interval '3 minutes'`);
    await eventually(async () => (await endMs()) >= before + 180_000, { deadlineMs: 15_000 });

    clock.nowMs = before + 60_000;
    expect(await buy(places[0]!, offer)).toMatchObject({ outcome: 'held' });
  });

  test('is not seen to while Redis is away: nobody could buy, and nobody would be told', async () => {
    const redis = app.platform.redis.commands.duplicate({ lazyConnect: true });
    redis.disconnect();
    let beats = 0;
    const beat = createPrizeBeat({ beat: () => Promise.resolve(void (beats += 1)) }, redis);

    await expect(beat()).rejects.toThrow();
    expect(beats).toBe(0);
    await eventually(() => redis.status === 'end');
    await redis.connect();
    await beat();
    expect(beats).toBe(1);
    redis.disconnect();
  });

  test('in an order that is not paid yet goes on only when that order is over', async () => {
    const offer = await openOffer(app, floor, { audience: right });
    const { giveawayId, places } = await drawn(offer, await show.people([app], 3));
    const [winner, alternate] = places;
    const { orderId } = await heldBy(winner!, offer);
    const second = await drawn(await openOffer(app, floor, { audience: right }), await show.people([app], 2));

    clock.nowMs += minutes * 60_000;
    // The other drop shows that the worker has been there meanwhile.
    await eventually(async () => (await holders(second.giveawayId))[0] === second.places[1]!.personId, {
      deadlineMs: 15_000,
    });
    expect(await holders(giveawayId)).toEqual([winner!.personId]);
    await letExpire(app, orderId);

    await eventually(async () => (await holders(giveawayId))[0] === alternate!.personId, { deadlineMs: 15_000 });
  });

  test('that went on is not revived by a payment that comes late: the money goes back', async () => {
    const offer = await openOffer(app, floor, { audience: right });
    const { giveawayId, places } = await drawn(offer, await show.people([app], 3));
    const [winner, alternate] = places;
    const { orderId } = await heldBy(winner!, offer);
    await letExpire(app, orderId);
    clock.nowMs += minutes * 60_000;
    await eventually(async () => (await holders(giveawayId))[0] === alternate!.personId, { deadlineMs: 15_000 });

    expect(await app.ledger.pay(orderId, newId())).toBe('refund_needed');
    expect(await app.ledger.pay((await heldBy(alternate!, offer)).orderId, newId())).toBe('paid');
    expect(await soldOf(offer)).toBe(1);
  });

  test('pays one order of its winner: a late payment for another one goes back, one for the only one takes it again', async () => {
    const offer = await openOffer(app, floor, { audience: right });
    const { giveawayId, places } = await drawn(offer, await show.people([app], 2));
    const state = async () => (await ask(places[0]!, 'giveaway:own', { giveawayId })).award!.state;
    const { orderId: first } = await heldBy(places[0]!, offer);
    await letExpire(app, first);
    const { orderId: second } = await heldBy(places[0]!, offer);

    expect(await app.ledger.pay(first, newId())).toBe('refund_needed');
    await letExpire(app, second);
    expect(await state()).toBe('offered');
    expect(await app.ledger.pay(second, newId())).toBe('retaken');
    expect(await state()).toBe('claimed');
    expect(await soldOf(offer)).toBe(1);
  });
});

const soldOf = async ({ offerId }: Offer): Promise<number> =>
  (
    await app.platform.db.query<{ units: number }>('SELECT sold_units AS units FROM offers WHERE offer_id = $1', [
      offerId,
    ])
  ).rows[0]!.units;

/** Orders that the ledger takes with a right, written past everything in front of it. */
async function writtenWith(rightId: string, { personId }: Person): Promise<number> {
  const written = await app.platform.db.query(
    `INSERT INTO orders (order_id, room_id, merchant_id, buyer_id, request_key, request_hash, right_id, state, currency, total_minor, pay_by)
     VALUES ($1, $2, $3, $4, $6, '', $5, 'held', 'EUR', 0, now() + interval '1 hour')`,
    [newId(), floor.roomId, host.personId, personId, rightId, newKey()],
  );
  return written.rowCount ?? 0;
}

const rightOf = async (giveawayId: string, place: number): Promise<string> =>
  (
    await app.platform.db.query<{ rightId: string }>(
      `SELECT award_id AS "rightId" FROM giveaway_places WHERE giveaway_id = $1 AND place = $2`,
      [giveawayId, place],
    )
  ).rows[0]!.rightId;

test('a drop names an offer of its room that is for winners alone and has enough units', async () => {
  const offer = await openOffer(app, floor, { audience: right, allotmentUnits: 3, limitUnits: 2 });
  const forAll = await openOffer(app, floor);

  await expect(publish({ offerId: newId() })).rejects.toThrow('no such offer in this room');
  await expect(publish(forAll)).rejects.toThrow('not for winners alone');
  await expect(publish(offer, { prizeCount: 4 })).rejects.toThrow('fewer units');
  await expect(publish(offer, { units: 3 })).rejects.toThrow('fewer units');
  await expect(publish(offer, { prizeCount: 3 })).resolves.toMatchObject({ state: 'published' });
});

test('fans of a level may buy first, everybody else when their seconds are over; what is for fans alone stays theirs', async () => {
  await ask(host, 'fan-club:set', { clubId: host.personId });
  const [fan, newcomer, stranger] = await show.people([app], 3);
  for (const member of [fan!, newcomer!]) await ask(member, 'fan-club:join', { clubId: host.personId });
  await app.platform.db.query('UPDATE fan_memberships SET points = 60 WHERE person_id = $1', [fan!.personId]);
  const audience = { who: 'all', early: { levelMin: 2, seconds: 600 } };

  const offer = await openOffer(app, floor, { audience });
  expect(offer.audience).toEqual(audience);
  const first = await Promise.all([stranger!, newcomer!, fan!].map((person) => buy(person, offer)));
  expect(first.map(({ outcome }) => outcome)).toEqual(['not_open', 'not_open', 'held']);

  // These seconds are real ones: it has been open for as long, and its gate is loaded again.
  const { offerId } = offer;
  await app.platform.db.query(`UPDATE offers SET opens_at = opens_at - interval '10 minutes' WHERE offer_id = $1`, [
    offerId,
  ]);
  await ask(host, 'offer:edit', { roomId: floor.roomId, offerId, limitUnits: offer.limitUnits - 1 });
  expect((await buy(stranger!, offer)).outcome).toBe('held');

  const forFans = await openOffer(app, floor, { audience: { who: 'fans', levelMin: 2 } });
  const only = await Promise.all([stranger!, newcomer!, fan!].map((person) => buy(person, forFans)));
  expect(only.map(({ outcome }) => outcome)).toEqual(['not_for_you', 'not_for_you', 'held']);
});
