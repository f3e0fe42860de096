import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Notification } from '../../shared/protocol/reminder.ts';
import type { Session } from '../../shared/protocol/session.ts';
import { createNotifications } from '../../server/features/reminder/notifications.pg.ts';
import { createReminders } from '../../server/features/reminder/reminders.ts';
import { createRounds } from '../../server/features/reminder/rounds.pg.ts';
import { account, call, guest } from '../support/app.ts';
import { eventually } from '../support/eventually.ts';
import { twoGateways, type TwoGateways } from '../room/two-gateways.ts';

const minute = 60_000;

/** A worker runs every two seconds; two gateways that are workers too, so that what is exclusive is tried. */
describe('reminders of coming shows, on two gateways', () => {
  let house: TwoGateways;

  beforeAll(async () => {
    house = await twoGateways();
  });
  afterAll(() => house.close());

  /** Null: the host has not said when. */
  async function showIn(minutes: number | null): Promise<{ host: Session; roomId: string }> {
    const host = await account(house.here);
    const body = { title: 'Friday tea', scheduledAtMs: minutes && Date.now() + minutes * minute };
    const made = await call(house.here, 'POST', '/api/rooms', { token: host.accessToken, body });
    return { host, roomId: made.body.data.roomId };
  }
  const put = (session: Session, path: string, body = {}) =>
    call(house.there, 'PUT', path, { token: session.accessToken, body });
  const told = async (session: Session): Promise<Notification[]> =>
    (await call(house.there, 'GET', '/api/notifications', { token: session.accessToken })).body.data.notifications;
  const follows = async (session: Session) =>
    (await call(house.there, 'GET', '/api/follows', { token: session.accessToken })).body.data.hosts;
  const kinds = async (session: Session) => (await told(session)).map(({ kind }) => kind);

  test('followers and those who rang the bell are told once, connected ones at once; who wants none is not', async () => {
    const [follower, both, unwilling, ringer, stranger] = await Promise.all([
      account(house.here),
      account(house.here),
      account(house.here),
      guest(house.here),
      guest(house.here),
    ]);
    const { host, roomId } = await showIn(null);
    const hostId = host.person.personId;
    for (const one of [follower, both, unwilling]) await put(one, `/api/hosts/${hostId}/follow`);
    await put(unwilling, `/api/hosts/${hostId}/reminders`, { on: false });
    for (const one of [both, ringer]) await put(one, `/api/rooms/${roomId}/bell`, { on: true });
    const pushed: Notification[] = [];
    const socket = await house.socket(house.there, follower);
    socket.on('reminder:told', (notification: Notification) => pushed.push(notification));

    // Two hours ahead is within a day: the first reminder is due.
    await call(house.here, 'PATCH', `/api/rooms/${roomId}`, {
      token: host.accessToken,
      body: { scheduledAtMs: Date.now() + 120 * minute },
    });
    await eventually(async () => (await told(follower)).length > 0);
    await eventually(() => pushed.length > 0);

    expect(pushed).toMatchObject([{ kind: 'show-soon', roomId, title: 'Friday tea', readAtMs: null }]);
    expect(await Promise.all([follower, both, ringer].map(kinds))).toEqual([
      ['show-soon'],
      ['show-soon'],
      ['show-soon'],
    ]);
    expect(await Promise.all([unwilling, stranger].map(kinds))).toEqual([[], []]);
    expect(await Promise.all([follower, unwilling].map(follows))).toMatchObject([
      [{ hostId, reminders: true }],
      [{ hostId, reminders: false }],
    ]);
  });

  test('a show that moves, nears again and is cancelled is told to whoever was told of it', async () => {
    const { host, roomId } = await showIn(40 * 24 * 60);
    const ringer = await guest(house.there);
    await put(ringer, `/api/rooms/${roomId}/bell`, { on: true });
    const change = (method: string, path: string, body = {}) =>
      call(house.here, method, path, { token: host.accessToken, body });
    const bells = async () => (await call(house.there, 'GET', '/api/bells', { token: ringer.accessToken })).body.data;
    const scheduledAtMs = Date.now() + 30 * minute;
    expect(await bells()).toEqual({ roomIds: [roomId] });

    await change('PATCH', `/api/rooms/${roomId}`, { scheduledAtMs });
    await eventually(async () => (await told(ringer)).length === 2);
    const soon = await told(ringer);
    await change('POST', `/api/rooms/${roomId}/cancel`);
    await eventually(async () => (await told(ringer)).length === 3);

    expect(soon.map(({ kind }) => kind).sort()).toEqual(['show-moved', 'show-soon']);
    expect(soon[0]!.scheduledAtMs).toBe(scheduledAtMs);
    expect((await kinds(ringer))[0]).toBe('show-cancelled');
    expect(await bells()).toEqual({ roomIds: [] });
    expect((await put(ringer, `/api/rooms/${roomId}/bell`, { on: true })).body.error.code).toBe('CONFLICT');
  });

  test('a bell tells nothing to followers who were told nothing yet', async () => {
    const { host, roomId } = await showIn(40 * 24 * 60);
    const [follower, ringer] = [await account(house.here), await guest(house.here)];
    await put(follower, `/api/hosts/${host.person.personId}/follow`);
    await put(ringer, `/api/rooms/${roomId}/bell`, { on: true });
    const move = { token: host.accessToken, body: { scheduledAtMs: Date.now() + 30 * 24 * 60 * minute } };
    await call(house.here, 'PATCH', `/api/rooms/${roomId}`, move);
    await eventually(async () => (await told(ringer)).length === 1);
    await call(house.here, 'POST', `/api/rooms/${roomId}/cancel`, { token: host.accessToken, body: {} });
    await eventually(async () => (await told(ringer)).length === 2);

    expect(await kinds(ringer)).toEqual(['show-cancelled', 'show-moved']);
    expect(await kinds(follower)).toEqual([]);
  });

  test('a show that begins without a word before is told to all; a rehearsal to nobody', async () => {
    const { host, roomId } = await showIn(null);
    const [follower, ringer] = [await account(house.here), await guest(house.here)];
    await put(follower, `/api/hosts/${host.person.personId}/follow`);
    await put(ringer, `/api/rooms/${roomId}/bell`, { on: true });
    const token = host.accessToken;
    const body = { title: 'Behind the curtain', rehearsal: true, scheduledAtMs: Date.now() + 40 * minute };
    const rehearsal = (await call(house.here, 'POST', '/api/rooms', { token, body })).body.data.roomId;
    const bell = await put(host, `/api/rooms/${rehearsal}/bell`, { on: true });
    for (const one of [rehearsal, roomId])
      await call(house.here, 'POST', `/api/rooms/${one}/start`, { token, body: {} });
    await eventually(async () => (await told(follower)).length > 0 && (await told(ringer)).length > 0);

    expect(bell.body.error.code).toBe('CONFLICT');
    expect(await told(follower)).toMatchObject([{ kind: 'show-live', roomId }]);
    expect(await told(ringer)).toMatchObject([{ kind: 'show-live', roomId }]);
  });

  test('that a show is off is told of one that was missed yesterday, of none that was forgotten last week', async () => {
    const { db } = house.here.platform;
    const [yesterday, lastWeek] = [await showIn(50 * 24 * 60), await showIn(50 * 24 * 60)];
    await db.query(
      `UPDATE rooms SET state = 'cancelled', ended_at = now(), told_people = 'followers', version = version + 1,
         scheduled_at = now() - CASE WHEN room_id = $1 THEN interval '25 hours' ELSE interval '7 days' END
       WHERE room_id IN ($1, $2)`,
      [yesterday.roomId, lastWeek.roomId],
    );
    await createRounds(db).begin([]);
    const { rows } = await db.query('SELECT room_id, kind FROM reminder_rounds WHERE room_id IN ($1, $2)', [
      yesterday.roomId,
      lastWeek.roomId,
    ]);

    expect(rows).toEqual([{ room_id: yesterday.roomId, kind: 'show-cancelled' }]);
  });

  test('a reminder that is still being told ends when the show is cancelled', async () => {
    const scheduled = await showIn(45 * 24 * 60);
    const ringer = await guest(house.here);
    await put(ringer, `/api/rooms/${scheduled.roomId}/bell`, { on: true });
    const { db } = house.here.platform;
    const { rows } = await db.query<{ occasion: string }>(
      `UPDATE rooms SET state = 'cancelled', ended_at = now(), told_people = NULL WHERE room_id = $1
       RETURNING 'soon ' || (extract(epoch FROM scheduled_at) * 1000)::bigint || ' 5' AS occasion`,
      [scheduled.roomId],
    );
    const round = { roomId: scheduled.roomId, occasion: rows[0]!.occasion };
    await db.query(`INSERT INTO reminder_rounds (room_id, occasion, kind) VALUES ($1, $2, 'show-soon')`, [
      round.roomId,
      round.occasion,
    ]);
    const page = await createRounds(db).tellPage(round, 10);

    expect(page).toEqual({ told: [], done: true });
    expect(await kinds(ringer)).toEqual([]);
  });

  test('pages of one row are all there is, each row once', async () => {
    const { roomId } = await showIn(60 * 24 * 60);
    const reader = await guest(house.here);
    const { db } = house.here.platform;
    for (let i = 0; i < 12; i += 1)
      await db.query(
        `INSERT INTO notifications (person_id, room_id, occasion, kind) VALUES ($1, $2, $3, 'show-moved')`,
        [reader.person.personId, roomId, `page ${i}`],
      );
    const notifications = createNotifications(db);
    const ids: string[] = [];
    let before: number | null = null;
    for (let pages = 0; pages < 30; pages += 1) {
      const rows = await notifications.list(reader.person.personId, before, 1);
      if (rows.length === 0) break;
      ids.push(...rows.map(({ notificationId }) => notificationId));
      before = rows[0]!.atMs;
    }

    expect(ids).toHaveLength(12);
    expect(new Set(ids).size).toBe(12);
  });

  test('bells and rounds of a show that is over go with the old notifications', async () => {
    const [over, coming] = [await showIn(70 * 24 * 60), await showIn(70 * 24 * 60)];
    const { db } = house.here.platform;
    const ringer = await guest(house.here);
    for (const { roomId } of [over, coming]) await put(ringer, `/api/rooms/${roomId}/bell`, { on: true });
    const rooms = [over.roomId, coming.roomId];
    await db.query(`UPDATE rooms SET state = 'ended', ended_at = now() WHERE room_id = $1`, [over.roomId]);
    await db.query(`UPDATE room_bells SET since = now() - interval '100 days' WHERE room_id = ANY ($1)`, [rooms]);
    await db.query(
      `INSERT INTO reminder_rounds (room_id, occasion, kind, begun_at, done_at)
       VALUES ($1, 'long ago', 'show-moved', now() - interval '100 days', now()), ($1, 'now', 'show-moved', now(), now())`,
      [over.roomId],
    );
    await createNotifications(db).deleteOlderThan(90, 100);
    const left = async (what: string, table: string) =>
      (await db.query(`SELECT ${what} AS one FROM ${table} WHERE room_id = ANY ($1)`, [rooms])).rows.map(
        ({ one }) => one,
      );

    expect(await left('room_id', 'room_bells')).toEqual([coming.roomId]);
    expect(await left('occasion', 'reminder_rounds')).toEqual(['now']);
  });

  test('a round that breaks off goes on where it was, and tells nobody twice', async () => {
    const { roomId } = await showIn(50 * 24 * 60);
    const ringers = await Promise.all(Array.from({ length: 7 }, () => guest(house.here)));
    for (const ringer of ringers) await put(ringer, `/api/rooms/${roomId}/bell`, { on: true });
    const { db } = house.here.platform;
    const rounds = createRounds(db);
    const round = { roomId, occasion: 'a test' };
    await db.query(`INSERT INTO reminder_rounds (room_id, occasion, kind) VALUES ($1, $2, 'show-moved')`, [
      roomId,
      round.occasion,
    ]);

    const first = await rounds.tellPage(round, 3);
    // As if the page had been told and the note of it lost.
    await db.query(`UPDATE reminder_rounds SET after_id = DEFAULT WHERE occasion = $1`, [round.occasion]);
    const tellings: string[] = first.told.map(({ personId }) => personId);
    const { run } = createReminders({
      notifications: createNotifications(db),
      rounds,
      tellEach: async (_name, told) => void tellings.push(...told.map(({ personId }) => personId)),
      leadMinutes: [],
    });
    await Promise.all([run(), run()]);
    const everybody = async () => (await Promise.all(ringers.map(kinds))).every((list) => list.length === 1);
    await eventually(everybody);

    expect(new Set(tellings).size).toBe(tellings.length);
    expect(tellings.length).toBeLessThanOrEqual(ringers.length);
  });

  test('what was read stays read', async () => {
    // The time is said last: a show whose first reminder is due already may have told it before anybody rang.
    const { roomId, host } = await showIn(null);
    const ringer = await guest(house.there);
    await put(ringer, `/api/rooms/${roomId}/bell`, { on: true });
    const body = { scheduledAtMs: Date.now() + 100 * minute };
    await call(house.here, 'PATCH', `/api/rooms/${roomId}`, { token: host.accessToken, body });
    await eventually(async () => (await told(ringer)).length === 1);
    const [soon] = await told(ringer);
    const read = await call(house.here, 'POST', '/api/notifications/read', {
      token: ringer.accessToken,
      body: { untilMs: soon!.atMs },
    });
    await call(house.here, 'POST', `/api/rooms/${roomId}/start`, { token: host.accessToken, body: {} });
    await eventually(async () => (await told(ringer)).length === 2);

    const { notifications, unread } = (
      await call(house.there, 'GET', '/api/notifications', { token: ringer.accessToken })
    ).body.data;
    expect(read.body.data).toEqual({ unread: 0 });
    expect(notifications).toMatchObject([{ kind: 'show-live', readAtMs: null }, { kind: 'show-soon' }]);
    expect(notifications[1].readAtMs).not.toBeNull();
    expect(unread).toBe(1);
  });
});
