import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { App } from '../../server/app/app.ts';
import { createRedisGate } from '../../server/features/sale/gate.redis.ts';
import { createOfferTermsStore } from '../../server/features/sale/offer-terms.pg.ts';
import { newId } from '../../shared/ids.ts';
import { call, freshStores, openSocket, send, startTestApp } from '../support/app.ts';
import { eventually } from '../support/eventually.ts';
import {
  addProduct,
  buyers,
  buyPatiently,
  createOffer,
  data,
  hold,
  newKey,
  openOffer,
  openShopFloor,
  type OfferWish,
  type ShopFloor,
} from './shop-floor.ts';

let app: App;
let floor: ShopFloor;
beforeAll(async () => {
  app = await startTestApp(await freshStores());
  floor = await openShopFloor(app, { units: 10_000 });
});
afterAll(() => app.close());

const ask = async (method: string, path: string, body: unknown) =>
  (await call(app, method, `/api/rooms/${floor.roomId}/offers${path}`, { body, token: floor.token })).body;
const announcementsOf = async (offerId: string): Promise<number> => {
  const sql = `SELECT FROM room_log_entries WHERE room_id = $1 AND kind = 'offer:announced' AND body->>'offerId' = $2`;
  return (await app.platform.db.query(sql, [floor.roomId, offerId])).rows.length;
};

describe('the key of an offer', () => {
  const wish = () => ({
    skuId: floor.skuId,
    kind: 'cart',
    priceMinor: 700,
    allotmentUnits: 10,
    limitUnits: 2,
    requestKey: newKey(),
  });

  test('answers the same request with the offer it made, over the socket too, and refuses every other one', async () => {
    const made = wish();
    const socket = await openSocket(app, floor.host);

    const [first, again] = [await ask('POST', '', made), await ask('POST', '', made)];
    const others = [{ allotmentUnits: 11 }, { limitUnits: 3 }, { listPriceMinor: 900 }, { audience: { who: 'fans' } }];
    const answers = await Promise.all(others.map((other) => ask('POST', '', { ...made, ...other })));

    const overSocket = await send(socket, 'offer:create', { roomId: floor.roomId, ...made, kind: 'cart' });
    socket.close();

    expect(again.data).toEqual(first.data);
    expect(overSocket).toEqual(first);
    expect(answers.map(({ error }) => error.code)).toEqual(others.map(() => 'KEY_REUSED'));
  });

  test('repeats one offer, once', async () => {
    const made = wish();
    const { offerId } = (await ask('POST', '', made)).data;
    const other = await createOffer(app, floor);
    const requestKey = newKey();

    const first = await ask('POST', `/${offerId}/repeat`, { requestKey });
    const again = await ask('POST', `/${offerId}/repeat`, { requestKey });
    const ofOther = await ask('POST', `/${other.offerId}/repeat`, { requestKey });
    const ofCreate = await ask('POST', `/${offerId}/repeat`, { requestKey: made.requestKey });

    expect(again.data).toEqual(first.data);
    expect([ofOther.error.code, ofCreate.error.code]).toEqual(['KEY_REUSED', 'KEY_REUSED']);
  });
});

describe('what an earlier show sold is taken over', () => {
  const ofRoom = (roomId: string): ShopFloor => ({ ...floor, roomId });
  const newRoom = async (): Promise<string> =>
    (await data(app, 'POST', '/api/rooms', floor.token, { title: 'Again' })).roomId;
  const take = async (roomId: string, fromRoomId: string, requestKey = newKey(), { token } = floor) => {
    const body = { fromRoomId, requestKey };
    return (await call(app, 'POST', `/api/rooms/${roomId}/offers/take-over`, { body, token })).body;
  };

  test('as drafts, in its order, with what is free; what is left is named, and a repeat makes nothing twice', async () => {
    const [from, to] = await Promise.all([newRoom(), newRoom()]);
    const [lamp, bowl, gone, none] = await Promise.all(
      [8, 100, 5, 0].map((units) => addProduct(app, floor.host, { units })),
    );
    const sell = (wish: OfferWish) => createOffer(app, ofRoom(from), wish);
    const flash = { kind: 'flash', countdownSeconds: 10, durationSeconds: 60 } as const;
    await sell({ skuId: bowl!, allotmentUnits: 3, priceMinor: 900 });
    const cart = await sell({ skuId: lamp!, allotmentUnits: 6, limitUnits: 2 });
    const sale = await sell({ ...flash, skuId: lamp!, allotmentUnits: 6, priceMinor: 500, audience: { who: 'fans' } });
    const left = [await sell({ skuId: gone! }), await sell({ skuId: none! })];
    const last = await sell({ skuId: bowl!, allotmentUnits: 4, priceMinor: 800 });
    const offerIds = [last, sale, cart].map(({ offerId }) => offerId);
    await data(app, 'PUT', `/api/rooms/${from}/offers/order`, floor.token, { offerIds });
    await app.platform.db.query('UPDATE skus SET archived_at = now() WHERE sku_id = $1', [gone]);
    const requestKey = newKey();

    const [first, again] = await Promise.all([take(to, from, requestKey), take(to, from, requestKey)]);
    const others = [await take(to, floor.roomId, requestKey), await take(from, from), await take(to, newId())];
    const made = (await data(app, 'GET', `/api/rooms/${to}/offers`, floor.token)).offers;

    expect(again).toEqual(first);
    expect(made).toEqual(first.data.offers);
    expect(made).toMatchObject([
      { kind: 'cart', skuId: bowl, state: 'draft', priceMinor: 800, allotmentUnits: 4 },
      { ...flash, skuId: lamp, priceMinor: 500, audience: { who: 'fans' }, allotmentUnits: 6 },
      { kind: 'cart', skuId: lamp, priceMinor: 700, limitUnits: 2, allotmentUnits: 2 },
    ]);
    const [bowls, lampSale, lamps] = made.map((offer: { productId: string }) => offer.productId);
    expect([lampSale, lamps, bowls]).toEqual([sale.productId, cart.productId, last.productId]);
    expect(cart.productId).not.toBe(last.productId);
    expect(first.data.left).toMatchObject([
      { offerId: left[0]!.offerId, why: 'withdrawn' },
      { offerId: left[1]!.offerId, why: 'nothing_free' },
    ]);
    expect(others.map(({ error }) => error.code)).toEqual(['KEY_REUSED', 'BAD_INPUT', 'NOT_FOUND']);
  });

  test('by those alone who run both shows', async () => {
    const [stranger, to] = [await openShopFloor(app), await newRoom()];
    await createOffer(app, stranger);

    const theirs = await take(to, stranger.roomId);
    const toThem = await take(stranger.roomId, floor.roomId, newKey(), stranger);
    const intoTheirs = await take(stranger.roomId, floor.roomId);

    expect([theirs, toThem, intoTheirs].map(({ error }) => error.code)).toEqual([
      'NOT_FOUND',
      'NOT_FOUND',
      'FORBIDDEN',
    ]);
  });
});

test('who runs the room reads in the list what was done a moment ago', async () => {
  const listed = async (): Promise<{ offerId: string; priceMinor: number }[]> =>
    (await data(app, 'GET', `/api/rooms/${floor.roomId}/offers`, floor.token)).offers;
  await listed();

  const { offerId } = await createOffer(app, floor);
  const added = await listed();
  const { offerId: copyId } = (await ask('POST', `/${offerId}/repeat`, { requestKey: newKey() })).data;
  const copied = await listed();
  await ask('PATCH', `/${copyId}`, { priceMinor: 123 });

  expect(added).toContainEqual(expect.objectContaining({ offerId }));
  expect(copied).toContainEqual(expect.objectContaining({ offerId: copyId }));
  expect(await listed()).toContainEqual(expect.objectContaining({ offerId: copyId, priceMinor: 123 }));
});

test('of two who set the order of the cart the second is told; what came and ended meanwhile, and a lost answer, are no other order', async () => {
  const { roomId } = await data(app, 'POST', '/api/rooms', floor.token, { title: 'In order' });
  const show = { ...floor, roomId };
  const made = [await openOffer(app, show), await createOffer(app, show), await createOffer(app, show)];
  const [a, b, c] = made.map(({ offerId }) => offerId) as [string, string, string];
  const order = async (offerIds: string[], seenOfferIds?: string[]) => {
    const body = { offerIds, ...(seenOfferIds && { seenOfferIds }) };
    return (await call(app, 'PUT', `/api/rooms/${roomId}/offers/order`, { body, token: floor.token })).body;
  };
  const idsOf = ({ data: { offers } }: { data: { offers: { offerId: string }[] } }) =>
    offers.map(({ offerId }) => offerId);

  expect(idsOf(await order([b, a, c], [a, b, c]))).toEqual([b, a, c]);
  // Sent again after a lost answer, before and after somebody else set another one.
  expect(idsOf(await order([b, a, c], [a, b, c]))).toEqual([b, a, c]);
  expect(idsOf(await order([c, b, a], [b, a, c]))).toEqual([c, b, a]);
  expect((await order([b, a, c], [a, b, c])).error).toMatchObject({ code: 'CONFLICT', reason: 'changed-meanwhile' });
  expect((await order([b], [a, b, c])).error).toMatchObject({ code: 'CONFLICT', reason: 'changed-meanwhile' });

  await data(app, 'POST', `/api/rooms/${roomId}/offers/${a}/close`, floor.token, {});
  const { offerId: d } = await createOffer(app, show);
  expect(idsOf(await order([b, c, a], [c, b, a]))).toEqual([b, c, d, a]);
  expect(idsOf(await order([d, c, b]))).toEqual([d, c, b, a]);
});

test('who opened, changed, pinned and ended what is sold stands on the list of the room, once for each', async () => {
  const { roomId } = await data(app, 'POST', '/api/rooms', floor.token, { title: 'On the list' });
  const { offerId, title: product } = await createOffer(app, { ...floor, roomId });
  const act = (method: string, path: string, body: object = {}) =>
    data(app, method, `/api/rooms/${roomId}/offers/${offerId}${path}`, floor.token, body);
  const twice = async (...asked: Parameters<typeof act>) => {
    for (let tries = 0; tries < 2; tries++) await act(...asked); // The answer to the first was lost.
  };
  await act('PATCH', '', { priceMinor: 800 }); // Of a draft, which nobody else sees.
  await twice('POST', '/open');
  await twice('PATCH', '', { priceMinor: 650, limitUnits: 3 });
  await twice('POST', '/pin');
  await twice('POST', '/unpin');
  await twice('POST', '/close');

  const { actions } = await data(app, 'GET', `/api/rooms/${roomId}/actions`, floor.token);

  const price = (minor: number) => ({ price: { minor, currency: 'EUR' } });
  const byId = floor.host.person.personId;
  expect(actions.toReversed()).toMatchObject([
    { byId, kind: 'offer-opened', detail: { product, ...price(800) } },
    { byId, kind: 'offer-changed', detail: { product, fields: ['priceMinor', 'limitUnits'], ...price(650) } },
    { byId, kind: 'offer-pinned', detail: { product } },
    { byId, kind: 'offer-unpinned', detail: { product } },
    { byId, kind: 'offer-ended', detail: { product } },
  ]);
});

test('an edit is judged by the offer as it is when its turn comes', async () => {
  const { offerId } = await createOffer(app, floor, { kind: 'flash', durationSeconds: 60 });
  const client = await app.platform.db.connect();
  try {
    await client.query('BEGIN');
    await client.query('SELECT FROM offers WHERE offer_id = $1 FOR UPDATE', [offerId]);
    const edit = ask('PATCH', `/${offerId}`, { priceMinor: 1 });
    await eventually(async () => {
      const waiting = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
      return (await app.platform.db.query(waiting)).rows.length > 0;
    });
    await client.query(`UPDATE offers SET state = 'closed' WHERE offer_id = $1`, [offerId]);
    await client.query('COMMIT');

    expect((await edit).error.code).toBe('CONFLICT');
  } finally {
    client.release();
  }
});

test.each([
  ['a draft', createOffer],
  ['an open offer', openOffer],
])(
  'of two who save over %s as they saw it one is told, over HTTP and the socket; the same wish again is none',
  async (_what, make) => {
    const { offerId, epoch: seenEpoch } = await make(app, floor);
    const { roomId, host } = floor;
    const socket = await openSocket(app, host);

    const answers = await Promise.all([
      ask('PATCH', `/${offerId}`, { seenEpoch, priceMinor: 600 }),
      send(socket, 'offer:edit', { roomId, offerId, seenEpoch, priceMinor: 500 }),
    ]);
    const saved = answers.find(({ ok }) => ok)?.data;
    expect(answers.find(({ ok }) => !ok)?.error).toMatchObject({ code: 'CONFLICT', reason: 'changed-meanwhile' });
    const { offer } = await data(app, 'GET', `/api/offers/${offerId}`, floor.token);
    expect(offer).toEqual(saved);
    expect(offer.epoch).toBeGreaterThan(seenEpoch);

    // As after a lost answer.
    expect((await ask('PATCH', `/${offerId}`, { seenEpoch, priceMinor: saved.priceMinor })).ok).toBe(true);
    expect((await ask('PATCH', `/${offerId}`, { seenEpoch, limitUnits: 3 })).ok).toBe(false);
    expect((await ask('PATCH', `/${offerId}`, { limitUnits: 3 })).ok).toBe(true);
    socket.close();
  },
);

test('a draft that somebody else has changed is not put on sale unseen; opened once, opening it again is no conflict', async () => {
  const { offerId, epoch: seenEpoch } = await createOffer(app, floor);
  const { data: now } = await ask('PATCH', `/${offerId}`, { priceMinor: 100 });

  const unseen = await ask('POST', `/${offerId}/open`, { seenEpoch });
  expect(unseen.error).toMatchObject({ code: 'CONFLICT', reason: 'changed-meanwhile' });
  expect((await data(app, 'GET', `/api/offers/${offerId}`, floor.token)).offer.state).toBe('draft');
  for (let times = 0; times < 2; times++)
    expect((await ask('POST', `/${offerId}/open`, { seenEpoch: now.epoch })).data.outcome).toBe('opened');
});

describe('what may change of an offer', () => {
  const wishes = {
    priceMinor: 650,
    listPriceMinor: 990,
    limitUnits: 3,
    allotmentUnits: 9,
    audience: { who: 'followers' },
    countdownSeconds: 20,
    durationSeconds: 90,
  };
  const kinds = { cart: {}, flash: { kind: 'flash', durationSeconds: 60 } } as const;
  const steps = {
    draft: () => undefined,
    announced: (offerId: string) => ask('POST', `/${offerId}/open`, { opensAtMs: Date.now() + 3_600_000 }),
    open: (offerId: string) => ask('POST', `/${offerId}/open`, {}),
    async ended(offerId: string) {
      await ask('POST', `/${offerId}/open`, {});
      await ask('POST', `/${offerId}/close`, {});
    },
  };
  const [yes, settled, over, unfit] = ['yes', 'terms-fixed', 'offer-ended', 'BAD_INPUT'];
  const cartOnSale = [yes, yes, yes, yes, settled, settled, settled];
  const flashOnSale = [settled, settled, yes, yes, settled, settled, yes];
  const none = Object.keys(wishes).map(() => over);

  test.each([
    ['cart', 'draft', [yes, yes, yes, yes, yes, unfit, unfit]],
    ['cart', 'announced', cartOnSale],
    ['cart', 'open', cartOnSale],
    ['cart', 'ended', none],
    ['flash', 'draft', [yes, yes, yes, yes, yes, yes, yes]],
    ['flash', 'announced', flashOnSale],
    ['flash', 'open', flashOnSale],
    ['flash', 'ended', none],
  ] as const)('%s, %s', async (kind, state, answers) => {
    const offer = await createOffer(app, floor, kinds[kind]);
    await steps[state](offer.offerId);
    const before = (await data(app, 'GET', `/api/offers/${offer.offerId}`, floor.token)).offer;
    expect(before.state).toBe(state);
    const seen: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(wishes)) {
      const { ok, error } = await ask('PATCH', `/${offer.offerId}`, { [name]: value });
      seen[name] = ok ? yes : (error.reason ?? error.code);
    }

    const fields = Object.entries(wishes).map(([name, value], i) => ({ name, value, answer: answers[i]! }));
    expect(seen).toEqual(Object.fromEntries(fields.map(({ name, answer }) => [name, answer])));
    const after = (await data(app, 'GET', `/api/offers/${offer.offerId}`, floor.token)).offer;
    expect(after).toMatchObject(
      Object.fromEntries(fields.map(({ name, value, answer }) => [name, answer === yes ? value : before[name]])),
    );
    if (kind === 'flash' && (state === 'open' || state === 'announced'))
      expect(after.closesAtMs - after.opensAtMs).toBe(90_000);
  });

  test('its end may come sooner, but not before now; a limit below what somebody has takes nothing from them', async () => {
    const { offerId } = await openOffer(app, floor, { kind: 'flash', durationSeconds: 600 });
    const [buyer] = await buyers(app, 1);
    const { orderId } = await hold(app, floor, buyer!, { offerId, units: 3 });
    await app.platform.db.query(
      `UPDATE offers SET opens_at = opens_at - interval '100 s', closes_at = closes_at - interval '100 s' WHERE offer_id = $1`,
      [offerId],
    );

    expect((await ask('PATCH', `/${offerId}`, { durationSeconds: 60 })).error.reason).toBe('end-passed');
    expect((await ask('PATCH', `/${offerId}`, { durationSeconds: 300, limitUnits: 2 })).ok).toBe(true);
    expect((await buyPatiently(app, floor, buyer!, { offerId, units: 1 })).outcome).toBe('limit');
    expect((await data(app, 'GET', `/api/orders/${orderId}`, buyer!.accessToken)).state).toBe('held');
  });
});

test('an offer whose end is put off while a worker is about to end it stays open, and sells', async () => {
  const show = await openShopFloor(app);
  const { offerId } = await openOffer(app, show);
  const { db } = app.platform;
  const setState = (state: 'live' | 'ended') =>
    db.query(`UPDATE rooms SET state = $2, ended_at = CASE WHEN $2 = 'ended' THEN now() END WHERE room_id = $1`, [
      show.roomId,
      state,
    ]);
  const host = await db.connect();
  try {
    await host.query('BEGIN');
    await host.query('SELECT FROM offers WHERE offer_id = $1 FOR UPDATE', [offerId]);
    // An offer is due when its show has ended, as it is when its time is up.
    await setState('ended');
    const waiting = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
      AND query LIKE '%host_id AS "hostId"%'`;
    await eventually(async () => (await db.query(waiting)).rowCount === 1);
    await setState('live');
  } finally {
    host.release(true);
  }

  const [buyer] = await buyers(app, 1);
  // The gate stands still from the worker's first look until it has found that the time is not up.
  await eventually(() => hold(app, show, buyer!, { offerId, units: 1 }));
});

test('an opening that failed half way is finished by its repeat, and told once', async () => {
  const { offerId } = await createOffer(app, floor, { allotmentUnits: 5 });
  const { db } = app.platform;
  await db.query(`
    CREATE FUNCTION fail_here() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no epoch today'; END $$;
    CREATE TRIGGER fail_here BEFORE UPDATE OF epoch ON offers
      FOR EACH ROW WHEN (OLD.state = 'open') EXECUTE FUNCTION fail_here();`);

  const failed = await ask('POST', `/${offerId}/open`, {});
  await db.query('DROP TRIGGER fail_here ON offers; DROP FUNCTION fail_here');
  const again = [await ask('POST', `/${offerId}/open`, {}), await ask('POST', `/${offerId}/open`, {})];

  expect(failed.ok).toBe(false);
  expect(again.map(({ data: { outcome } }) => outcome)).toEqual(['opened', 'opened']);
  const [buyer] = await buyers(app, 1);
  await hold(app, floor, buyer!, { offerId, units: 1 });
  await eventually(async () => (await announcementsOf(offerId)) > 0);
  // What was said later stands in the archive too, so nothing of before is still on its way.
  await ask('POST', `/${offerId}/pin`, { streamMs: null });
  await eventually(async () => {
    const pins = `SELECT FROM room_log_entries WHERE room_id = $1 AND kind = 'offer:pinned'`;
    return (await db.query(pins, [floor.roomId])).rows.length > 0;
  });
  expect(await announcementsOf(offerId)).toBe(1);
});

test('a draft is closed once and for all: the same call gets the same answer, and its number and its key stay taken', async () => {
  const made = { skuId: floor.skuId, kind: 'cart', priceMinor: 700, allotmentUnits: 10, requestKey: newKey() };
  const { data: draft } = await ask('POST', '', made);

  const closed = [await ask('POST', `/${draft.offerId}/close`, {}), await ask('POST', `/${draft.offerId}/close`, {})];
  const again = await ask('POST', '', made);
  const next = await createOffer(app, floor);
  const { offers } = await data(app, 'GET', `/api/rooms/${floor.roomId}/offers`, floor.token);
  const [stranger] = await buyers(app, 1);
  const seen = await call(app, 'GET', `/api/offers/${draft.offerId}`, { token: stranger!.accessToken });

  expect(closed.map(({ data: { offerId, state } }) => [offerId, state])).toEqual(
    closed.map(() => [draft.offerId, 'ended']),
  );
  expect(again.data).toMatchObject({ offerId: draft.offerId, state: 'ended' });
  expect(next.itemNumber).toBeGreaterThan(draft.itemNumber);
  expect(offers.map(({ offerId }: { offerId: string }) => offerId)).not.toContain(draft.offerId);
  expect((await ask('PATCH', `/${draft.offerId}`, { priceMinor: 1 })).error.reason).toBe('offer-ended');
  expect((await ask('POST', `/${draft.offerId}/open`, {})).error.reason).toBe('offer-ended');
  expect(seen.status).toBe(404);
});

test('an opening that was asked for a moment which has passed meanwhile is answered again', async () => {
  const { offerId } = await createOffer(app, floor);
  const opensAtMs = Date.now() + 1_500;

  const first = await ask('POST', `/${offerId}/open`, { opensAtMs });
  await eventually(async () => Date.now() > opensAtMs);
  const again = await ask('POST', `/${offerId}/open`, { opensAtMs });

  expect([first, again].map(({ data }) => data?.outcome)).toEqual(['opened', 'opened']);
});

test('an edit is at the gate when it is answered, also when an auditor has just looked', async () => {
  const { offerId } = await openOffer(app, floor, { allotmentUnits: 1 });
  const client = await app.platform.db.connect();
  try {
    await client.query('BEGIN');
    await client.query(`SELECT pg_advisory_xact_lock(hashtextextended('nightmarket:gate:' || $1, 0))`, [offerId]);
    const edit = ask('PATCH', `/${offerId}`, { allotmentUnits: 4 });
    await eventually(async () => {
      const sql = 'SELECT FROM offers WHERE offer_id = $1 AND allotment_units = 4';
      return (await app.platform.db.query(sql, [offerId])).rows.length > 0;
    });
    await client.query('COMMIT');

    await edit;
    const gate = createRedisGate(app.platform.redis.commands);
    expect((await gate.inspect({ offerId, roomId: floor.roomId })).left).toBe(4);
  } finally {
    client.release();
  }
});

test('nobody waits for an offer that has ended: not who came in line meanwhile', async () => {
  const { offerId } = await openOffer(app, floor);
  await data(app, 'POST', `/api/rooms/${floor.roomId}/offers/${offerId}/close`, floor.token, {});
  const [late] = await buyers(app, 1);
  await app.platform.db.query('INSERT INTO offer_waiters (offer_id, person_id, units) VALUES ($1, $2, 1)', [
    offerId,
    late!.person.personId,
  ]);

  await eventually(
    async () => {
      const { rows } = await app.platform.db.query('SELECT state FROM offer_waiters WHERE offer_id = $1', [offerId]);
      return rows[0].state === 'missed';
    },
    { deadlineMs: 10_000 },
  );
});

test('who waits in line is told that the offer has ended', async () => {
  const { offerId } = await openOffer(app, floor, { allotmentUnits: 1 });
  const [owner, waiter] = await buyers(app, 2);
  await hold(app, floor, owner!, { offerId, units: 1 });
  const wait = { token: waiter!.accessToken, body: {} };
  await call(app, 'POST', `/api/rooms/${floor.roomId}/offers/${offerId}/wait`, wait);
  const socket = await openSocket(app, waiter!);
  const missed = new Promise((resolve) => socket.once('offer:missed', resolve));

  await ask('POST', `/${offerId}/close`, {});

  expect(await missed).toEqual({ roomId: floor.roomId, offerId });
  socket.close();
});

describe('a process that dies before it has told the room', () => {
  const entriesOf = async (offerId: string, kind: string): Promise<number> => {
    const sql = `SELECT FROM room_log_entries WHERE room_id = $1 AND kind = $2 AND body->>'offerId' = $3`;
    return (await app.platform.db.query(sql, [floor.roomId, kind, offerId])).rows.length;
  };
  const wasLongAgo = (offerId: string) =>
    app.platform.db.query(`UPDATE offers SET untold_since = now() - interval '1 minute' WHERE offer_id = $1`, [
      offerId,
    ]);
  const isTold = async (offerId: string): Promise<boolean> => {
    const sql = 'SELECT FROM offers WHERE offer_id = $1 AND untold_since IS NULL';
    return (await app.platform.db.query(sql, [offerId])).rows.length === 1;
  };

  test('leaves an opening that a worker finishes: the gate sells, the room hears of it', async () => {
    const { offerId } = await createOffer(app, floor, { allotmentUnits: 5 });
    // What the opening commits before anything else happens.
    await app.platform.db.query(
      `UPDATE offers SET state = 'open', supply_units = 5, opens_at = now(), epoch = nextval('offer_epochs') WHERE offer_id = $1`,
      [offerId],
    );
    await wasLongAgo(offerId);

    await eventually(() => isTold(offerId));
    const [buyer] = await buyers(app, 1);
    await hold(app, floor, buyer!, { offerId, units: 1 });
    await eventually(async () => (await announcementsOf(offerId)) === 1);
  });

  test('leaves an edit that a worker tells of; one that was told is not told again', async () => {
    const { offerId } = await openOffer(app, floor);
    await ask('PATCH', `/${offerId}`, { priceMinor: 650 });
    await ask('POST', `/${offerId}/pin`, { streamMs: null });
    await ask('POST', `/${offerId}/unpin`, {});
    expect(await isTold(offerId)).toBe(true);
    // What an edit commits before anything else happens.
    await app.platform.db.query(
      `UPDATE offers SET price_minor = 600, untold_since = now() - interval '1 minute', untold_change = true WHERE offer_id = $1`,
      [offerId],
    );

    await eventually(() => isTold(offerId));
    await eventually(async () => (await entriesOf(offerId, 'offer:changed')) === 2);
    const sql = `SELECT body->>'priceMinor' AS price FROM room_log_entries WHERE room_id = $1 AND kind = 'offer:changed'
      AND body->>'offerId' = $2 ORDER BY at`;
    const { rows } = await app.platform.db.query<{ price: string }>(sql, [floor.roomId, offerId]);
    expect(rows.map(({ price }) => price)).toEqual(['650', '600']);
    expect(await announcementsOf(offerId)).toBe(1);
  });

  test('leaves an opening that an edit tells of, before its own change', async () => {
    const { offerId } = await createOffer(app, floor, { allotmentUnits: 5 });
    await app.platform.db.query(
      `UPDATE offers SET state = 'open', supply_units = 5, opens_at = now(), epoch = nextval('offer_epochs'), untold_since = now()
       WHERE offer_id = $1`,
      [offerId],
    );

    await ask('PATCH', `/${offerId}`, { priceMinor: 650 });

    expect(await isTold(offerId)).toBe(true);
    await eventually(async () => (await entriesOf(offerId, 'offer:changed')) === 1);
    expect(await announcementsOf(offerId)).toBe(1);
  });

  test('leaves another order of the list that a worker tells of', async () => {
    const { db } = app.platform;
    const show = await openShopFloor(app);
    const { offerId } = await openOffer(app, show);
    await db.query(`INSERT INTO offer_orders_untold (room_id, since) VALUES ($1, now() - interval '1 minute')`, [
      show.roomId,
    ]);

    const told = `SELECT body->'offerIds' AS ids FROM room_log_entries WHERE room_id = $1 AND kind = 'offer:ordered'`;
    await eventually(async () => (await db.query(told, [show.roomId])).rows[0]);
    expect((await db.query(told, [show.roomId])).rows).toEqual([{ ids: [offerId] }]);
    expect((await db.query('SELECT FROM offer_orders_untold WHERE room_id = $1', [show.roomId])).rowCount).toBe(0);
  });

  test('leaves a pin of something sold out that a worker takes away', async () => {
    const { offerId } = await openOffer(app, floor, { allotmentUnits: 1 });
    const [buyer] = await buyers(app, 1);
    await hold(app, floor, buyer!, { offerId, units: 1 });
    await app.platform.db.query(`UPDATE offers SET pinned_at = now() - interval '1 minute' WHERE offer_id = $1`, [
      offerId,
    ]);

    await eventually(async () => (await entriesOf(offerId, 'offer:unpinned')) === 1);
  });

  test('leaves an end that came while an edit was on its way to the room', async () => {
    const { offerId } = await openOffer(app, floor);
    const { db } = app.platform;
    const loader = await db.connect();
    // A gate that is lost has to be loaded.
    await app.platform.redis.commands.del(`nm:v1:{room:${floor.roomId}}:offer:${offerId}:gate`);
    await loader.query(`SELECT pg_advisory_lock(hashtextextended('nightmarket:gate:' || $1, 0))`, [offerId]);
    const edited = ask('PATCH', `/${offerId}`, { priceMinor: 650 });
    await eventually(async () => !(await isTold(offerId)));
    // What an end commits before anything else happens.
    await db.query(
      `UPDATE offers SET state = 'closed', closed_at = now(), epoch = nextval('offer_epochs'), untold_since = now(),
         untold_change = false, withdrawn_units = supply_units - held_units - sold_units WHERE offer_id = $1`,
      [offerId],
    );
    loader.release(true);

    expect((await edited).data.state).toBe('ended');
    expect(await isTold(offerId)).toBe(false);
    await wasLongAgo(offerId);
    await eventually(async () => (await entriesOf(offerId, 'offer:ended')) === 1);
    await eventually(() => isTold(offerId));
  });

  test('leaves an end that a worker tells of, once', async () => {
    const { offerId } = await openOffer(app, floor);
    await ask('POST', `/${offerId}/close`, {});
    await eventually(() => isTold(offerId));
    const [waiter] = await buyers(app, 1);
    await app.platform.db.query(
      `INSERT INTO offer_waiters (offer_id, person_id, units, state) VALUES ($1, $2, 1, 'missed')`,
      [offerId, waiter!.person.personId],
    );
    const socket = await openSocket(app, waiter!);
    const missed = new Promise((resolve) => socket.once('offer:missed', resolve));

    await wasLongAgo(offerId);

    expect(await missed).toEqual({ roomId: floor.roomId, offerId });
    await eventually(() => isTold(offerId));
    await eventually(async () => (await entriesOf(offerId, 'offer:unpinned')) === 1);
    expect(await entriesOf(offerId, 'offer:ended')).toBe(1);
    socket.close();
  });

  test('leaves a stopped gate that sells again', async () => {
    const { offerId } = await openOffer(app, floor);
    const { rows } = await app.platform.db.query('SELECT epoch FROM offers WHERE offer_id = $1', [offerId]);
    await createRedisGate(app.platform.redis.commands).stop({ offerId, roomId: floor.roomId }, rows[0].epoch);
    const [buyer] = await buyers(app, 1);

    // Nobody is told meanwhile that it has ended.
    expect((await buyPatiently(app, floor, buyer!, { offerId, units: 1 })).outcome).toBe('held');
  });
});

test('the list shows all that are not over, and the newest of those that are', async () => {
  const { db } = app.platform;
  const other = await openShopFloor(app);
  const { offerId } = await openOffer(app, other);
  await db.query(
    `INSERT INTO offers (offer_id, room_id, host_id, merchant_id, sku_id, product_id, kind, item_number, position, title, currency,
       price_minor, list_price_minor, limit_units, allotment_units, state, closed_at)
     SELECT gen_random_uuid(), room_id, host_id, merchant_id, sku_id, product_id, kind, 1000 - n, n, title, currency,
       price_minor, list_price_minor, limit_units, allotment_units, 'closed', now() + n * interval '1 s'
     FROM generate_series(1, 300) n, offers WHERE offer_id = $1`,
    [offerId],
  );

  const { offers } = await data(app, 'GET', `/api/rooms/${other.roomId}/offers`, other.token);

  expect(offers).toHaveLength(201);
  expect(offers[0]).toMatchObject({ offerId, state: 'open' });
  expect(Math.max(...offers.slice(1).map(({ itemNumber }: { itemNumber: number }) => itemNumber))).toBe(899);
});

test('all open offers are seen, however many there are', async () => {
  const { db } = app.platform;
  const client = await db.connect();
  try {
    await client.query('BEGIN');
    await client.query(
      `INSERT INTO offers (offer_id, room_id, host_id, merchant_id, sku_id, product_id, kind, item_number, position, title, currency,
         price_minor, list_price_minor, limit_units, allotment_units, state, opens_at)
       SELECT gen_random_uuid(), gen_random_uuid(), host_id, merchant_id, sku_id, product_id, kind, n, n, title, currency,
         price_minor, list_price_minor, limit_units, allotment_units, 'open', now()
       FROM generate_series(1, 2500) n, (SELECT * FROM offers LIMIT 1) o`,
    );
    const seen = new Set<string>();
    for await (const some of createOfferTermsStore(client).open()) some.forEach(({ offerId }) => seen.add(offerId));

    const { rows } = await client.query(`SELECT count(*)::int AS count FROM offers WHERE state = 'open'`);
    expect(seen.size).toBe(rows[0].count);
    expect(seen.size).toBeGreaterThanOrEqual(2_500);
  } finally {
    await client.query('ROLLBACK');
    client.release();
  }
});
