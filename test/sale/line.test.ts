import { afterAll, beforeAll, expect, test } from 'vitest';
import type { App } from '../../server/app/app.ts';
import type { Session } from '../../shared/protocol/session.ts';
import { call, freshStores, openSocket, startTestApp } from '../support/app.ts';
import { startChildGateway } from '../support/child-gateway.ts';
import { eventually } from '../support/eventually.ts';
import { holdLook } from '../support/hold-look.ts';
import { buyers, data, hold, openOffer, openShopFloor, type ShopFloor } from './shop-floor.ts';

let stores: Awaited<ReturnType<typeof freshStores>>;
let app: App;
let floor: ShopFloor;
beforeAll(async () => {
  stores = await freshStores();
  app = await startTestApp(stores);
  floor = await openShopFloor(app, { units: 10_000 });
});
afterAll(() => app.close());

/** An offer of one unit that is sold, and people in line for it who want so many units each. */
async function lineFor(wishes: readonly number[]): Promise<{ offerId: string; people: Session[] }> {
  const { offerId } = await openOffer(app, floor, { allotmentUnits: 1, limitUnits: 5 });
  const [owner, ...people] = await buyers(app, wishes.length + 1);
  await hold(app, floor, owner!, { offerId, units: 1 });
  for (const [i, units] of wishes.entries())
    await data(app, 'POST', `/api/rooms/${floor.roomId}/offers/${offerId}/wait`, people[i]!.accessToken, { units });
  return { offerId, people };
}

const allot = (offerId: string, allotmentUnits: number) =>
  call(app, 'PATCH', `/api/rooms/${floor.roomId}/offers/${offerId}`, { body: { allotmentUnits }, token: floor.token });

type Served = { state: string; units: number | null; write: string };
/** In the order of the line. `write`: the transaction that ended their waiting. */
const served = async (offerId: string): Promise<Served[]> => {
  const sql = `
    SELECT w.state, w.xmin::text AS write, (SELECT units FROM order_lines l WHERE l.order_id = w.order_id) AS units
    FROM offer_waiters w WHERE offer_id = $1 ORDER BY ticket`;
  return (await app.platform.db.query<Served>(sql, [offerId])).rows;
};
const holds = async (offerId: string): Promise<number> =>
  (
    await app.platform.db.query(
      `SELECT count(*)::int AS count FROM orders JOIN order_lines USING (order_id) WHERE offer_id = $1 AND state = 'held'`,
      [offerId],
    )
  ).rows[0].count;

/** What the ledger has when the process that served the line dies: the order of the owner is one under the key of the first place. */
const holdForFirst = (offerId: string) =>
  app.platform.db.query(
    `UPDATE orders SET buyer_id = w.person_id, request_key = E'\twaiting:' || w.ticket
     FROM order_lines l, (SELECT * FROM offer_waiters WHERE offer_id = $1 ORDER BY ticket LIMIT 1) w
     WHERE l.offer_id = w.offer_id AND orders.order_id = l.order_id`,
    [offerId],
  );

test('a line is served together as far as its units reach', async () => {
  const { offerId } = await lineFor(Array.from({ length: 30 }, () => 1));
  await allot(offerId, 26);

  const line = await eventually(async () => {
    const rows = await served(offerId);
    return rows.filter(({ state }) => state === 'served').length === 25 && rows;
  });
  expect(line.map(({ state }) => state)).toEqual(line.map((_, i) => (i < 25 ? 'served' : 'waiting')));
  expect(new Set(line.slice(0, 25).map(({ write }) => write)).size).toBeLessThan(5);
  expect(await holds(offerId)).toBe(26);
});

test('nobody gets what somebody before them wants: the first whose wish is too large takes what is left', async () => {
  const { offerId } = await lineFor([2, 2, 1]);
  await allot(offerId, 4);

  const line = await eventually(async () => {
    const rows = await served(offerId);
    return rows[1]!.state === 'served' && rows;
  });
  expect(line.map(({ units }) => units)).toEqual([2, 1, null]);
});

test('an offer that ends when whoever held units for the first in line died before they noted it: the first is told so, the next missed it', async () => {
  const { offerId, people } = await lineFor([1, 1]);
  const letServe = await holdLook(app, 'serve waiting');
  const sockets = await Promise.all(people.map((person) => openSocket(app, person)));
  const told = sockets.map((socket) => {
    const kinds: string[] = [];
    socket.onAny((kind: string) => kind.startsWith('offer:') && kinds.push(kind));
    return kinds;
  });
  await holdForFirst(offerId);

  await data(app, 'POST', `/api/rooms/${floor.roomId}/offers/${offerId}/close`, floor.token, {});
  expect((await served(offerId)).map(({ state }) => state)).toEqual(['waiting', 'missed']);
  await letServe();

  await eventually(() => told.every((kinds) => kinds.length > 0));
  expect(told).toEqual([['offer:served'], ['offer:missed']]);
  expect((await served(offerId)).map(({ state, units }) => ({ state, units }))).toEqual([
    { state: 'served', units: 1 },
    { state: 'missed', units: null },
  ]);
  sockets.forEach((socket) => socket.close());
});

test('who leaves when whoever held units for them died before they noted it has no order: the units are not theirs', async () => {
  const { offerId, people } = await lineFor([1]);
  const letServe = await holdLook(app, 'serve waiting');
  await holdForFirst(offerId);

  const left = await data(app, 'DELETE', `/api/rooms/${floor.roomId}/offers/${offerId}/wait`, people[0]!.accessToken);
  expect(left).toEqual({ left: true });
  expect(await holds(offerId)).toBe(1);
  await letServe();

  // Nobody waits any more.
  await eventually(async () => (await holds(offerId)) === 0);
  const why = `SELECT e.kind, e.reason, e.person_id AS "personId" FROM order_events e JOIN order_lines l USING (order_id)
    WHERE l.offer_id = $1 ORDER BY event_id DESC LIMIT 1`;
  const { rows } = await app.platform.db.query(why, [offerId]);
  expect(rows).toEqual([{ kind: 'cancelled', reason: 'left the line', personId: people[0]!.person.personId }]);
});

test('a process killed while it serves a line: nobody is served twice or skipped', async () => {
  const { offerId } = await lineFor(Array.from({ length: 8 }, () => 1));
  // Its worker serves lines too; so the first commit of orders may be this one's.
  const dying = await startChildGateway(stores, { CRASH_AT: 'after-commit-before-answer' });
  await allot(offerId, 6);
  const served5 = async () => (await served(offerId)).filter(({ state }) => state === 'served').length === 5;
  await eventually(served5);
  await dying.kill();

  const line = await served(offerId);
  expect(line.map(({ state }) => state)).toEqual(line.map((_, i) => (i < 5 ? 'served' : 'waiting')));
  expect(await holds(offerId)).toBe(6);
}, 60_000);
