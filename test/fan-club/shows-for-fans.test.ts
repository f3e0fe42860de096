import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createFanClubStore } from '../../server/features/fan-club/fan-clubs.pg.ts';
import { createPutOuts } from '../../server/features/moderation/put-outs.pg.ts';
import type { CommandName } from '../../shared/protocol/index.ts';
import { ask, luckyBag, nonce, type Person } from '../giveaway/show.ts';
import { call, send } from '../support/app.ts';
import { eventually } from '../support/eventually.ts';
import { twoGatewaysOfFans, watch, type Group, type Seen } from './club.ts';

let house: Awaited<ReturnType<typeof twoGatewaysOfFans>>;
beforeAll(async () => {
  house = await twoGatewaysOfFans();
});
afterAll(() => house.close());

const forFans = { ok: false, error: expect.objectContaining({ code: 'FORBIDDEN', reason: 'fans-only' }) };
const conflict = (reason: string) => ({ ok: false, error: expect.objectContaining({ code: 'CONFLICT', reason }) });
const key = () => nonce();
const say = ({ socket }: Pick<Person, 'socket'>, roomId: string, text: string) =>
  send(socket, 'chat:send', { roomId, text, requestKey: key() });
const heard = (seen: Seen[]) => seen.filter(({ kind }) => kind === 'chat:message').map(({ body }) => body['text']);
const putOut = (seen: Seen[]) => seen.filter(({ kind }) => kind === 'room:removed').map(({ body }) => body);
const poster = async (roomId: string) => (await call(house.other, 'GET', `/api/rooms/${roomId}/poster`)).body;

/** An offer that the host of a show has opened in it, and shows. */
async function pinnedOffer(host: Group): Promise<{ offerId: string; productId: string }> {
  await ask(host, 'shop:open', { name: 'Tea house', currency: 'EUR' });
  const product = await ask(host, 'product:add', {
    shopId: host.clubId,
    title: { en: 'Secret tea' },
    skus: [{ priceMinor: 1_000, units: 10 }],
    requestKey: key(),
  });
  const { roomId } = host;
  const terms = { roomId, skuId: product.skus[0]!.skuId, kind: 'cart' as const, priceMinor: 700, allotmentUnits: 5 };
  const { offerId } = await ask(host, 'offer:create', { ...terms, requestKey: key() });
  await ask(host, 'offer:open', { roomId, offerId });
  await ask(host, 'offer:pin', { roomId, offerId });
  return { offerId, productId: product.productId };
}

describe('who is no fan', () => {
  test('is refused whatever they ask of the show, by a reason that says how to come in; the poster and the list tell that it is on, and nothing that is shown there', async () => {
    const show = await house.hostWithShow();
    const { roomId, clubId } = show;
    const { offerId, productId } = await pinnedOffer(show);
    await ask(show, 'room:edit', { roomId, productIds: [productId] });
    const stranger = await house.person(house.other);

    const asked: [CommandName, object][] = [
      ...(['room:get', 'room:join', 'room:audience', 'chat:history', 'chat:state', 'offer:list'] as const).map(
        (name): [CommandName, object] => [name, { roomId }],
      ),
      ...(['giveaway:list', 'media:status', 'media:watch-grant', 'fan-club:share'] as const).map(
        (name): [CommandName, object] => [name, { roomId }],
      ),
      ['room:like', { roomId, tally: key(), likes: 1 }],
      ['chat:send', { roomId, text: 'let me in', requestKey: key() }],
      ['offer:get', { offerId }],
      ['offer:buy', { roomId, lines: [{ offerId, units: 1 }], requestKey: key() }],
      ['offer:wait', { roomId, offerId, units: 1 }],
      ['cart:put', { roomId, offerId, units: 1 }],
      ['media:transport', { roomId, direction: 'watch' }],
    ];
    for (const [name, input] of asked)
      expect([name, await send(stranger.socket, name, input as never)]).toEqual([name, forFans]);
    expect((await call(house.app, 'GET', `/api/offers/${offerId}`)).body).toEqual(forFans);

    const told = { roomId, title: 'Fans’ night', openTo: 'fans', state: 'live', productIds: [], pinned: null };
    expect((await poster(roomId)).data).toMatchObject(told);
    const listed = await ask(stranger, 'room:list', { hostId: clubId });
    expect(listed.rooms).toMatchObject([told]);
    expect(await ask(show, 'room:get', { roomId })).toMatchObject({
      productIds: [productId],
      pinned: { priceMinor: 700 },
    });
  });

  test('is told nothing new of a club, and a poster is of a show alone', async () => {
    const group = await house.hostWithGroup();
    const rehearsal = await ask(group, 'room:create', { title: 'Dry run', rehearsal: true, openTo: 'fans' });
    const fan = await house.memberIn(group);

    for (const roomId of [group.roomId, rehearsal.roomId])
      expect(await poster(roomId)).toMatchObject({ error: { code: 'NOT_FOUND' } });
    expect(await send(fan.socket, 'room:join', { roomId: rehearsal.roomId })).toMatchObject({
      error: expect.not.objectContaining({ reason: 'fans-only' }),
    });
  });

  test('comes in as soon as they are a member, on the gateway where they joined and on the other', async () => {
    const { clubId, roomId } = await house.hostWithShow();
    const [here, there] = [await house.person(house.app), await house.person(house.other)];
    for (const one of [here, there]) expect(await send(one.socket, 'room:join', { roomId })).toEqual(forFans);

    await ask(here, 'fan-club:join', { clubId });
    await ask(here, 'room:join', { roomId });
    // Whose membership began by another gateway than the one that said no.
    await createFanClubStore(house.db).join(clubId, [{ personId: there.personId, asks: false }], Date.now());

    await eventually(async () => (await send(there.socket, 'room:join', { roomId })).ok);
  });

  test('is told on all devices when the host lets them in', async () => {
    const show = await house.hostWithShow({ joinRule: 'approval' });
    const { clubId, roomId } = show;
    const asking = await house.person(house.other);
    const told: unknown[] = [];
    asking.socket.on('fan-club:own', (own) => told.push(own));

    expect((await ask(asking, 'fan-club:join', { clubId })).outcome).toBe('asked');
    expect(await send(asking.socket, 'room:join', { roomId })).toEqual(forFans);
    await ask(show, 'fan-club:decide', { clubId, personId: asking.personId, accept: true });

    await eventually(() => told.length === 2);
    expect(told).toEqual([
      { clubId, state: 'asked' },
      { clubId, state: 'member' },
    ]);
    await eventually(async () => (await send(asking.socket, 'room:join', { roomId })).ok);
  });
});

describe('whose membership ends', () => {
  /** The show goes on, and who is not in it any more hears nothing of it, nor comes back. */
  async function isDeafTo(fan: Pick<Person, 'socket'> & { seen: Seen[] }, show: Group): Promise<void> {
    const { roomId } = show;
    await eventually(() => putOut(fan.seen).length > 0, { deadlineMs: 15_000 });
    const witness = await house.memberIn(show);
    await say(show, roomId, 'only for fans');
    await eventually(() => heard(witness.seen).includes('only for fans'));

    expect(putOut(fan.seen)).toEqual([{ roomId, reason: 'not_member' }]);
    expect(heard(fan.seen)).toEqual([]);
    expect(await send(fan.socket, 'room:join', { roomId })).toEqual(forFans);
    expect(await say(fan, roomId, 'still here')).toEqual(forFans);
  }

  test('is put out on both gateways when they leave', async () => {
    const show = await house.hostWithShow();
    const [fan, second] = [await house.memberIn(show, house.app), await house.memberIn(show, house.other)];

    for (const one of [fan, second]) await ask(one, 'fan-club:leave', { clubId: show.clubId });

    for (const one of [fan, second]) await isDeafTo(one, show);
  });

  test('is put out when the host puts them out of the club, which counts as kept away from a giveaway of the show', async () => {
    const show = await house.hostWithShow();
    const { clubId, roomId } = show;
    const fan = await house.memberIn(show);
    const { roomId: openRoomId } = await ask(show, 'room:create', { title: 'For all' });

    await ask(show, 'fan-club:decide', { clubId, personId: fan.personId, accept: false });

    await isDeafTo(fan, show);
    const since = (of: string) => createPutOuts(house.db).since({ hostId: clubId, roomId: of }, 0);
    expect(await since(roomId)).toMatchObject([{ personId: fan.personId, untilMs: null }]);
    expect(await since(openRoomId)).toEqual([]);
  });

  test('is put out within seconds when the process that ended it died before it could say so', async () => {
    const show = await house.hostWithShow();
    const fan = await house.memberIn(show);

    await createFanClubStore(house.db).leave(show.clubId, fan.personId, Date.now());

    await isDeafTo(fan, show);
  });

  test('keeps what they hold: the order is read, and paid', async () => {
    const show = await house.hostWithShow();
    const { offerId } = await pinnedOffer(show);
    const { roomId, clubId } = show;
    const fan = await house.memberIn(show);
    const bought = await eventually(async () => {
      const reply = await send(fan.socket, 'offer:buy', { roomId, lines: [{ offerId, units: 1 }], requestKey: key() });
      return reply.ok && reply.data.outcome === 'held' ? reply.data.order : null;
    });

    await ask(fan, 'fan-club:leave', { clubId });
    await eventually(() => putOut(fan.seen).length > 0);

    const { orderId } = bought;
    const home = { recipient: 'Vic', phone: '+34 600 000 000', country: 'ES', city: 'Madrid', street: 'Calle Mayor 1' };
    const { addressId } = await ask(fan, 'address:add', { ...home, requestKey: key() });
    expect(await ask(fan, 'order:read', { orderId })).toMatchObject({ state: 'held' });
    await ask(fan, 'order:choose-delivery', { orderId, addressId });
    expect(await ask(fan, 'payment:start', { orderId })).toMatchObject({ outcome: 'started' });
  });

  test('stays as staff, and as co-host; whoever is neither any more is put out', async () => {
    const show = await house.hostWithShow();
    const { clubId, roomId } = show;
    const helper = await house.memberIn(show);
    await ask(show, 'room:set-staff', { roomId, personId: helper.personId, role: 'moderator' });
    await ask(helper, 'fan-club:leave', { clubId });
    // No fan at all: the invitation lets them in.
    const guestStar = await house.person(house.other);
    const seen = watch(guestStar.socket);
    expect(await send(guestStar.socket, 'media:accept', { roomId })).toEqual(forFans);
    const isInvited = new Promise((resolve) => guestStar.socket.once('media:invited', resolve));
    expect(await ask(show, 'media:invite', { roomId, personId: guestStar.personId })).toEqual({ outcome: 'invited' });
    expect(await isInvited).toEqual({ roomId }); // At the door they hear nothing that is told in the room.
    await eventually(async () => (await send(guestStar.socket, 'room:join', { roomId })).ok);
    expect(await ask(guestStar, 'media:accept', { roomId })).toEqual({ outcome: 'accepted' });
    await say(show, roomId, 'welcome');
    await eventually(() => heard(seen).includes('welcome') && heard(helper.seen).includes('welcome'));
    expect([putOut(seen), putOut(helper.seen)]).toEqual([[], []]);

    await ask(guestStar, 'media:decline', { roomId });
    await ask(show, 'room:set-staff', { roomId, personId: helper.personId, role: null });

    for (const one of [{ ...guestStar, seen }, helper])
      await eventually(() => putOut(one.seen).length > 0, { deadlineMs: 15_000 });
    expect([putOut(seen), putOut(helper.seen)]).toEqual(Array(2).fill([{ roomId, reason: 'not_member' }]));
  });
});

describe('whom a show is open to', () => {
  test('a host without a club has no fans: refused when it is made, and when it is edited', async () => {
    const host = await house.person();
    const { roomId } = await ask(host, 'room:create', { title: 'Tea' });

    expect(await send(host.socket, 'room:create', { title: 'Fans', openTo: 'fans' })).toEqual(conflict('no-club'));
    expect(await send(host.socket, 'room:edit', { roomId, openTo: 'fans' })).toEqual(conflict('no-club'));
    await ask(host, 'fan-club:set', { clubId: host.personId });
    expect(await ask(host, 'room:edit', { roomId, openTo: 'fans' })).toMatchObject({ openTo: 'fans' });
  });

  test('may change before the start: who waits there and is no fan is put out, and comes in when it is opened to everybody', async () => {
    const host = await house.hostWithClub();
    const { roomId } = await ask(host, 'room:create', { title: 'Tea' });
    const stranger = await house.person(house.other);
    const seen = watch(stranger.socket);
    await ask(stranger, 'room:join', { roomId });

    await ask(host, 'room:edit', { roomId, openTo: 'fans' });
    await eventually(() => putOut(seen).length > 0, { deadlineMs: 15_000 });
    expect(putOut(seen)).toEqual([{ roomId, reason: 'not_member' }]);
    await ask(host, 'room:edit', { roomId, openTo: 'everyone' });

    await eventually(async () => (await send(stranger.socket, 'room:join', { roomId })).ok);
  });

  test('does not change once it has begun, nor while a giveaway is open there; saying it again changes nothing', async () => {
    const host = await house.hostWithClub();
    const { roomId } = await ask(host, 'room:create', { title: 'Tea' });
    const bag = await ask(host, 'giveaway:publish', luckyBag(roomId, Date.now()));
    const edit = (openTo: 'everyone' | 'fans') => send(host.socket, 'room:edit', { roomId, openTo });

    expect(await edit('fans')).toEqual(conflict('entries-open'));
    await ask(host, 'giveaway:cancel', { giveawayId: bag.giveawayId, reason: 'not tonight' });
    expect(await edit('fans')).toMatchObject({ ok: true });
    await ask(host, 'room:start', { roomId });

    expect(await edit('everyone')).toEqual(conflict('room-state'));
    expect(await edit('fans')).toMatchObject({ ok: true, data: { openTo: 'fans' } });
    expect(await ask(host, 'room:edit', { roomId, title: 'More tea' })).toMatchObject({ openTo: 'fans' });
  });

  test('does not change behind a giveaway that is published in the same moment', async () => {
    const host = await house.hostWithClub();
    const { roomId } = await ask(host, 'room:create', { title: 'Tea' });
    const bag = await ask(host, 'giveaway:publish', luckyBag(roomId, Date.now()));
    await ask(host, 'giveaway:cancel', { giveawayId: bag.giveawayId, reason: 'not yet' });
    const client = await house.db.connect();
    await client.query('BEGIN');
    await client.query('SELECT FROM rooms WHERE room_id = $1 FOR UPDATE', [roomId]); // As whoever publishes.
    const publish = `UPDATE giveaways SET state = 'published', cancel_reason = NULL, ended_at = NULL WHERE giveaway_id = $1`;
    await client.query(publish, [bag.giveawayId]);

    const edited = send(host.socket, 'room:edit', { roomId, openTo: 'fans' });
    const waiting = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
    await eventually(async () => (await house.db.query(waiting)).rowCount);
    await client.query('COMMIT');
    client.release();

    expect(await edited).toEqual(conflict('entries-open'));
  });

  test('says also who is told that it begins: of the followers those who are fans, who helps, and who accepted to be on camera', async () => {
    const host = await house.hostWithClub();
    const { clubId } = host;
    const { roomId } = await ask(host, 'room:create', { title: 'Tea', openTo: 'fans' });
    const [fan, helper, coHost, invited, stranger] = await Promise.all(Array.from({ length: 5 }, () => house.person()));
    await ask(fan!, 'fan-club:join', { clubId });
    await ask(host, 'room:set-staff', { roomId, personId: helper!.personId, role: 'moderator' });
    await house.db.query(
      `INSERT INTO co_hosts (room_id, person_id, invited_at, accepted_at) VALUES ($1, $2, now(), now()), ($1, $3, now(), NULL)`,
      [roomId, coHost!.personId, invited!.personId],
    );
    for (const one of [fan, helper, coHost, invited, stranger]) await ask(one!, 'follow:start', { hostId: clubId });
    expect(await send(stranger!.socket, 'reminder:bell', { roomId, on: true })).toEqual(forFans);
    const second = await ask(host, 'room:create', { title: 'For all' });

    for (const one of [roomId, second.roomId]) await ask(host, 'room:start', { roomId: one });

    const told = async (one: Person) =>
      (await ask(one, 'reminder:list', {})).notifications.map((notice) => notice.title).toSorted();
    for (const one of [fan, helper, coHost]) await eventually(async () => (await told(one!)).length === 2);
    for (const one of [invited, stranger]) await eventually(async () => (await told(one!)).length > 0);
    expect(await Promise.all([invited, stranger].map((one) => told(one!)))).toEqual([['For all'], ['For all']]);
  });

  test('keeps nobody from hearing that it is off who was told of it when it was for everybody', async () => {
    const host = await house.hostWithClub();
    const { clubId } = host;
    const [told, stranger] = [await house.person(), await house.person()];
    await ask(told, 'follow:start', { hostId: clubId });
    const scheduledAtMs = Date.now() + 2 * 3_600_000;
    const { roomId } = await ask(host, 'room:create', { title: 'Tea', scheduledAtMs });
    const kinds = async (one: Person) => (await ask(one, 'reminder:list', {})).notifications.map(({ kind }) => kind);
    await eventually(async () => (await kinds(told)).includes('show-soon'));

    await ask(host, 'room:edit', { roomId, openTo: 'fans' });
    await ask(stranger, 'follow:start', { hostId: clubId });
    await ask(host, 'room:cancel', { roomId });

    await eventually(async () => (await kinds(told)).includes('show-cancelled'));
    expect(await kinds(stranger)).toEqual([]);
  });
});
