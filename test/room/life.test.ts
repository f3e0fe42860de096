import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newId } from '../../shared/ids.ts';
import { account, call } from '../support/app.ts';
import type { Room } from '../../shared/protocol/room.ts';
import type { Session } from '../../shared/protocol/session.ts';
import type { Db } from '../../server/platform/postgres.ts';
import { createRoomStore } from '../../server/features/room/room-store.pg.ts';
import { eventually } from '../support/eventually.ts';
import { luckyBag } from '../giveaway/show.ts';
import { addProduct, data, openOffer, openShopFloor } from '../sale/shop-floor.ts';
import { newKey, twoGateways, type TwoGateways } from './two-gateways.ts';

describe('the life of a room, on two gateways', () => {
  let house: TwoGateways;

  beforeAll(async () => {
    house = await twoGateways();
  });
  afterAll(() => house.close());

  const titles = (body: { data: { rooms: { title: string }[] } }) => body.data.rooms.map(({ title }) => title);
  const states = (seen: readonly { kind: string; body: unknown }[]) =>
    seen.filter(({ kind }) => kind === 'room:changed').map(({ body }) => (body as { state: string }).state);

  test('it begins, pauses, goes on and ends; everybody sees each step, latecomers see what is', async () => {
    const { host, roomId } = await house.show('Spring things');
    const staff = await house.visit(house.here, roomId, host);
    const viewer = await house.visit(house.there, roomId);
    for (const verb of ['start', 'pause', 'resume', 'end'] as const)
      await staff.client.request(`room:${verb}`, { roomId });

    await eventually(() => states(viewer.seen).at(-1) === 'ended');
    const latecomer = await house.visit(house.there, roomId);
    const { snapshot } = await latecomer.client.request('room:join', { roomId });

    expect(states(viewer.seen)).toEqual(['scheduled', 'live', 'paused', 'live', 'ended']);
    expect(snapshot?.room).toMatchObject({ state: 'ended', title: 'Spring things' });
    await expect(staff.client.request('room:start', { roomId })).rejects.toMatchObject({ code: 'CONFLICT' });
    const afterwards = { roomId, text: 'One more thing', requestKey: newKey() };
    expect(await staff.client.request('chat:send', afterwards)).toMatchObject({ outcome: 'closed' });
  });

  test('a change whose process died before it could tell is told by another one', async () => {
    const { roomId } = await house.show('Before');
    const viewer = await house.visit(house.there, roomId);
    const { db } = house.here.platform;

    await db.query(`UPDATE rooms SET title = 'After', version = version + 1 WHERE room_id = $1`, [roomId]);

    const heard = () => viewer.seen.flatMap(({ kind, body }) => (kind === 'room:changed' ? [body.title] : []));
    await eventually(() => heard().at(-1) === 'After', { deadlineMs: 15_000 });
    const isNoted = 'SELECT FROM rooms WHERE room_id = $1 AND told_version = version';
    await eventually(async () => (await db.query(isNoted, [roomId])).rowCount === 1);
    expect(heard()).toEqual(['Before', 'After']);
    // A role that was given, and one that was taken away again before anybody was told.
    const { personId } = viewer.session.person;
    const { personId: otherId } = (await account(house.there)).person;
    await db.query(`INSERT INTO room_staff (room_id, person_id, role) VALUES ($1, $2, 'assistant')`, [
      roomId,
      personId,
    ]);
    await db.query(
      `INSERT INTO room_staff_untold (room_id, person_id, change_id, at)
       SELECT $1, id, gen_random_uuid(), now() - interval '6 seconds' FROM unnest($2::uuid[]) AS id`,
      [roomId, [personId, otherId]],
    );
    const roles = () => viewer.seen.flatMap(({ kind, body }) => (kind === 'room:staff-changed' ? [body] : []));
    await eventually(() => roles().length === 2, { deadlineMs: 15_000 });
    expect(roles()).toEqual(
      expect.arrayContaining([
        { personId, role: 'assistant' },
        { personId: otherId, role: null },
      ]),
    );
    await eventually(async () => (await db.query('SELECT FROM room_staff_untold')).rowCount === 0);
  });

  test('of a role that is changed twice quickly the last word is what is so', async () => {
    const { roomId } = await house.show();
    const { personId } = (await account(house.there)).person;
    const store = createRoomStore(house.here.platform.db);
    const told: unknown[] = [];
    const [began, goOn] = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()];
    const tell = (say: (role: unknown) => Promise<unknown>) => store.tellStaff({ roomId, personId }, say);
    await store.setStaff(roomId, personId, 'moderator');

    const slow = tell(async (role) => {
      began.resolve(undefined);
      await goOn.promise;
      told.push(role);
    });
    await began.promise;
    const quick = store.setStaff(roomId, personId, null).then(() => tell(async (role) => told.push(role)));
    goOn.resolve(undefined);
    await Promise.all([slow, quick]);
    // Two who tell of the same change, the one who comes second after the change after it.
    await store.setStaff(roomId, personId, 'assistant');
    await store.setStaff(roomId, personId, 'moderator');
    await Promise.all([tell(async (role) => told.push(role)), tell(async (role) => told.push(role))]);

    expect(told).toEqual(['moderator', null, 'moderator']);
  });

  test('a takeover whose process died before it could tell is told by another one, once', async () => {
    const { roomId } = await house.show();
    const viewer = await house.visit(house.there, roomId);
    const store = createRoomStore(house.here.platform.db);
    await store.streamSeen(roomId, 'phone', false);
    await store.goLive(roomId, 'phone');

    const takeoverId = await store.streamSeen(roomId, 'camera', true);
    expect(await store.streamSeen(roomId, 'camera', true)).toBe(takeoverId);

    const heard = () => viewer.seen.filter(({ kind }) => kind === 'room:stream-taken-over').length;
    await eventually(() => heard() === 1, { deadlineMs: 15_000 });
    await eventually(async () => (await store.untoldTakeovers(100)).every((one) => one.roomId !== roomId));
    await store.streamSeen(roomId, 'phone', false);
    expect((await store.untoldTakeovers(100)).filter((one) => one.roomId === roomId)).toEqual([]);
    expect(heard()).toBe(1);
  });

  test('a coming show is listed with its time, found by title and host, moved, and cancelled', async () => {
    const host = await account(house.here, 'Mei');
    const coverUrl = 'https://images.example.test/tea.jpg';
    const body = { title: 'Tea 100% oolong', coverUrl, scheduledAtMs: Date.now() + 3_600_000 };
    const { roomId } = (await call(house.here, 'POST', '/api/rooms', { token: host.accessToken, body })).body.data;
    const coming = (query: string) =>
      call(house.there, 'GET', `/api/rooms?which=coming&query=${encodeURIComponent(query)}`).then(
        (reply) => reply.body,
      );

    expect((await coming('oolong')).data.rooms).toMatchObject([body]);
    expect(titles(await coming('100%'))).toEqual(['Tea 100% oolong']);
    expect(titles(await coming('mei'))).toEqual(['Tea 100% oolong']);
    expect(titles(await coming('o_long'))).toEqual([]);
    const later = Date.now() + 7_200_000;
    const moved = await call(house.here, 'PATCH', `/api/rooms/${roomId}`, {
      token: host.accessToken,
      body: { scheduledAtMs: later },
    });
    const calendar = await call(house.there, 'GET', `/api/hosts/${host.person.personId}/calendar.ics`);
    await call(house.here, 'POST', `/api/rooms/${roomId}/cancel`, { token: host.accessToken, body: {} });
    const byName = house.there.url.replace('127.0.0.1', 'localhost');
    const calledByName = await (await fetch(`${byName}/api/rooms/${roomId}/calendar.ics`)).text();
    const cancelled = await call(house.there, 'GET', `/api/rooms/${roomId}/calendar.ics`);

    expect(moved.body.data.scheduledAtMs).toBe(later);
    const stamp = new Date(later).toISOString().replaceAll(/[-:]|\.\d+/g, '');
    expect(calendar.body).toContain(`DTSTART:${stamp}\r\nDTEND:`);
    expect(calendar.body).toContain('SUMMARY:Tea 100% oolong · Mei\r\n');
    expect(calledByName.replaceAll('\r\n ', '')).toContain(`URL:${byName}/room/${roomId}`);
    expect(cancelled.body).toContain('STATUS:CANCELLED');
    expect(titles(await coming('oolong'))).toEqual([]);
  });

  test('one show among six thousand is found by two characters of its title or its host, and not by looking at all', async () => {
    const [host, other] = [await account(house.here, '微风直播'), await account(house.here)];
    const { db } = house.here.platform;
    const add = `
      INSERT INTO rooms (room_id, kind, host_id, title, state, started_at, ended_at)
      SELECT gen_random_uuid(), 'show', $1, $2 || n, 'ended', now(), now() - $3::interval - n * interval '1 ms'
      FROM generate_series(1, $4::int) AS n`;
    await db.query(add, [other.person.personId, 'Evening sale ', '1 hour', 6_000]);
    await db.query(add, [host.person.personId, '春天的茶叶 ', '1 day', 1]);
    await db.query('ANALYZE rooms; ANALYZE people');
    const asked: [string, unknown[]][] = [];
    const query = (text: string, values: unknown[]) => {
      asked.push([text, values]);
      return db.query(text, values);
    };
    const store = createRoomStore(Object.assign(Object.create(db) as Db, { query }));
    const past = async (search: string, hostId: string | null = null) =>
      (await store.list({ which: 'past', query: search, hostId, rows: 3, after: null })).rooms;

    const found = [await past('茶叶'), await past('微风'), await past('天的', host.person.personId)];
    expect(found.map((rooms) => rooms.map(({ title }) => title))).toEqual(Array(3).fill(['春天的茶叶 1']));
    expect(await past('叶茶')).toEqual([]);
    expect((await past('SALE')).map(({ title }) => title)).toEqual([1, 2, 3].map((n) => `Evening sale ${n}`));
    await past('');
    await past('茶');
    const { next } = await store.list({ which: 'past', query: '', hostId: null, rows: 3, after: null });
    await store.list({ which: 'past', query: '', hostId: null, rows: 3, after: next });

    for (const [text, values] of asked) {
      const { rows } = await db.query<{ 'QUERY PLAN': string }>(`EXPLAIN ${text}`, values);
      const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
      expect(plan, plan).not.toContain('Seq Scan on rooms');
    }
  });

  test('a late show leaves the list after an hour and is cancelled after a day; of one host five are to come', async () => {
    const [late, busy] = [await account(house.here), await account(house.here)];
    const missed = await house.show('Nobody came');
    const viewer = await house.visit(house.there, missed.roomId);
    const { db } = house.here.platform;
    const setBack = `UPDATE rooms SET scheduled_at = now() - interval '25 hours' WHERE room_id = $1`;
    await db.query(setBack, [missed.roomId]);
    const many = `
      INSERT INTO rooms (room_id, kind, host_id, title, state, scheduled_at)
      SELECT gen_random_uuid(), 'show', $1, $2, 'scheduled', now() + $3::interval + n * interval '1 second'
      FROM generate_series(1, $4::int) AS n`;
    await db.query(many, [late.person.personId, 'Two hours late', '-2 hours', 101]);
    await db.query(many, [busy.person.personId, 'A minute late', '-1 minutes', 6]);
    await db.query(many, [(await account(house.here)).person.personId, 'Tomorrow', '1 day', 1]);
    const coming = async (more = '') =>
      titles((await call(house.there, 'GET', `/api/rooms?which=coming&rows=100${more}`)).body);

    expect((await coming()).slice(0, 6)).toEqual([...Array.from({ length: 5 }, () => 'A minute late'), 'Tomorrow']);
    expect(await coming('&query=minute')).toHaveLength(6);
    expect(await coming(`&hostId=${late.person.personId}`)).toHaveLength(100);
    await eventually(() => states(viewer.seen).at(-1) === 'cancelled');
  });

  test('page by page each show is there once, whichever begin and end meanwhile', async () => {
    const { db } = house.here.platform;
    const hosts = await Promise.all(['Ana', 'Bo', 'Cy', 'Di'].map((name) => account(house.here, `Pager ${name}`)));
    const add = `
      INSERT INTO rooms (room_id, kind, host_id, title, state, scheduled_at, started_at, ended_at)
      SELECT gen_random_uuid(), 'show', $1, 'Page of ' || $2 || n, $2,
        CASE WHEN n < 3 THEN now() + (n || ' hours')::interval END, now() - (n || ' minutes')::interval,
        CASE WHEN $2 = 'ended' THEN now() - (n || ' minutes')::interval END
      FROM generate_series(1, 4) AS n`;
    for (const { person } of hosts)
      for (const state of ['live', 'scheduled', 'ended']) await db.query(add, [person.personId, state]);
    const list = async (which: string, search: string, after: string | null) =>
      (
        await call(
          house.there,
          'GET',
          `/api/rooms?which=${which}&rows=3&query=${encodeURIComponent(search)}${after ? `&after=${after}` : ''}`,
        )
      ).body.data as { rooms: { roomId: string; title: string }[]; next: string | null };
    const change = {
      live: `UPDATE rooms SET state = 'ended', ended_at = now() WHERE room_id = $1`,
      coming: `UPDATE rooms SET state = 'live', started_at = now() WHERE room_id = $1`,
      past: `UPDATE rooms SET ended_at = now() WHERE room_id = $1`,
    };

    const titled = { live: 'Page of live', coming: 'Page of scheduled', past: 'Page of ended' } as const;

    for (const which of ['live', 'coming', 'past'] as const) {
      const seen: string[] = [];
      let after: string | null = null;
      do {
        const page = await list(which, titled[which], after);
        seen.push(...page.rooms.map(({ roomId }) => roomId));
        // It is in no page that comes, so it moves none of the others.
        if (page.rooms[0]) await db.query(change[which], [page.rooms[0].roomId]);
        after = page.next;
      } while (after);
      expect([which, seen.length, new Set(seen).size]).toEqual([which, 16, 16]);
    }
    const begin = await list('live', '', null);
    expect((await list('live', '', begin.next)).rooms).not.toContainEqual(begin.rooms[2]);
    const noPlace = await call(house.there, 'GET', `/api/rooms?which=live&after=1.1.${'-'.repeat(36)}`);
    expect(noPlace.status).toBe(400);
  });

  test('live shows are listed by how many watch, and a show without a time has no calendar', async () => {
    const [watched, newer] = [await house.show('Watched by somebody'), await house.show('Newer')];
    for (const { host, roomId } of [watched, newer])
      await call(house.here, 'POST', `/api/rooms/${roomId}/start`, { token: host.accessToken, body: {} });
    await house.visit(house.there, watched.roomId);

    await eventually(
      async () => titles((await call(house.there, 'GET', '/api/rooms')).body)[0] === 'Watched by somebody',
    );
    const untimed = (await house.show()).roomId;
    expect((await call(house.here, 'GET', `/api/rooms/${untimed}/calendar.ics`)).status).toBe(404);
  });

  test('a calendar has each show folded and escaped, with what was moved as its next version and what lost its time as cancelled', async () => {
    const host = await account(house.here);
    const { accessToken: token } = host;
    const feed = `/api/hosts/${host.person.personId}/calendar.ics`;
    const empty = await call(house.there, 'GET', feed);
    const title = `Tea, 茶; and \\ ${'长的标题'.repeat(12)}`;
    const scheduledAtMs = Date.now() + 3_600_000;
    const body = { title, scheduledAtMs };
    const { roomId, version } = (await call(house.here, 'POST', '/api/rooms', { token, body })).body.data as Room;
    const read = async (path: string): Promise<string> => (await call(house.there, 'GET', path)).body;
    const edit = (change: object) => call(house.here, 'PATCH', `/api/rooms/${roomId}`, { token, body: change });

    const first = await read(feed);
    await edit({ scheduledAtMs: scheduledAtMs + 60_000 });
    const moved = await read(feed);
    await edit({ scheduledAtMs: null });
    const off = [await read(feed), await read(`/api/rooms/${roomId}/calendar.ics`)];
    await edit({ scheduledAtMs });
    const again = await read(feed);

    for (const line of first.split('\r\n')) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75);
    const unfolded = first.replaceAll('\r\n ', '');
    expect(unfolded).toContain(`SUMMARY:Tea\\, 茶\\; and \\\\ ${'长的标题'.repeat(12)} · `);
    expect(first).toContain('REFRESH-INTERVAL;VALUE=DURATION:PT1H\r\nX-PUBLISHED-TTL:PT1H\r\n');
    expect(first).toContain(`SEQUENCE:${version}\r\n`);
    expect(moved).toContain(`SEQUENCE:${version + 1}\r\n`);
    const stamp = (ms: number) => new Date(ms).toISOString().replaceAll(/[-:]|\.\d+/g, '');
    for (const calendar of off) {
      expect(calendar).toContain(`SEQUENCE:${version + 2}\r\n`);
      expect(calendar).toContain(`DTSTART:${stamp(scheduledAtMs + 60_000)}\r\n`);
      expect(calendar).toContain('STATUS:CANCELLED\r\n');
    }
    expect(again).toContain(`DTSTART:${stamp(scheduledAtMs)}\r\n`);
    expect(again).toContain('STATUS:CONFIRMED\r\n');
    expect(empty).toMatchObject({ status: 200, body: expect.not.stringContaining('VEVENT') });
    const nobody = `/api/hosts/${newId()}/calendar.ics`;
    expect((await call(house.there, 'GET', nobody)).status).toBe(404);
  });

  test('a rehearsal is nobody else’s business, whichever way they look for it, and nothing is drawn in it', async () => {
    const floor = await openShopFloor(house.here);
    const { host, token } = floor;
    const hostId = host.person.personId;
    const scheduledAtMs = Date.now() + 3_600_000;
    const make = async () => (await house.showOf(host, { title: 'Dry run', rehearsal: true, scheduledAtMs })).roomId;
    const [roomId, comingId] = [await make(), await make()];
    await call(house.here, 'POST', `/api/rooms/${roomId}/start`, { token, body: {} });
    await data(house.here, 'POST', `/api/rooms/${floor.roomId}/end`, token, {});
    const offer = await openOffer(house.here, { ...floor, roomId });
    const stranger = await account(house.there);
    const as = (path: string, method = 'GET') => call(house.there, method, path, { token: stranger.accessToken });
    await as(`/api/hosts/${hostId}/follow`, 'PUT');

    const inRoom = ['', '/products', '/history', '/chat', '/staff', '/giveaways', '/offers'];
    const refused = [roomId, comingId].flatMap((id) => inRoom.map((path) => as(`/api/rooms/${id}${path}`)));
    const absent = [`/poster`, '/calendar.ics'].flatMap((path) =>
      [roomId, comingId].map((id) => as(`/api/rooms/${id}${path}`)),
    );
    const lists = ['live', 'coming', 'past'].flatMap((which) =>
      [`hostId=${hostId}`, 'query=dry%20run'].map((of) => as(`/api/rooms?which=${which}&${of}`)),
    );
    const elsewhere = [as(`/api/hosts/${hostId}/calendar.ics`), as('/api/follows'), as(`/api/offers/${offer.offerId}`)];
    const { client } = await house.visit(house.there, floor.roomId, stranger);
    const publishing = await call(house.here, 'POST', `/api/rooms/${roomId}/giveaways`, {
      token,
      body: luckyBag(roomId, Date.now()),
    });
    const own = await call(house.there, 'GET', '/api/rooms/mine', { token });

    for (const { status } of await Promise.all(refused)) expect(status).toBe(403);
    for (const { status } of await Promise.all(absent)) expect(status).toBe(404);
    for (const { body } of await Promise.all([...lists, ...elsewhere]))
      expect(JSON.stringify(body)).not.toMatch(new RegExp(`Dry run|${roomId}|${comingId}`));
    for (const asking of [
      client.request('room:join', { roomId }),
      client.request('media:watch-grant', { roomId }),
      client.request('reminder:bell', { roomId, on: true }),
    ])
      await expect(asking).rejects.toMatchObject({ code: 'FORBIDDEN' });
    expect(publishing.body.error).toMatchObject({ code: 'CONFLICT', reason: 'rehearsal' });
    expect(titles(own.body).filter((title) => title === 'Dry run')).toHaveLength(2);
  });

  test('a host finds who may help before anybody is in the room: helpers of before, fans, followers, and nobody else', async () => {
    const host = await account(house.here);
    const hostId = host.person.personId;
    const [before, fan, follower, stranger] = await Promise.all(
      ['Was there', 'Fan 100%', 'Follower', 'Follower of nobody'].map((name) => account(house.there, name)),
    );
    const as = (session: Session, method: string, path: string, body?: object) =>
      call(house.there, method, path, { token: session.accessToken, ...(body ? { body } : {}) });
    const earlier = (await house.showOf(host)).roomId;
    await as(host, 'PUT', `/api/rooms/${earlier}/staff/${before!.person.personId}`, { role: 'assistant' });
    await as(host, 'PUT', `/api/fan-clubs/${hostId}`, { joinRule: 'open' });
    await as(fan!, 'POST', `/api/fan-clubs/${hostId}/join`, {});
    for (const one of [fan!, follower!]) await as(one, 'PUT', `/api/hosts/${hostId}/follow`);
    const { roomId } = await house.showOf(host, { title: 'Dry run', rehearsal: true });
    const found = async (query = ''): Promise<object[]> => {
      const path = `/api/rooms/${roomId}/possible-staff?query=${encodeURIComponent(query)}`;
      return (await as(host, 'GET', path)).body.data.people;
    };

    const all = await found();
    await as(host, 'PUT', `/api/rooms/${roomId}/staff/${fan!.person.personId}`, { role: 'moderator' });
    const helper = await house.visit(house.there, roomId, fan);

    expect(all).toEqual([
      { personId: before!.person.personId, name: 'Was there', helpedAs: 'assistant', isFan: false },
      { personId: fan!.person.personId, name: 'Fan 100%', helpedAs: null, isFan: true },
      { personId: follower!.person.personId, name: 'Follower', helpedAs: null, isFan: false },
    ]);
    expect(helper.room.state()).toBe('joined');
    expect(await found('FOLLOW')).toMatchObject([{ personId: follower!.person.personId }]);
    expect(await found('%')).toEqual([]); // The one with such a name helps already.
    expect((await as(stranger!, 'GET', `/api/rooms/${roomId}/possible-staff`)).body.error.code).toBe('FORBIDDEN');
  });

  test.each(['told', 'not told'] as const)(
    'who helps no more leaves the rehearsal, on the other gateway too: %s',
    async (how) => {
      const host = await account(house.here);
      const { roomId } = await house.showOf(host, { title: 'Dry run', rehearsal: true });
      const helper = await account(house.there);
      const staff = await house.visit(house.here, roomId, host);
      const setRole = (role: 'assistant' | null) =>
        staff.client.request('room:set-staff', { roomId, personId: helper.person.personId, role });
      await setRole('assistant');
      const { room } = await house.visit(house.there, roomId, helper);
      const removed = new Promise((resolve) => room.on('removed', resolve));

      if (how === 'told') await setRole(null);
      else await house.here.platform.db.query('DELETE FROM room_staff WHERE room_id = $1', [roomId]);

      expect(await removed).toEqual({ reason: 'closed' });
    },
  );

  test('a host has two hundred shows that are not over, and not one more', async () => {
    const host = await account(house.here);
    const make = (requestKey: string) =>
      call(house.there, 'POST', '/api/rooms', { token: host.accessToken, body: { title: 'Another', requestKey } });
    const first = await make('the-first');
    const many = `
      INSERT INTO rooms (room_id, kind, host_id, title, state)
      SELECT gen_random_uuid(), 'show', $1, 'One of many', 'scheduled' FROM generate_series(2, 200)`;
    await house.here.platform.db.query(many, [host.person.personId]);

    const [again, tooMany] = [await make('the-first'), await make('the-last')];
    await house.here.platform.db.query(`UPDATE rooms SET state = 'cancelled', ended_at = now() WHERE room_id = $1`, [
      first.body.data.roomId,
    ]);

    expect(again.body.data.roomId).toBe(first.body.data.roomId);
    expect(tooMany.body).toMatchObject({ ok: false, error: { code: 'CONFLICT' } });
    expect((await make('the-last')).status).toBe(200);
  });

  test('of two who change the products of a show at once the second is told so, and only products of the shop are taken', async () => {
    const [{ host, skuId }, other] = [await openShopFloor(house.here), await openShopFloor(house.here)];
    const skuIds = [skuId, await addProduct(house.here, host), other.skuId];
    const { db } = house.here.platform;
    const products = 'SELECT product_id AS id FROM skus WHERE sku_id = ANY ($1) ORDER BY array_position($1, sku_id)';
    const [mug = '', tea = '', foreign = ''] = (await db.query<{ id: string }>(products, [skuIds])).rows.map(
      ({ id }) => id,
    );
    const make = (productIds: string[]) =>
      call(house.here, 'POST', '/api/rooms', { token: host.accessToken, body: { title: 'Tea and mugs', productIds } });
    const { roomId, version } = (await make([mug])).body.data;
    const edit = async (app: TwoGateways['here'], body: object) =>
      (await call(app, 'PATCH', `/api/rooms/${roomId}`, { token: host.accessToken, body })).body;

    const first = await edit(house.here, { version, productIds: [mug, tea] });
    const again = await edit(house.there, { version, productIds: [mug, tea] });
    const second = await edit(house.there, { version, productIds: [] });
    const wrong = await edit(house.there, { productIds: [foreign] });
    await db.query('UPDATE products SET archived_at = now() WHERE product_id = $1', [mug]);
    const kept = await edit(house.there, { productIds: [tea, mug] });
    await call(house.here, 'POST', `/api/rooms/${roomId}/start`, { token: host.accessToken, body: {} });
    const tooLate = await edit(house.there, { scheduledAtMs: Date.now() + 60_000 });

    expect(first.data.productIds).toEqual([mug, tea]);
    expect(again).toEqual(first);
    for (const refused of [second, tooLate])
      expect(refused.error).toMatchObject({ code: 'CONFLICT', reason: 'room-state' });
    for (const { error } of [wrong, (await make([foreign])).body]) expect(error).toMatchObject({ code: 'BAD_INPUT' });
    expect(kept.data.productIds).toEqual([tea, mug]);
  });

  test('a show made twice under one key is one show', async () => {
    const host = await account(house.here);
    const make = (app: TwoGateways['here']) =>
      call(app, 'POST', '/api/rooms', { token: host.accessToken, body: { title: 'Once', requestKey: 'the-same-key' } });

    const [first, second] = await Promise.all([make(house.here), make(house.there)]);
    const other = await call(house.there, 'POST', '/api/rooms', {
      token: host.accessToken,
      body: { title: 'Twice', requestKey: 'the-same-key' },
    });

    expect(second.body.data.roomId).toBe(first.body.data.roomId);
    expect(other.body.error).toMatchObject({ code: 'KEY_REUSED' });
  });

  test('the role of a helper can be changed also where there are as many as may be', async () => {
    const { host, roomId } = await house.show();
    const helper = (await account(house.here)).person.personId;
    await house.here.platform.db.query(
      `WITH p AS (INSERT INTO people (person_id, kind, display_name)
         SELECT gen_random_uuid(), 'guest', 'Helper' FROM generate_series(1, 49) RETURNING person_id)
       INSERT INTO room_staff (room_id, person_id, role) SELECT $1::uuid, person_id, 'assistant' FROM p
       UNION ALL SELECT $1, $2::uuid, 'assistant'`,
      [roomId, helper],
    );
    const staff = await house.visit(house.here, roomId, host);
    const help = (personId: string) => staff.client.request('room:set-staff', { roomId, personId, role: 'moderator' });

    await help(helper);
    await expect(help((await account(house.here)).person.personId)).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  test('a show that was made before requests had a fingerprint is answered under its key', async () => {
    const host = await account(house.here);
    const make = () =>
      call(house.here, 'POST', '/api/rooms', {
        token: host.accessToken,
        body: { title: 'Old', requestKey: 'old-key-1' },
      });
    const { roomId } = (await make()).body.data;
    await house.here.platform.db.query('UPDATE rooms SET request_hash = NULL WHERE room_id = $1', [roomId]);

    expect((await make()).body.data.roomId).toBe(roomId);
  });

  test('who follows sees where their hosts are live; of all who enter, one has the followers counted', async () => {
    const { host, roomId } = await house.show();
    const { hostId, pages } = { hostId: host.person.personId, pages: await house.client(house.there) };
    const before = await pages.request('follow:host', { hostId });
    const fan = await house.visit(house.there, roomId, await account(house.there));
    await call(house.here, 'POST', `/api/rooms/${roomId}/start`, { token: host.accessToken, body: {} });

    const first = await fan.client.request('follow:start', { hostId: host.person.personId });
    const again = await fan.client.request('follow:start', { hostId: host.person.personId });

    expect(again).toEqual(first);
    const { hosts } = await fan.client.request('follow:mine', {});
    expect(hosts).toMatchObject([{ hostId: host.person.personId, liveRoomId: roomId }]);
    expect(await fan.client.request('follow:host', { hostId })).toEqual({ ...before, sinceMs: first.sinceMs });
  });

  test('who follows no more is counted no more, has the host on no list, and may not write where followers may, on the other gateway', async () => {
    const { host, roomId } = await house.show();
    const hostId = host.person.personId;
    const staff = await house.visit(house.here, roomId, host);
    const fan = await house.visit(house.there, roomId, await account(house.there));
    await fan.client.request('follow:start', { hostId });
    await staff.client.request('chat:configure', { roomId, audience: 'followers' });
    await eventually(() => fan.seen.some(({ kind }) => kind === 'chat:configured'));
    const say = async () => {
      const requestKey = newKey();
      return (await fan.client.request('chat:send', { roomId, text: requestKey, requestKey })).outcome;
    };
    expect(await say()).toBe('sent');

    const stop = () => call(house.here, 'DELETE', `/api/hosts/${hostId}/follow`, { token: fan.session.accessToken });
    const stopped = [(await stop()).body.data, (await stop()).body.data];

    expect(stopped).toEqual([{ followed: true }, { followed: false }]);
    await eventually(async () => (await say()) === 'followers_only', { deadlineMs: 3_000 });
    expect(await fan.client.request('follow:mine', {})).toEqual({ hosts: [] });
    expect(await staff.client.request('follow:host', { hostId })).toEqual({ followers: 0, sinceMs: null });
  });
});
