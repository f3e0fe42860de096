import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { App } from '../../server/app/app.ts';
import { newId } from '../../shared/ids.ts';
import type { Offer } from '../../shared/protocol/offer.ts';
import { createOffer, openOffer, type ShopFloor } from '../sale/shop-floor.ts';
import { eventually } from '../support/eventually.ts';
import { createDrops, minutes } from './drops.ts';
import { ask, type Person } from './show.ts';

// What a raffle drop has promised stays as it was published until nobody can use it any more.
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

type Change = Partial<Pick<Offer, 'priceMinor' | 'limitUnits' | 'allotmentUnits' | 'listPriceMinor'>>;
const edit = ({ offerId }: Offer, change: Change) =>
  ask(host, 'offer:edit', { roomId: floor.roomId, offerId, ...change });
const close = ({ offerId }: Offer) => ask(host, 'offer:close', { roomId: floor.roomId, offerId });
const stateOf = async ({ offerId }: Offer): Promise<string> =>
  (await app.platform.db.query<{ state: string }>('SELECT state FROM offers WHERE offer_id = $1', [offerId])).rows[0]!
    .state;
const offerForWinners = (allotmentUnits = 3) => openOffer(app, floor, { audience: right, allotmentUnits });
const cancel = ({ giveawayId }: { giveawayId: string }) =>
  ask(host, 'giveaway:cancel', { giveawayId, reason: 'no teapots' });

describe('a drop is published', () => {
  test('for an offer that is open and does not end by itself', async () => {
    const draft = await createOffer(app, floor, { audience: right });
    const flash = await openOffer(app, floor, { audience: right, kind: 'flash', durationSeconds: 600 });

    await expect(publish(draft)).rejects.toThrow('CONFLICT The offer is not open');
    await expect(publish(flash)).rejects.toThrow('ends by itself');
  });

  test('at the price of the offer, which is part of the rules', async () => {
    const offer = await offerForWinners();

    await expect(publish({ ...offer, priceMinor: 100 })).rejects.toThrow('prize.priceMinor');
    await expect(publish({ ...offer, currency: 'USD' })).rejects.toThrow('prize.priceMinor');
    const { rules } = await publish(offer);
    expect(rules.prize).toMatchObject({ priceMinor: 700, currency: 'EUR', units: 1 });
  });

  test('for units that no other drop has promised and nobody has bought', async () => {
    const offer = await offerForWinners(3);
    const { places } = await drawn(offer, await show.people([app], 1));
    const held = await heldBy(places[0]!, offer);

    await expect(publish(offer, { prizeCount: 3 })).rejects.toThrow('fewer units');
    expect(await app.ledger.pay(held.orderId, newId())).toBe('paid');
    await expect(publish(offer, { prizeCount: 3 })).rejects.toThrow('fewer units');
    const second = await publish(offer, { prizeCount: 2 });
    await expect(publish(offer)).rejects.toThrow('fewer units');
    await cancel(second);
    await expect(publish(offer)).resolves.toMatchObject({ state: 'published' });
  });

  test('once, of two at the same time that want the same units', async () => {
    const offer = await offerForWinners(3);

    const both = await Promise.allSettled([publish(offer, { prizeCount: 2 }), publish(offer, { prizeCount: 2 })]);

    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  });
});

describe('an offer that a drop promised', () => {
  test('keeps its price, limit and units from publication until every winner has bought', async () => {
    const offer = await openOffer(app, floor, { audience: right, allotmentUnits: 3, limitUnits: 2 });
    const refusesAll = async () => {
      for (const change of [{ priceMinor: 90_000 }, { priceMinor: 1 }, { limitUnits: 1 }, { allotmentUnits: 2 }])
        await expect(edit(offer, change)).rejects.toThrow('CONFLICT A raffle drop has promised this offer');
    };
    const drop = await publish(offer);
    await refusesAll();
    await cancel(drop);
    await expect(edit(offer, { limitUnits: 1 })).resolves.toMatchObject({ limitUnits: 1 });
    await edit(offer, { limitUnits: 2 });

    const { places } = await drawn(offer, await show.people([app], 2));
    await refusesAll();
    await expect(edit(offer, { allotmentUnits: 4, limitUnits: 3, priceMinor: 700 })).resolves.toMatchObject({
      allotmentUnits: 4,
    });
    const held = await heldBy(places[0]!, offer);
    expect(held.totalMinor).toBe(700);
    await expect(edit(offer, { priceMinor: 90_000 })).rejects.toThrow('promised');

    expect(await app.ledger.pay(held.orderId, newId())).toBe('paid');
    await expect(edit(offer, { priceMinor: 90_000 })).resolves.toMatchObject({ priceMinor: 90_000 });
  });

  test('stays open while anybody may win or use it, alternates too, and goes on selling after a refused close', async () => {
    const offer = await offerForWinners();
    const drop = await drawn(offer, await show.people([app], 2));

    await expect(close(offer)).rejects.toThrow('CONFLICT A raffle drop has promised this offer');
    clock.nowMs += minutes * 60_000;
    await eventually(async () => (await holders(drop.giveawayId))[0] === drop.places[1]!.personId, {
      deadlineMs: 15_000,
    });
    await expect(close(offer)).rejects.toThrow('promised');
    clock.nowMs += minutes * 60_000;
    await eventually(async () => (await holders(drop.giveawayId)).length === 0, { deadlineMs: 15_000 });

    await expect(close(offer)).resolves.toMatchObject({ state: 'ended' });
  });

  test('sells on when the drop was published while its close was on its way', async () => {
    const offer = await offerForWinners();
    const client = await app.platform.db.connect();
    const waiting = async (count: number): Promise<void> => {
      const sql = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
      await eventually(async () => (await app.platform.db.query(sql)).rows.length >= count);
    };
    try {
      await client.query('BEGIN');
      await client.query('SELECT FROM offers WHERE offer_id = $1 FOR UPDATE', [offer.offerId]);
      const published = publish(offer);
      await waiting(1);
      const closed = close(offer).catch((error: unknown) => String(error));
      await waiting(2);
      await client.query('COMMIT');

      const { giveawayId } = await published;
      expect(await closed).toContain('promised');
      const [fan] = await show.people([app], 1);
      await ask(fan!, 'giveaway:enter', { giveawayId, nonce: '0'.repeat(32) });
      clock.nowMs += 60_000;
      await eventually(async () => (await holders(giveawayId)).length > 0, { deadlineMs: 15_000 });
      await eventually(async () => (await buy(fan!, offer)).outcome === 'held');
    } finally {
      client.release();
    }
  });

  test('outlives its room until the promise is kept or over', async () => {
    const offer = await offerForWinners();
    const other = await offerForWinners();
    const { places } = await drawn(offer, await show.people([app], 1));

    await ask(host, 'room:end', { roomId: floor.roomId });
    // The other offer shows that the worker has been there.
    await eventually(async () => (await stateOf(other)) === 'closed', { deadlineMs: 15_000 });
    expect(await stateOf(offer)).toBe('open');
    const held = await heldBy(places[0]!, offer);
    expect(await app.ledger.pay(held.orderId, newId())).toBe('paid');

    await eventually(async () => (await stateOf(offer)) === 'closed', { deadlineMs: 15_000 });
  });
});
