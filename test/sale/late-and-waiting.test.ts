import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { App } from '../../server/app/app.ts';
import { createCartStore } from '../../server/features/offer/carts.pg.ts';
import { newId } from '../../shared/ids.ts';
import type { Offer } from '../../shared/protocol/offer.ts';
import { roomKey } from '../../server/platform/redis.ts';
import { account, call, freshStores, guest, openSocket, send, startTestApp } from '../support/app.ts';
import { eventually } from '../support/eventually.ts';
import {
  addProduct,
  buyPatiently,
  buyers,
  createOffer,
  data,
  hold,
  letExpire,
  newKey,
  openOffer,
  openShopFloor,
  type ShopFloor,
} from './shop-floor.ts';

describe('waiting, carts, pins and audiences, on two gateways', () => {
  let here: App;
  let there: App;
  let floor: ShopFloor;

  beforeAll(async () => {
    const stores = await freshStores();
    here = await startTestApp(stores);
    there = await startTestApp(stores);
    floor = await openShopFloor(here, { units: 10_000 });
  });
  afterAll(() => Promise.all([here.close(), there.close()]));

  const offers = () => `/api/rooms/${floor.roomId}/offers`;
  const wait = (app: App, offerId: string, token: string, units = 1) =>
    data(app, 'POST', `${offers()}/${offerId}/wait`, token, { units });
  const said = async (offerId: string): Promise<string[]> => {
    const sql = `SELECT kind FROM room_log_entries WHERE room_id = $1 AND body->>'offerId' = $2`;
    const { rows } = await here.platform.db.query<{ kind: string }>(sql, [floor.roomId, offerId]);
    return rows.map(({ kind }) => kind);
  };
  const placeOf = async (app: App, offerId: string, token: string) =>
    (await data(app, 'GET', `${offers()}/${offerId}/wait`, token)).place;

  /** One unit that somebody holds, and people who wait for it in this order. */
  async function openLine(people: number) {
    const { offerId } = await openOffer(here, floor, { allotmentUnits: 1 });
    const [owner, ...line] = await buyers(here, 1 + people);
    const { orderId } = await hold(here, floor, owner!, { offerId, units: 1 });
    for (const { accessToken } of line) await wait(here, offerId, accessToken);
    const giveBack = () => data(here, 'POST', `/api/orders/${orderId}/cancel`, owner!.accessToken, {});
    return { offerId, line, giveBack };
  }
  /** What has become of everybody who was in line, in their order. */
  const fatesOf = async (offerId: string): Promise<string> => {
    const line = `SELECT state FROM offer_waiters WHERE offer_id = $1 ORDER BY ticket`;
    const { rows } = await here.platform.db.query<{ state: string }>(line, [offerId]);
    return rows.map(({ state }) => state).join();
  };

  test('released units go to those who waited, in the order they came, before any stranger', async () => {
    const { offerId } = await openOffer(here, floor, { allotmentUnits: 1 });
    const [owner, first, second, stranger] = await buyers(here, 4);
    const bought = await hold(here, floor, owner!, { offerId, units: 1 });
    expect(await wait(here, offerId, first!.accessToken)).toEqual({ outcome: 'waiting', position: 1 });
    expect(await wait(there, offerId, second!.accessToken)).toEqual({ outcome: 'waiting', position: 2 });
    expect(await placeOf(here, offerId, second!.accessToken)).toEqual({ position: 2 });
    const socket = await openSocket(there, first!);
    const served = new Promise((resolve) => socket.once('offer:served', resolve));
    const changed = new Promise((resolve) => socket.once('order:changed', resolve));

    await data(here, 'POST', `/api/orders/${bought.orderId}/cancel`, owner!.accessToken, {});
    const tooLate = await buyPatiently(there, floor, stranger!, { offerId, units: 1 });

    expect(tooLate.outcome).toBe('sold_out');
    expect(await served).toMatchObject({ offerId, order: { state: 'held', lines: [{ offerId, units: 1 }] } });
    expect(await changed).toMatchObject({ roomId: floor.roomId, state: 'held' });
    expect(await placeOf(there, offerId, first!.accessToken)).toBeNull();
    expect(await placeOf(there, offerId, second!.accessToken)).toEqual({ position: 1 });
    expect(await wait(here, offerId, second!.accessToken)).toEqual({ outcome: 'waiting', position: 1 });
    socket.close();
  });

  test('nobody waits for more than is left, nor for more than they may have', async () => {
    const { offerId } = await openOffer(here, floor, { allotmentUnits: 3, limitUnits: 4 });
    const [greedy, owner] = await buyers(here, 2);
    expect(await wait(here, offerId, greedy!.accessToken, 4)).toEqual({ outcome: 'available', position: null });
    await hold(here, floor, owner!, { offerId, units: 3 });

    expect(await wait(here, offerId, owner!.accessToken, 2)).toEqual({ outcome: 'limit', position: null });
    expect(await wait(here, offerId, owner!.accessToken, 1)).toEqual({ outcome: 'waiting', position: 1 });
  });

  test('who buys to their limit while they wait is told that their turn has passed', async () => {
    const { offerId } = await openOffer(here, floor, { allotmentUnits: 2, limitUnits: 1 });
    const [waiter, first, second] = await buyers(here, 3);
    const mine = await hold(here, floor, first!, { offerId, units: 1 });
    await hold(here, floor, second!, { offerId, units: 1 });
    await wait(here, offerId, waiter!.accessToken);
    const socket = await openSocket(there, waiter!);
    const passed = new Promise((resolve) => socket.once('offer:passed', resolve));
    // Bought otherwise: by the terms of before, or a late payment.
    const gateBuyers = roomKey(floor.roomId, `offer:${offerId}:buyers`);
    await here.platform.redis.commands.hset(gateBuyers, waiter!.person.personId, '1\n');

    await data(here, 'POST', `/api/orders/${mine.orderId}/cancel`, first!.accessToken, {});

    expect(await passed).toEqual({ roomId: floor.roomId, offerId });
    expect(await placeOf(here, offerId, waiter!.accessToken)).toBeNull();
    socket.close();
  });

  test('when nobody waits any more, kept units are for everybody', async () => {
    const { offerId, line, giveBack } = await openLine(1);
    const [stranger] = await buyers(here, 1);

    const left = await data(there, 'DELETE', `${offers()}/${offerId}/wait`, line[0]!.accessToken);
    await giveBack();

    expect(left).toEqual({ left: true });
    await eventually(
      async () => (await buyPatiently(there, floor, stranger!, { offerId, units: 1 })).outcome === 'held',
    );
  });

  test('who joins again has a place of their own, though the gate never heard that the one of before had ended', async () => {
    const { offerId, line, giveBack } = await openLine(2);
    const [first, second] = line;
    const endOf = `UPDATE offer_waiters SET state = 'left' WHERE offer_id = $1 AND person_id = $2 AND state = 'waiting'`;
    await here.platform.db.query(endOf, [offerId, first!.person.personId]);

    const again = await data(there, 'POST', `${offers()}/${offerId}/wait`, first!.accessToken, { units: 1 });
    await giveBack();

    expect(again).toEqual({ outcome: 'waiting', position: 2 });
    const served = `SELECT person_id AS "personId" FROM offer_waiters WHERE offer_id = $1 AND state = 'served'`;
    await eventually(async () => (await here.platform.db.query(served, [offerId])).rowCount === 1);
    expect((await here.platform.db.query(served, [offerId])).rows).toEqual([{ personId: second!.person.personId }]);
  });

  test('who leaves while units are being held for them has no order: the units go on', async () => {
    const { offerId, line, giveBack } = await openLine(1);
    const [stranger] = await buyers(here, 1);
    const writer = await here.platform.db.connect();
    try {
      await writer.query('BEGIN; LOCK TABLE order_lines IN SHARE MODE');
      await giveBack();
      const writing = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
        AND query LIKE '%INSERT INTO orders%'`;
      await eventually(async () => (await writer.query(writing)).rowCount === 1);

      const left = await data(there, 'DELETE', `${offers()}/${offerId}/wait`, line[0]!.accessToken);

      expect(left).toEqual({ left: true });
    } finally {
      writer.release(true);
    }
    await eventually(
      async () => (await buyPatiently(there, floor, stranger!, { offerId, units: 1 })).outcome === 'held',
    );
  });

  test('a person who is gone leaves the line for good, and it goes on', async () => {
    const { offerId, line, giveBack } = await openLine(2);
    await here.platform.db.query('DELETE FROM people WHERE person_id = $1', [line[0]!.person.personId]);

    await giveBack();

    await eventually(async () => (await fatesOf(offerId)) === 'left,served');
  });

  test('somebody who is sent away while they wait is not served', async () => {
    const { offerId, line, giveBack } = await openLine(2);
    const ban = { personId: line[0]!.person.personId, kind: 'ban' };
    await data(here, 'POST', `/api/rooms/${floor.roomId}/sanctions`, floor.token, ban);

    await giveBack();

    await eventually(async () => (await fatesOf(offerId)) === 'left,served');
  });

  test('asking for the place again, or while there are units, writes nothing', async () => {
    const { offerId } = await openOffer(here, floor, { allotmentUnits: 1 });
    const [owner, first] = await buyers(here, 2);
    const ticketsDrawn = async (): Promise<number> =>
      (await here.platform.db.query(`SELECT last_value FROM offer_waiters_ticket_seq`)).rows[0].last_value;
    const before = await ticketsDrawn();
    expect((await wait(here, offerId, first!.accessToken)).outcome).toBe('available');
    expect(await ticketsDrawn()).toBe(before);

    await hold(here, floor, owner!, { offerId, units: 1 });
    // The second wish changes nothing: one place, for what was asked first.
    const twice = await Promise.all([1, 2].map((units) => wait(here, offerId, first!.accessToken, units)));
    const after = await ticketsDrawn();
    for (const app of [here, there]) twice.push(await wait(app, offerId, first!.accessToken, 3));

    expect(twice).toEqual(twice.map(() => ({ outcome: 'waiting', position: 1 })));
    expect(await ticketsDrawn()).toBe(after);
  });

  test('the line survives an emptied Redis', async () => {
    const { offerId, line, giveBack } = await openLine(2);
    const [first, second] = line;

    await here.platform.redis.commands.flushall();

    // The first question meets no gate. Asking where one stands costs nobody the place.
    expect(await wait(there, offerId, first!.accessToken)).toEqual({ outcome: 'waiting', position: 1 });
    expect(await wait(there, offerId, second!.accessToken)).toEqual({ outcome: 'waiting', position: 2 });
    await giveBack();
    await eventually(async () => {
      const { rows } = await here.platform.db.query('SELECT state FROM orders WHERE buyer_id = $1', [
        first!.person.personId,
      ]);
      return rows[0]?.state === 'held';
    });
  });

  test('an offer that has units needs no waiting', async () => {
    const { offerId } = await openOffer(here, floor);
    const [buyer] = await buyers(here, 1);

    expect(await wait(here, offerId, buyer!.accessToken)).toEqual({ outcome: 'available', position: null });
  });

  test('a late payment takes the units again while there are any, else the money goes back', async () => {
    const { offerId } = await openOffer(here, floor, { allotmentUnits: 1 });
    const [slow, slower] = await buyers(here, 2);
    const first = await hold(here, floor, slow!, { offerId, units: 1 });
    await letExpire(here, first.orderId);
    const second = await eventually(() => hold(there, floor, slower!, { offerId, units: 1 }));
    await letExpire(there, second.orderId);
    const [payment, otherPayment] = [crypto.randomUUID(), crypto.randomUUID()];

    expect(await here.ledger.pay(first.orderId, payment)).toBe('retaken');
    expect(await there.ledger.pay(first.orderId, payment)).toBe('paid');
    expect(await there.ledger.pay(first.orderId, otherPayment)).toBe('refund_needed');
    expect(await there.ledger.pay(second.orderId, otherPayment)).toBe('refund_needed');
    const { rows } = await here.platform.db.query('SELECT held_units, sold_units FROM offers WHERE offer_id = $1', [
      offerId,
    ]);
    expect(rows).toEqual([{ held_units: 0, sold_units: 1 }]);
  });

  test('a payment that comes after its buyer has cancelled goes back, also while there are units', async () => {
    const { offerId } = await openOffer(here, floor, { allotmentUnits: 3 });
    const [buyer] = await buyers(here, 1);
    const { orderId } = await hold(here, floor, buyer!, { offerId, units: 1 });
    await data(here, 'POST', `/api/orders/${orderId}/cancel`, buyer!.accessToken, {});

    expect(await there.ledger.pay(orderId, crypto.randomUUID())).toBe('refund_needed');
    expect((await here.ledger.find(orderId)).state).toBe('cancelled');
  });

  test('a late payment for an offer that has ended takes the units out of the stock', async () => {
    const skuId = await addProduct(here, floor.host, { units: 2 });
    const { offerId } = await openOffer(here, floor, { skuId, allotmentUnits: 1 });
    const [buyer] = await buyers(here, 1);
    const bought = await hold(here, floor, buyer!, { offerId, units: 1 });
    await data(here, 'POST', `${offers()}/${offerId}/close`, floor.token, {});
    await letExpire(here, bought.orderId);

    expect(await here.ledger.pay(bought.orderId, crypto.randomUUID())).toBe('retaken');

    const { rows } = await here.platform.db.query('SELECT free_units FROM skus WHERE sku_id = $1', [skuId]);
    expect(rows).toEqual([{ free_units: 1 }]);
  });

  test('a late payment between the end of an offer and its closing waits for the closing', async () => {
    const skuId = await addProduct(here, floor.host, { units: 2 });
    const { offerId } = await openOffer(here, floor, { skuId, allotmentUnits: 2 });
    const [buyer] = await buyers(here, 1);
    const { orderId } = await hold(here, floor, buyer!, { offerId, units: 1 });
    await letExpire(here, orderId);
    await here.platform.redis.commands.hset(roomKey(floor.roomId, `offer:${offerId}:gate`), 'closesAt', 1);

    await expect(here.ledger.pay(orderId, crypto.randomUUID())).rejects.toMatchObject({ code: 'RETRY' });

    await data(here, 'POST', `${offers()}/${offerId}/close`, floor.token, {});
    expect(await here.ledger.pay(orderId, crypto.randomUUID())).toBe('retaken');
  });

  test('an offer sells out once, not again with everybody who waited', async () => {
    const { offerId } = await openOffer(here, floor, { allotmentUnits: 1 });
    const [first, second] = await buyers(here, 2);
    const { orderId } = await hold(here, floor, first!, { offerId, units: 1 });
    await eventually(async () => (await said(offerId)).includes('offer:sold-out'));
    await wait(here, offerId, second!.accessToken);
    await data(here, 'POST', `/api/orders/${orderId}/cancel`, first!.accessToken, {});
    await eventually(async () => {
      const { rows } = await here.platform.db.query(`SELECT state FROM offer_waiters WHERE offer_id = $1`, [offerId]);
      return rows[0].state === 'served';
    });
    // What is said later stands behind all of it.
    await data(here, 'POST', `${offers()}/${offerId}/pin`, floor.token, { streamMs: null });

    await eventually(async () => (await said(offerId)).includes('offer:pinned'));
    expect((await said(offerId)).filter((kind) => kind === 'offer:sold-out')).toHaveLength(1);
  });

  test('an offer sells out again when its units are for everybody again, also when somebody came no further than into the ledger of the line', async () => {
    const { offerId } = await openOffer(here, floor, { allotmentUnits: 1 });
    const [first, second, lost] = await buyers(here, 3);
    const soldOut = async (times: number) =>
      (await said(offerId)).filter((kind) => kind === 'offer:sold-out').length === times;
    const { orderId } = await hold(here, floor, first!, { offerId, units: 1 });
    await eventually(() => soldOut(1));
    const joined = `INSERT INTO offer_waiters (offer_id, person_id, units) VALUES ($1, $2, 1)`;
    await here.platform.db.query(joined, [offerId, lost!.person.personId]);

    await data(here, 'POST', `/api/orders/${orderId}/cancel`, first!.accessToken, {});
    await eventually(() => hold(there, floor, second!, { offerId, units: 1 }));

    await eventually(() => soldOut(2), { deadlineMs: 10_000 });
  });

  // I5 when an offer has ended: its gate, which counted what everybody has of it, is gone.
  test('two late payments of one buyer for an offer that has ended keep to its limit', async () => {
    const skuId = await addProduct(here, floor.host, { units: 6 });
    const { offerId } = await openOffer(here, floor, { skuId, allotmentUnits: 6, limitUnits: 2 });
    const [buyer] = await buyers(here, 1);
    const orders = [];
    for (let i = 0; i < 2; i++) {
      const { orderId } = await eventually(() => hold(here, floor, buyer!, { offerId, units: 2 }));
      await letExpire(here, orderId);
      orders.push(orderId);
    }
    await data(here, 'POST', `${offers()}/${offerId}/close`, floor.token, {});

    const answers = await Promise.all(
      orders.map((orderId, i) => (i ? here : there).ledger.pay(orderId, crypto.randomUUID())),
    );

    expect(answers.toSorted()).toEqual(['refund_needed', 'retaken']);
    const { rows } = await here.platform.db.query('SELECT free_units FROM skus WHERE sku_id = $1', [skuId]);
    expect(rows).toEqual([{ free_units: 4 }]);
  });

  test('a hold is extended once when a payment begins, and once when one is in progress', async () => {
    const { offerId } = await openOffer(here, floor);
    const [buyer] = await buyers(here, 1);
    const bought = await hold(here, floor, buyer!, { offerId, units: 1 });
    const { orderId, payByMs } = bought;

    const extended = await here.ledger.extendHold(orderId, 3_600_000, 'begun');
    const again = await there.ledger.extendHold(orderId, 7_200_000, 'begun');
    const inProgress = await here.ledger.extendHold(orderId, 7_200_000, 'in_progress');
    const stillInProgress = await there.ledger.extendHold(orderId, 9_000_000, 'in_progress');

    expect(extended).toBeGreaterThan(payByMs);
    expect(again).toBe(extended);
    expect(inProgress).toBeGreaterThan(again!);
    expect(stillInProgress).toBe(inProgress);
    const { events } = await data(there, 'GET', `/api/orders/${orderId}`, buyer!.accessToken);
    expect(events.map(({ kind }: { kind: string }) => kind)).toEqual(['held', 'hold-extended', 'hold-extended']);
  });

  test('returned units go into the stock once per refund, and count for the limit before and after the gate is loaded', async () => {
    const skuId = await addProduct(here, floor.host, { units: 5 });
    const { offerId } = await openOffer(here, floor, { skuId, allotmentUnits: 5, limitUnits: 3 });
    const [buyer] = await buyers(here, 1);
    const bought = await hold(here, floor, buyer!, { offerId, units: 3 });
    const { orderId } = bought;
    await here.ledger.pay(orderId, crypto.randomUUID());
    const returnId = crypto.randomUUID();
    const cause = { personId: floor.host.person.personId, reason: 'broken' };

    await here.ledger.returnUnits(returnId, orderId, [{ lineNumber: 1, units: 2 }], cause);
    await there.ledger.returnUnits(returnId, orderId, [{ lineNumber: 1, units: 2 }], cause);

    const { rows } = await here.platform.db.query('SELECT free_units FROM skus WHERE sku_id = $1', [skuId]);
    expect(rows).toEqual([{ free_units: 2 }]);
    const offer = await here.platform.db.query('SELECT sold_units, withdrawn_units FROM offers WHERE offer_id = $1', [
      offerId,
    ]);
    expect(offer.rows).toEqual([{ sold_units: 1, withdrawn_units: 2 }]);
    const more = async () => (await buyPatiently(here, floor, buyer!, { offerId, units: 1 })).outcome;
    expect(await more()).toBe('limit');
    await data(here, 'PATCH', `${offers()}/${offerId}`, floor.token, { priceMinor: 650 });
    expect(await more()).toBe('limit');
  });

  test('a cart survives its gateway, and reserves nothing', async () => {
    const { offerId } = await openOffer(here, floor);
    const [buyer] = await buyers(here, 1);
    const cart = `/api/rooms/${floor.roomId}/cart`;

    await data(here, 'PUT', `${cart}/${offerId}`, buyer!.accessToken, { units: 4 });

    expect(await data(there, 'GET', cart, buyer!.accessToken)).toEqual({ lines: [{ offerId, units: 4 }] });
    expect((await data(here, 'GET', `/api/offers/${offerId}`, floor.token)).offer.unitsLeft).toBe(10);
    expect(await data(there, 'PUT', `${cart}/${offerId}`, buyer!.accessToken, { units: 0 })).toEqual({ lines: [] });
  });

  test('lines that are put at once are no more than a cart has room for', async () => {
    const carts = createCartStore(here.platform.db);
    const [buyer] = await buyers(here, 1);

    const put = await Promise.all(
      Array.from({ length: 8 }, () => carts.put(buyer!.person.personId, floor.roomId, newId(), 1, 3)),
    );

    expect(put.filter(Boolean)).toHaveLength(3);
  });

  test('what was bought leaves the cart, and comes back when it was not paid', async () => {
    const [{ offerId }, { offerId: otherId }] = [await openOffer(here, floor), await openOffer(here, floor)];
    const [buyer] = await buyers(here, 1);
    const { personId } = buyer!.person;
    const carts = createCartStore(here.platform.db);
    const inCart = async () => (await carts.get(personId, floor.roomId)).lines.map((line) => line.offerId);
    await carts.put(personId, floor.roomId, offerId, 1, 1);

    const unpaid = await hold(here, floor, buyer!, { offerId, units: 1 });
    expect(await inCart()).toEqual([]);
    await letExpire(here, unpaid.orderId);
    expect(await inCart()).toEqual([offerId]);
    expect(await carts.put(personId, floor.roomId, otherId, 1, 1)).toBe(false);

    // What is held takes no room from anything else.
    await hold(here, floor, buyer!, { offerId, units: 1 });
    expect(await carts.put(personId, floor.roomId, otherId, 1, 1)).toBe(true);
    const { orderId } = await hold(here, floor, buyer!, { offerId: otherId, units: 1 });
    await here.ledger.pay(orderId, crypto.randomUUID());
    expect(await inCart()).toEqual([]);
    expect(await carts.put(personId, floor.roomId, otherId, 1, 1)).toBe(true);
    expect(await inCart()).toEqual([otherId]);
  });

  test('three pins at once; the fourth takes the place of the first; sold out takes its pin away', async () => {
    const pinned: Offer[] = [];
    for (let i = 0; i < 4; i++) {
      const offer = await openOffer(here, floor, { allotmentUnits: 1 });
      pinned.push(await data(here, 'POST', `${offers()}/${offer.offerId}/pin`, floor.token, { streamMs: 61_000 + i }));
    }
    const pinsNow = async () => {
      const { offers: all } = await data(there, 'GET', offers(), floor.token);
      return all
        .filter((one: any) => one.pinnedAtMs !== null)
        .map((one: any) => one.offerId)
        .sort();
    };
    expect(pinned[3]).toMatchObject({ pinnedStreamMs: 61_003 });
    const lastThree = pinned.slice(1).map(({ offerId }) => offerId);
    await expect.poll(pinsNow).toEqual(lastThree.sort());

    const [buyer] = await buyers(here, 1);
    await buyPatiently(there, floor, buyer!, { offerId: pinned[3]!.offerId, units: 1 });

    await expect.poll(pinsNow).not.toContain(pinned[3]!.offerId);
  });

  test('what is asked for again after a lost answer neither pins what gave way meanwhile, nor takes a pin that was set meanwhile', async () => {
    const { offerId } = await openOffer(here, floor);
    const pin = (app: App, requestKey: string): Promise<Offer> =>
      data(app, 'POST', `${offers()}/${offerId}/pin`, floor.token, { requestKey });
    const unpin = (seen: { seenPinnedAtMs?: number | null } = {}): Promise<Offer> =>
      data(here, 'POST', `${offers()}/${offerId}/unpin`, floor.token, seen);
    const requestKey = newKey();
    const first = await pin(here, requestKey);
    expect((await pin(there, requestKey)).pinnedAtMs).toBe(first.pinnedAtMs);
    const seen = { seenPinnedAtMs: first.pinnedAtMs };
    expect((await unpin(seen)).pinnedAtMs).toBe(null);

    expect(await pin(there, requestKey)).toMatchObject({ offerId, pinnedAtMs: null });
    const { pinnedAtMs } = await pin(there, newKey());
    expect(pinnedAtMs).toBeGreaterThan(first.pinnedAtMs!);
    expect((await unpin(seen)).pinnedAtMs).toBe(pinnedAtMs);
    expect((await unpin()).pinnedAtMs).toBe(null);
    // Another pin has come and gone since.
    expect((await pin(there, requestKey)).pinnedAtMs).toBe(null);
  });

  test('a pin has the moment of the stream, whoever does not say it; before the show it has none', async () => {
    const { offerId } = await openOffer(here, floor);
    const { startedAtMs } = await data(here, 'GET', `/api/rooms/${floor.roomId}`, floor.token);

    const pinned: Offer = await data(here, 'POST', `${offers()}/${offerId}/pin`, floor.token, {});

    expect(Math.abs(pinned.pinnedAtMs! - startedAtMs - pinned.pinnedStreamMs!)).toBeLessThanOrEqual(2); // Each is rounded.
    const { roomId } = await data(here, 'POST', '/api/rooms', floor.token, { title: 'Tomorrow' });
    const early = await openOffer(here, { ...floor, roomId });
    const path = `/api/rooms/${roomId}/offers/${early.offerId}/pin`;
    expect((await data(here, 'POST', path, floor.token, {})).pinnedStreamMs).toBeNull();
  });

  test('who enters by another gateway right after a change sees the offers as they are', async () => {
    const { offerId } = await openOffer(here, floor);
    const priceSeen = async () => {
      const socket = await openSocket(there, await guest(there));
      const joined = await send(socket, 'room:join', { roomId: floor.roomId });
      socket.close();
      const offers = joined.ok ? (joined.data.snapshot?.parts['offers'] as Offer[]) : [];
      return offers.find((offer) => offer.offerId === offerId)?.priceMinor;
    };

    const before = await priceSeen();
    await data(here, 'PATCH', `${offers()}/${offerId}`, floor.token, { priceMinor: 650 });

    expect([before, await priceSeen()]).toEqual([700, 650]);
  });

  test('every viewer is told of the sale in the same order: announced, pinned, sold out, bought', async () => {
    const offer = await createOffer(here, floor, { allotmentUnits: 1 });
    const path = `${offers()}/${offer.offerId}`;
    const [buyer] = await buyers(here, 1);
    const socket = await openSocket(there, buyer!);
    const joined = await send(socket, 'room:join', { roomId: floor.roomId });
    if (!joined.ok) throw new Error(joined.error.message);
    await data(here, 'POST', `${path}/open`, floor.token, {});
    await data(here, 'POST', `${path}/pin`, floor.token, { streamMs: 5_000 });
    await buyPatiently(there, floor, buyer!, { offerId: offer.offerId, units: 1 });

    const seen = await eventually(async () => {
      const missed = await send(socket, 'room:join', { roomId: floor.roomId, position: joined.data.position });
      const entries = missed.ok
        ? missed.data.entries.filter((entry) => JSON.stringify(entry).includes(offer.offerId))
        : [];
      return entries.length >= 5 ? entries : null;
    });

    const kinds = seen.map(({ kind }) => kind);
    expect(kinds.slice(0, 3)).toEqual(['offer:announced', 'offer:pinned', 'offer:sold-out']);
    expect(kinds).toEqual(expect.arrayContaining(['offer:unpinned', 'offer:bought']));
    expect(seen.find(({ kind }) => kind === 'offer:bought')!.body).toEqual({
      offerId: offer.offerId,
      name: 'B***',
      units: 1,
      others: 0,
    });
    socket.close();
  });

  test('only those it is for may buy, and terms are what they were when it opened', async () => {
    const follower = await account(here);
    const [stranger] = await buyers(here, 1);
    const { offerId } = await openOffer(here, floor, { audience: { who: 'followers' } });
    await data(there, 'PUT', `/api/hosts/${floor.host.person.personId}/follow`, follower.accessToken, {});

    expect((await buyPatiently(there, floor, stranger!, { offerId, units: 1 })).outcome).toBe('not_for_you');
    expect((await buyPatiently(there, floor, follower, { offerId, units: 1 })).outcome).toBe('held');
    const edit = await call(here, 'PATCH', `${offers()}/${offerId}`, {
      token: floor.token,
      body: { audience: { who: 'all' } },
    });
    expect(edit).toMatchObject({ status: 409, body: { error: { code: 'CONFLICT' } } });
  });

  test('fans of a level alone buy what is for them, and a line passes who is no fan any more', async () => {
    const club = `/api/fan-clubs/${floor.host.person.personId}`;
    await data(here, 'PUT', club, floor.token, {});
    const people = await buyers(here, 6);
    const [stranger, newcomer, leaving, waiting, fan, owner] = people;
    for (const { accessToken } of people.slice(1)) await data(here, 'POST', `${club}/join`, accessToken, {});
    const points = 'UPDATE fan_memberships SET points = $2 WHERE person_id = ANY($1)';
    const above = people.slice(2).map(({ person: { personId } }) => personId);
    await here.platform.db.query(points, [[newcomer!.person.personId], 49]);
    await here.platform.db.query(points, [above, 50]);
    const { offerId } = await openOffer(here, floor, { audience: { who: 'fans', levelMin: 2 }, allotmentUnits: 2 });
    const outcome = async (app: App, buyer = fan) =>
      (await buyPatiently(app, floor, buyer!, { offerId, units: 1 })).outcome;

    // Whether a host has a club may be known a moment late.
    await expect.poll(() => outcome(there)).toBe('held');
    for (const app of [here, there])
      expect([await outcome(app, stranger), await outcome(app, newcomer)]).toEqual(['not_for_you', 'not_for_you']);
    const { orderId } = await hold(here, floor, owner!, { offerId, units: 1 });

    expect((await wait(here, offerId, newcomer!.accessToken)).outcome).toBe('not_for_you');
    for (const { accessToken } of [leaving!, waiting!])
      expect((await wait(here, offerId, accessToken)).outcome).toBe('waiting');
    await data(here, 'POST', `${club}/leave`, leaving!.accessToken, {});
    await data(here, 'POST', `/api/orders/${orderId}/cancel`, owner!.accessToken, {});
    await expect.poll(() => fatesOf(offerId)).toBe('refused,served');
  });

  test('an offer says the lowest price of its last 30 days, repeats as a draft, and keeps its number', async () => {
    const skuId = await addProduct(here, floor.host, { units: 50, priceMinor: 1_000 });
    const cheap = await openOffer(here, floor, { skuId, priceMinor: 400 });
    await data(here, 'POST', `${offers()}/${cheap.offerId}/close`, floor.token, {});

    const again = await data(here, 'POST', `${offers()}/${cheap.offerId}/repeat`, floor.token, {
      requestKey: newKey(),
    });
    await data(here, 'PATCH', `${offers()}/${again.offerId}`, floor.token, { priceMinor: 600 });
    const opened = await data(here, 'POST', `${offers()}/${again.offerId}/open`, floor.token, {});

    expect(again).toMatchObject({ state: 'draft', priceMinor: 400, allotmentUnits: 10 });
    expect(again.itemNumber).toBeGreaterThan(cheap.itemNumber);
    expect(opened.offer).toMatchObject({ priceMinor: 600, lowestPriceMinor: 400, listPriceMinor: 1_000 });
  });

  test('a price that is raised just before a sale does not hide what the catalog said for a month', async () => {
    const skuId = await addProduct(here, floor.host, { units: 50, priceMinor: 1_000 });
    await data(here, 'PATCH', `/api/skus/${skuId}`, floor.token, { priceMinor: 5_000 });
    const lowest = async () => (await openOffer(here, floor, { skuId, priceMinor: 3_000 })).lowestPriceMinor;

    const soon = await lowest();
    await here.platform.db.query(
      `UPDATE catalog_prices SET from_at = from_at - interval '32 d', until_at = until_at - interval '31 d' WHERE sku_id = $1`,
      [skuId],
    );

    expect([soon, await lowest()]).toEqual([1_000, 3_000]);
  });

  test('a price that nobody could pay does not count, and a scheduled opening looks back from its own moment', async () => {
    const skuId = await addProduct(here, floor.host, { units: 50, priceMinor: 1_000 });
    const inAnHourMs = Date.now() + 3_600_000;
    const ended = await createOffer(here, floor, { skuId, priceMinor: 100 });
    await data(here, 'POST', `${offers()}/${ended.offerId}/open`, floor.token, { opensAtMs: inAnHourMs });
    await data(here, 'POST', `${offers()}/${ended.offerId}/close`, floor.token, {});
    const old = await openOffer(here, floor, { skuId, priceMinor: 300 });
    await data(here, 'POST', `${offers()}/${old.offerId}/close`, floor.token, {});
    await here.platform.db.query(
      `UPDATE offer_prices SET from_at = now() - interval '40 d', until_at = now() - interval '30 d' + interval '30 min'
       WHERE offer_id = $1`,
      [old.offerId],
    );
    const lowest = async (terms: { opensAtMs?: number }): Promise<number> => {
      const { offerId } = await createOffer(here, floor, { skuId, priceMinor: 900, allotmentUnits: 1 });
      return (await data(here, 'POST', `${offers()}/${offerId}/open`, floor.token, terms)).offer.lowestPriceMinor;
    };

    expect(await lowest({ opensAtMs: inAnHourMs })).toBe(1_000);
    expect(await lowest({})).toBe(300);
  });

  test('a lower price between the call that schedules an opening and the opening counts', async () => {
    const skuId = await addProduct(here, floor.host, { units: 50, priceMinor: 1_000 });
    const { offerId } = await createOffer(here, floor, { skuId, priceMinor: 900 });
    const opensAtMs = Date.now() + 3_600_000;
    const { offer } = await data(here, 'POST', `${offers()}/${offerId}/open`, floor.token, { opensAtMs });
    const between = await openOffer(here, floor, { skuId, priceMinor: 500 });
    // The hour is over.
    await here.platform.db.query(`UPDATE offers SET opens_at = now() WHERE offer_id = $1`, [offerId]);
    const lowestOf = async (id: string): Promise<number> =>
      (await data(there, 'GET', `/api/offers/${id}`, floor.token)).offer.lowestPriceMinor;

    expect(offer.lowestPriceMinor).toBe(1_000);
    await eventually(async () => (await lowestOf(offerId)) === 500);
    // Its own price is not one of before.
    expect(await lowestOf(between.offerId)).toBe(1_000);
  });

  test('what an open offer was sold for until its price changed is among the prices of before', async () => {
    const skuId = await addProduct(here, floor.host, { units: 50, priceMinor: 2_000 });
    const { offerId } = await openOffer(here, floor, { skuId, priceMinor: 2_000 });
    const lowestAt = async (priceMinor: number): Promise<number> =>
      (await data(there, 'PATCH', `${offers()}/${offerId}`, floor.token, { priceMinor })).lowestPriceMinor;

    expect([await lowestAt(500), await lowestAt(2_000), await lowestAt(1_500)]).toEqual([2_000, 500, 500]);
    await openOffer(here, floor, { skuId, kind: 'flash', durationSeconds: 60, priceMinor: 300 });
    expect(await lowestAt(1_400)).toBe(300);

    const scheduled = await createOffer(here, floor, { skuId, priceMinor: 10 });
    const path = `${offers()}/${scheduled.offerId}`;
    await data(here, 'POST', `${path}/open`, floor.token, { opensAtMs: Date.now() + 3_600_000 });
    // Nobody could pay that.
    expect((await data(here, 'PATCH', path, floor.token, { priceMinor: 900 })).lowestPriceMinor).toBe(300);
  });

  test('an edit that waits while the offer opens ends a price that somebody could pay', async () => {
    const skuId = await addProduct(here, floor.host, { units: 50, priceMinor: 1_000 });
    const { offerId } = await createOffer(here, floor, { skuId, priceMinor: 900 });
    const path = `${offers()}/${offerId}`;
    await data(here, 'POST', `${path}/open`, floor.token, { opensAtMs: Date.now() + 3_600_000 });
    const { db } = here.platform;
    const buyer = await db.connect();
    try {
      await buyer.query('BEGIN');
      await buyer.query('SELECT FROM offers WHERE offer_id = $1 FOR UPDATE', [offerId]);
      const edited = data(there, 'PATCH', path, floor.token, { priceMinor: 1_500 });
      const waits = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
        AND query LIKE '%host_id AS "hostId"%'`;
      await eventually(async () => (await db.query(waits)).rowCount === 1);
      // The hour is over.
      await buyer.query('UPDATE offers SET opens_at = clock_timestamp() WHERE offer_id = $1', [offerId]);
      await buyer.query('UPDATE offer_prices SET from_at = clock_timestamp() WHERE offer_id = $1', [offerId]);
      await buyer.query('COMMIT');
      expect((await edited).lowestPriceMinor).toBe(900);
    } finally {
      buyer.release(true);
    }
    expect((await openOffer(here, floor, { skuId, priceMinor: 1_200 })).lowestPriceMinor).toBe(900);
  });

  test('the allotment may change while it is open, by units that are free', async () => {
    const skuId = await addProduct(here, floor.host, { units: 10 });
    const { offerId } = await openOffer(here, floor, { skuId, allotmentUnits: 4 });
    const [buyer] = await buyers(here, 1);
    await buyPatiently(there, floor, buyer!, { offerId, units: 3 });
    const edit = (allotmentUnits: number) =>
      call(here, 'PATCH', `${offers()}/${offerId}`, { token: floor.token, body: { allotmentUnits } });

    expect((await edit(2)).body.error.code).toBe('CONFLICT');
    expect((await edit(11)).body.error.code).toBe('CONFLICT');
    expect((await edit(10)).body.data).toMatchObject({ allotmentUnits: 10, unitsLeft: 7 });
    expect((await edit(3)).body.data).toMatchObject({ allotmentUnits: 3, unitsLeft: 0 });
    expect((await buyPatiently(there, floor, buyer!, { offerId, units: 1 })).outcome).toBe('sold_out');
  });
});
