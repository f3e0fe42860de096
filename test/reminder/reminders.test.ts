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
      tell: (personId) => void tellings.push(personId),
      leadMinutes: [],
    });
    await Promise.all([run(), run()]);
    const everybody = async () => (await Promise.all(ringers.map(kinds))).every((list) => list.length === 1);
    await eventually(everybody);

    expect(new Set(tellings).size).toBe(tellings.length);
    expect(tellings.length).toBeLessThanOrEqual(ringers.length);
  });

  test('what was read stays read', async () => {
    const { roomId, host } = await showIn(100);
    const ringer = await guest(house.there);
    await put(ringer, `/api/rooms/${roomId}/bell`, { on: true });
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
