import type { Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { App } from '../../server/app/app.ts';
import { booksNaming, forgetGoneGuests } from '../../server/features/identity/gone-guests.pg.ts';
import { forgetEndedSessions } from '../../server/features/identity/sessions.pg.ts';
import { createLog } from '../../server/platform/log.ts';
import { createPostgres } from '../../server/platform/postgres.ts';
import type { Session } from '../../shared/protocol/session.ts';
import { buyPatiently, openOffer, openShopFloor } from '../sale/shop-floor.ts';
import { account, call, freshStores, guest, startTestApp, withAccount } from '../support/app.ts';

/** Columns that hold the id of a person, whether or not the database knows it. (room_log_entries: the line carries the name.) */
const columnsOfPeople = `
  SELECT c.table_name || '.' || c.column_name AS column
  FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
  WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND data_type = 'uuid' AND table_name <> 'people'
    AND (column_name IN ('person_id', 'buyer_id', 'merchant_id', 'host_id', 'sender_id') OR column_name ~ '(^|_)by(_id)?$'
         OR (table_name, column_name) IN (('shops', 'shop_id'), ('fan_clubs', 'club_id')))`;
/** Or let go of them, and keep the name (room_actions). */
const goWithThePerson = `
  SELECT conrelid::regclass || '.' || attname AS column
  FROM pg_constraint JOIN pg_attribute ON attrelid = conrelid AND attnum = ANY (conkey)
  WHERE contype = 'f' AND confdeltype IN ('c', 'n') AND confrelid IN ('people'::regclass)`;

describe('guests who can not come back', () => {
  let app: App;
  let db: Pool;

  beforeAll(async () => {
    const stores = await freshStores();
    app = await startTestApp(stores);
    db = createPostgres({ url: stores.databaseUrl, log: createLog('silent'), connectionsMax: 2 });
  });
  afterAll(async () => {
    await db.end();
    await app.close();
  });

  const exists = async ({ person }: Session) =>
    (await db.query('SELECT FROM people WHERE person_id = $1', [person.personId])).rowCount === 1;
  const madeBefore = (days: number) =>
    db.query(`UPDATE people SET created_at = now() - make_interval(days => $1)`, [days]);
  const withoutSession = (sessions: Session[]) =>
    db.query('DELETE FROM sessions WHERE person_id = ANY ($1)', [sessions.map(({ person }) => person.personId)]);

  test('are forgotten a day after their last session; whoever can, or stands in the books, is not', async () => {
    const show = await openShopFloor(app);
    const offer = await openOffer(app, show);
    const [gone, buyer, fan, there] = await Promise.all(
      ['Gone', 'Buyer', 'Fan', 'There'].map((name) => guest(app, name)),
    );
    const person = await account(app);
    await buyPatiently(app, show, withAccount(buyer!), { offerId: offer.offerId, units: 1 });
    await call(app, 'PUT', `/api/hosts/${show.host.person.personId}/follow`, { token: fan!.accessToken, body: {} });
    const bookedFan = await guest(app);
    await call(app, 'PUT', `/api/fan-clubs/${show.host.person.personId}`, { token: show.token, body: {} });
    await call(app, 'POST', `/api/fan-clubs/${show.host.person.personId}/join`, {
      token: bookedFan.accessToken,
      body: {},
    });
    await withoutSession([gone!, buyer!, fan!, person]);

    expect(await forgetGoneGuests(db)).toBe(0);
    await madeBefore(2);
    expect(await forgetGoneGuests(db)).toBe(2);

    expect(await Promise.all([gone!, fan!].map(exists))).toEqual([false, false]);
    expect(await Promise.all([buyer!, there!, person].map(exists))).toEqual([true, true, true]);
  });

  test('are looked at page by page; lines that wait for a moderator keep their writer, and who reported them', async () => {
    const host = await account(app);
    const room = (await call(app, 'POST', '/api/rooms', { token: host.accessToken, body: { title: 'Show' } })).body
      .data;
    const people = await Promise.all(Array.from({ length: 5 }, () => guest(app)));
    await withoutSession(people);
    await madeBefore(2);
    await db.query(
      `INSERT INTO held_messages (message_id, room_id, sender_id, message, reason)
       VALUES (gen_random_uuid(), $1, $2, '{}', 'links')`,
      [room.roomId, people[2]!.person.personId],
    );
    await db.query(
      `INSERT INTO chat_reports (message_id, room_id, sender_id, person_id, message) VALUES (gen_random_uuid(), $1, $2, $3, '{}')`,
      [room.roomId, people[0]!.person.personId, people[3]!.person.personId],
    );

    await forgetGoneGuests(db, { pageRows: 2 });

    expect(await Promise.all(people.map(exists))).toEqual([true, false, true, true, false]);
  });

  test('ended sessions go page by page a day later, and open ones stay', async () => {
    const people = await Promise.all(Array.from({ length: 7 }, () => guest(app)));
    const ids = people.map(({ person }) => person.personId);
    const end = (column: string, days: number, whose: string[]) =>
      db.query(`UPDATE sessions SET ${column} = now() - make_interval(days => $1) WHERE person_id = ANY ($2)`, [
        days,
        whose,
      ]);
    await end('expires_at', 2, ids.slice(0, 3));
    await end('revoked_at', 2, ids.slice(2, 5));
    await end('revoked_at', 0, ids.slice(5, 6));

    expect(await forgetEndedSessions(db, { pageRows: 1 })).toBe(5);

    const { rows } = await db.query('SELECT FROM sessions WHERE person_id = ANY ($1)', [ids]);
    expect(rows).toHaveLength(2);
  });

  test('deleting a person looks nowhere without an index', async () => {
    const { rows } = await db.query(`
      SELECT conrelid::regclass || '.' || attname AS column
      FROM pg_constraint c JOIN pg_attribute ON attrelid = conrelid AND attnum = conkey[1]
      WHERE contype = 'f' AND confrelid = 'people'::regclass AND NOT EXISTS (
        SELECT FROM pg_index i WHERE i.indrelid = c.conrelid AND i.indkey[0] = c.conkey[1]
          AND (i.indpred IS NULL OR pg_get_expr(i.indpred, i.indrelid) LIKE '%' || attname || ' IS NOT NULL%'))`);
    expect(rows).toEqual([]);
  });

  test('every column that names a person goes with them, lets go of them or keeps them', async () => {
    const names = async (sql: string) => (await db.query<{ column: string }>(sql)).rows.map(({ column }) => column);
    const going = new Set(await names(goWithThePerson));
    const kept = booksNaming.map(([table, column]) => `${table}.${column}`);

    const forgotten = (await names(columnsOfPeople)).filter((column) => !going.has(column) && !kept.includes(column));

    // Merchants have a shop; points, and having been put out, hang on a membership: both are kept.
    expect(forgotten.sort()).toEqual([
      'fan_club_put_outs.person_id',
      'fan_points.person_id',
      'orders.merchant_id',
      'payments.merchant_id',
    ]);
  });
});
