import type { Socket } from 'socket.io-client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { App } from '../../server/app/app.ts';
import { createThanks } from '../../server/features/fan-club/thanks.ts';
import { createPurchaseLookup } from '../../server/features/orders/purchases.pg.ts';
import { createFanPointsStore } from '../../server/features/fan-club/fan-points.pg.ts';
import { decay, pointRules, thankedOrderMinorMin } from '../../shared/fan-levels.ts';
import { newId } from '../../shared/ids.ts';
import type { Room } from '../../shared/protocol/room.ts';
import type { Session } from '../../shared/protocol/session.ts';
import { atPayPage, chooseDelivery, data, orderIs, startPayment, type Buyer } from '../payments/till.ts';
import { buyPatiently, newKey, openOffer, openShopFloor, type ShopFloor } from '../sale/shop-floor.ts';
import { account, freshStores, openSocket, startTestApp } from '../support/app.ts';
import { eventually } from '../support/eventually.ts';
import { ask } from '../giveaway/show.ts';

let app: App;
let floor: ShopFloor;
let clubId: string;
const sockets: Socket[] = [];

beforeAll(async () => {
  app = await startTestApp(await freshStores());
  floor = await openShopFloor(app);
  clubId = floor.host.person.personId;
  await data(app, 'PUT', `/api/fan-clubs/${clubId}`, floor.token, {});
});
afterAll(async () => {
  sockets.forEach((socket) => socket.close());
  await app.close();
});

async function member(): Promise<{ session: Session; socket: Socket; personId: string }> {
  const session = await account(app);
  const socket = await openSocket(app, session);
  sockets.push(socket);
  await ask({ socket }, 'fan-club:join', { clubId });
  return { session, socket, personId: session.person.personId };
}

const rowsOf = async (fan: { socket: Socket }) => (await ask(fan, 'fan-club:points', { clubId })).rows;

test('a like and a share in the room of the host give a member points, once for the same minute and hour', async () => {
  const fan = await member();
  const { roomId } = floor;

  for (const likes of [3, 9]) await ask(fan, 'room:like', { roomId, tally: `tally of ${fan.personId}`, likes });
  expect(await ask(fan, 'fan-club:share', { roomId })).toEqual({ counted: true });
  const again = await ask(fan, 'fan-club:share', { roomId });

  const rows = await eventually(async () => {
    const found = await rowsOf(fan);
    return found.some(({ source }) => source === 'like') ? found : null;
  });
  const given = (wanted: string) =>
    rows.filter(({ source }) => source === wanted).reduce((sum, row) => sum + row.delta, 0);
  // The minute, or the hour, may have turned between two calls.
  expect([pointRules.like.each, 2 * pointRules.like.each]).toContain(given('like'));
  expect([pointRules.share.each, 2 * pointRules.share.each]).toContain(given('share'));
  expect(again.counted).toBe(given('share') === 2 * pointRules.share.each);
});

test('a share by somebody who is no member gives nothing', async () => {
  const session = await account(app);
  const socket = await openSocket(app, session);
  sockets.push(socket);

  expect(await ask({ socket }, 'fan-club:share', { roomId: floor.roomId })).toEqual({ counted: false });
});

test('a rehearsal gives a member who helps in it no points, for nothing they do or say', async () => {
  const fan = await member();
  const { roomId } = await data(app, 'POST', '/api/rooms', floor.token, { title: 'Dry run', rehearsal: true });
  await data(app, 'PUT', `/api/rooms/${roomId}/staff/${fan.personId}`, floor.token, { role: 'moderator' });
  const say = (at: string) => ask(fan, 'chat:send', { roomId: at, text: 'hello', requestKey: newKey() });

  await say(roomId);
  await ask(fan, 'room:like', { roomId, tally: `rehearsed by ${fan.personId}`, likes: 5 });
  expect(await ask(fan, 'fan-club:share', { roomId })).toEqual({ counted: false });
  await say(floor.roomId);

  // Rooms are archived in any order: what was said later, and counts, shows that somebody has looked.
  await rowsAre(fan, [{ source: 'comment' }]);
});

/** The member buys and pays. */
async function buys(fan: { session: Session }, wish: { priceMinor?: number; units?: number } = {}): Promise<Buyer> {
  const { offerId } = await openOffer(app, floor, { priceMinor: wish.priceMinor ?? 700, limitUnits: 5 });
  const answer = await buyPatiently(app, floor, fan.session, { offerId, units: wish.units ?? 1 });
  if (answer.outcome !== 'held') throw new Error(answer.outcome);
  const buyer = { session: fan.session, token: fan.session.accessToken, orderId: answer.order.orderId };
  await chooseDelivery(app, buyer.token, buyer.orderId);
  const { payUrl } = await startPayment(app, buyer);
  await atPayPage(app, payUrl!, {});
  await orderIs(app, buyer, 'paid');
  return buyer;
}

const rowsAre = (fan: { socket: Socket }, wanted: object[]) => expect.poll(() => rowsOf(fan)).toMatchObject(wanted);

const thanked = { source: 'buy', delta: pointRules.buy.each };
const refund = (orderId: string, lines?: { lineNumber: number; units: number }[]) =>
  data(app, 'POST', `/api/orders/${orderId}/refunds`, floor.token, {
    ...(lines && { lines }),
    restock: true,
    reason: 'sent back',
    requestKey: newKey(),
  });

test('a paid order gives its buyer points, once; they go with the money, not with a part of it', async () => {
  const fan = await member();
  const { orderId } = await buys(fan, { units: 3 });
  await rowsAre(fan, [{ ...thanked, cause: orderId }]);

  await refund(orderId, [{ lineNumber: 1, units: 2 }]);
  // Jobs begin in their order: when a later order was thanked for, the job of the part has begun too.
  const later = await buys(fan);
  await rowsAre(fan, [{ ...thanked, cause: later.orderId }, thanked]);
  await refund(orderId);

  const takenBack = { source: 'return', delta: -pointRules.buy.each, cause: orderId };
  await rowsAre(fan, [takenBack, { ...thanked, cause: later.orderId }, { ...thanked, cause: orderId }]);
});

test('an order of a few cents is bought and gives no points; one whose money goes back before its buyer is thanked is neither', async () => {
  const fan = await member();
  const purchases = createPurchaseLookup(app.platform.db);
  const counts = async () => [
    await purchases.boughtFrom(clubId, fan.personId),
    (await purchases.buyersAmong(floor.roomId, [fan.personId])).has(fan.personId),
  ];
  const { thankBuyer } = createThanks({
    rooms: { get: async () => ({ hostId: clubId }) as Room },
    membership: { levelOf: async () => 1 },
    spoke: async () => [],
    purchases,
    award: async (deed) => (await points.award([deed], Date.now()))[0]!,
    takeBack: (cause) => points.takeBack(cause, Date.now()),
  });
  const points = createFanPointsStore(app.platform.db);
  const returned = await buys(fan);
  const paidCounts = await counts();
  await rowsAre(fan, [{ ...thanked, cause: returned.orderId }]);
  await refund(returned.orderId);
  await rowsAre(fan, [{ source: 'return' }, thanked]);
  const returnedCounts = await counts();
  const cheap = await buys(fan, { priceMinor: thankedOrderMinorMin - 1 });

  for (const { orderId } of [cheap, returned, cheap]) await thankBuyer(orderId);
  await thankBuyer(newId());

  expect((await rowsOf(fan)).map(({ source }) => source)).toEqual(['return', 'buy']);
  expect([paidCounts, returnedCounts, await counts()]).toEqual([
    [true, true],
    [false, false],
    [true, true],
  ]);
  expect((await ask(fan, 'fan-club:get', { clubId })).own.points).toBe(0);
});

test('money that goes back between the look and the thanks takes the points with it', async () => {
  const fan = await member();
  const points = createFanPointsStore(app.platform.db);
  const orderId = newId();
  let keptMinor = 700;
  const { thankBuyer } = createThanks({
    rooms: { get: async () => ({ hostId: clubId }) as Room },
    membership: { levelOf: async () => 1 },
    spoke: async () => [],
    purchases: { standingOf: async () => ({ roomId: floor.roomId, buyerId: fan.personId, keptMinor }) },
    async award(deed) {
      keptMinor = 0;
      await thankBuyer(orderId); // The refund's own job finds nothing to take back yet.
      return (await points.award([deed], Date.now()))[0]!;
    },
    takeBack: (cause) => points.takeBack(cause, Date.now()),
  });

  await thankBuyer(orderId);

  expect((await rowsOf(fan)).map(({ source, delta }) => [source, delta])).toEqual([
    ['return', -pointRules.buy.each],
    ['buy', pointRules.buy.each],
  ]);
});

test('points go a day after the warning, not before, also when nothing ran in the week before', async () => {
  const fan = await member();
  const points = createFanPointsStore(app.platform.db);
  const startMs = Date.now();
  await points.award([{ clubId, personId: fan.personId, source: 'prize', cause: 'a prize', times: 1_000 }], startMs);
  const dayMs = 86_400_000;
  const lateMs = startMs + 9 * dayMs;
  const left = async () => (await ask(fan, 'fan-club:get', { clubId })).own.points;

  const warnings = await points.takeWarnings(lateMs, 1_000);
  await points.decay(lateMs, 1_000);
  const dayOfWarning = await left();
  await points.decay(lateMs + dayMs, 1_000);

  expect(warnings.find(({ personId }) => personId === fan.personId)).toEqual({
    clubId,
    personId: fan.personId,
    hostName: floor.host.person.name,
    points: 1_000,
    decaysAtMs: lateMs + decay.warnBeforeMs,
  });
  expect(dayOfWarning).toBe(1_000);
  expect(await left()).toBe(950);
});
