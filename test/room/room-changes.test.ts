import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { createRoomChangesStore } from '../../server/features/room/room-changes.pg.ts';
import {
  createForgetting,
  createRoomChanges,
  missedAfterMs,
  type IsChanged,
} from '../../server/features/room/room-changes.ts';
import { account } from '../support/app.ts';
import { eventually } from '../support/eventually.ts';
import { newKey, twoGateways, type TwoGateways } from './two-gateways.ts';

describe('what changes about rooms', () => {
  let house: TwoGateways;
  let db: pg.Pool;
  let host: string;
  let roomId: string;
  let helper: string;

  beforeAll(async () => {
    house = await twoGateways();
    db = new pg.Pool({ connectionString: house.stores.databaseUrl });
    const show = await house.show();
    [host, roomId] = [show.host.person.personId, show.roomId];
    helper = (await account(house.here)).person.personId;
  });
  afterAll(async () => {
    await db.end();
    await house.close();
  });

  const sanctionId = randomUUID();
  const sanction = (where: string | null) => [
    `INSERT INTO sanctions (sanction_id, host_id, room_id, person_id, kind, by_id) VALUES ($1, $2, $3, $4, 'ban', $2)`,
    [where ? sanctionId : randomUUID(), host, where, helper],
  ];
  const inRoom = (statement: string) => [statement, [roomId]];
  const word = `INSERT INTO banned_words (word_id, room_id, word, folded, added_by) SELECT gen_random_uuid(), room_id, 'w', 'w', host_id FROM rooms WHERE room_id = $1`;
  const staff = `INSERT INTO room_staff (room_id, person_id, role) VALUES ($1, $2, 'moderator')`;
  const keepOut = 'INSERT INTO moderation_settings (host_id, keep_out_new_guests) VALUES ($1, true)';
  const mark = `INSERT INTO ban_networks (sanction_id, mark, until) VALUES ($1, 'm', now())`;

  test.each([
    ['its version', () => inRoom('UPDATE rooms SET version = version + 1 WHERE room_id = $1'), 'room'],
    ['its state alone', () => inRoom(`UPDATE rooms SET state = 'live', started_at = now() WHERE room_id = $1`), 'room'],
    ['what was told of it', () => inRoom('UPDATE rooms SET told_version = version WHERE room_id = $1'), 'nothing'],
    ['somebody helps', () => [staff, [roomId, helper]], 'room'],
    ['in another role', () => inRoom(`UPDATE room_staff SET role = 'assistant' WHERE room_id = $1`), 'room'],
    ['and no more', () => inRoom('DELETE FROM room_staff WHERE room_id = $1'), 'room'],
    ['a word', () => inRoom(word), 'room'],
    ['a word less', () => inRoom('DELETE FROM banned_words WHERE room_id = $1'), 'room'],
    ['its chat', () => inRoom('INSERT INTO chat_settings (room_id) VALUES ($1)'), 'room'],
    ['slow mode', () => inRoom('UPDATE chat_settings SET slow_seconds = 5 WHERE room_id = $1'), 'room'],
    ['what was told of its chat', () => inRoom(`UPDATE chat_settings SET untold = '{}' WHERE room_id = $1`), 'nothing'],
    ['a ban in it', () => sanction(roomId), 'room'],
    ['a ban told', () => inRoom('UPDATE sanctions SET told = false WHERE room_id = $1'), 'nothing'],
    ['where the banned came from', () => [mark, [sanctionId]], 'room'],
    ['a ban lifted', () => inRoom('UPDATE sanctions SET lifted_at = now() WHERE room_id = $1'), 'room'],
    ['a ban forgotten', () => inRoom('DELETE FROM sanctions WHERE room_id = $1'), 'room'],
    ['a ban everywhere', () => sanction(null), 'host'],
    ['a club', () => ['INSERT INTO fan_clubs (club_id) VALUES ($1)', [host]], 'host'],
    ['new guests', () => [keepOut, [host]], 'host'],
    ['their name', () => [`UPDATE people SET display_name = 'Another' WHERE person_id = $1`, [host]], 'host'],
  ])('%s', async (_name, change, expected) => {
    const store = createRoomChangesStore(db);
    const { seen } = await store.look(null, 10);
    const [statement, values] = change() as [string, unknown[]];

    await db.query(statement, values);

    const { about } = await store.look(seen, 10);
    expect(about).toEqual({ room: [roomId], host: [host], nothing: [] }[expected]);
  });

  const note = 'INSERT INTO room_changes (about) VALUES ($1)';

  test('each change is told once, also while a transaction goes on and on; and its own, when it is committed', async () => {
    const store = createRoomChangesStore(db);
    const slow = await db.connect();
    const [early, late] = [randomUUID(), randomUUID()];
    const first = await store.look(null, 10);
    await slow.query('BEGIN');
    await slow.query(note, [early]);
    await db.query(note, [late]);

    const second = await store.look(first.seen, 10);
    const third = await store.look(second.seen, 10);
    await slow.query('COMMIT');
    slow.release();
    const fourth = await store.look(third.seen, 10);
    const fifth = await store.look(fourth.seen, 10);

    expect([second, third, fourth, fifth].map(({ about: told }) => told)).toEqual([[late], [], [early], []]);
  });

  test('what is committed long after it was written down is kept as long as anything else', async () => {
    const store = createRoomChangesStore(db);
    const slow = await db.connect();
    onTestFinished(() => slow.release(true));
    const [early, late] = [randomUUID(), randomUUID()];
    let elapsedMs = 0;
    const forget = createForgetting({ store, elapsedMs: () => elapsedMs });
    const forgetAfter = async (ms: number): Promise<unknown[]> => {
      elapsedMs += ms;
      await forget();
      return (await db.query('SELECT about FROM room_changes WHERE about = ANY ($1)', [[early, late]])).rows;
    };
    await db.query(note, [late]);
    await slow.query('BEGIN');
    await slow.query(note, [early]);

    expect(await forgetAfter(0)).toHaveLength(1);
    expect(await forgetAfter(2 * missedAfterMs - 1)).toHaveLength(1);
    // A transaction of another database of the same server, of tests beside this one, holds it up like one of this.
    await expect.poll(() => forgetAfter(2 * missedAfterMs)).toEqual([]);
    await slow.query('COMMIT');
    expect(await forgetAfter(60_000)).toEqual([{ about: early }]);
    await expect.poll(() => forgetAfter(2 * missedAfterMs)).toEqual([]);
  });

  /** Looks with these answers, and what a cache with one room hears of them. */
  function looking(...answers: { seen: string; about: string[] }[]) {
    let elapsedMs = 0;
    const changes = createRoomChanges({ store: { look: async () => answers.shift()! }, elapsedMs: () => elapsedMs });
    let heard: boolean | null = null;
    changes.onChange((isChanged: IsChanged) => (heard = isChanged('room', 'host')));
    const lookAfter = async (ms: number): Promise<boolean | null> => {
      elapsedMs += ms;
      heard = null;
      await changes.look();
      return heard;
    };
    return { lookAfter, freshAfter: (ms: number) => ((elapsedMs += ms), changes.freshMs(7)) };
  }
  const nothing = (next: string) => ({ seen: `1:${next}:1`, about: [] });
  const about = (...ids: string[]) => ({ seen: '1:5:1', about: ids });

  test('what was read is believed for long only while looks go well', async () => {
    const { lookAfter, freshAfter } = looking(nothing('5'));

    expect(freshAfter(0)).toBe(7);
    await lookAfter(0);
    expect(freshAfter(900)).toBeGreaterThan(10_000);
    expect(freshAfter(200)).toBe(7);
  });

  test('tells what changed, and everything when something may have been missed', async () => {
    const many = Array.from({ length: 3_000 }, (_, i) => `${i}`);
    const { lookAfter } = looking(
      nothing('5'),
      about('another'),
      about('another', 'room'),
      about('host'),
      nothing('5'),
      about(...many),
      nothing('4'),
      nothing('6'),
    );

    expect(await lookAfter(0)).toBe(true); // The first one can't know.
    expect(await lookAfter(500)).toBe(false);
    expect(await lookAfter(500)).toBe(true);
    expect(await lookAfter(500)).toBe(true);
    expect(await lookAfter(500)).toBeNull();
    expect(await lookAfter(500)).toBe(true); // Too many to say which.
    expect(await lookAfter(500)).toBe(true); // A PostgreSQL with less in it.
    expect(await lookAfter(missedAfterMs + 1)).toBe(true); // What was then is deleted by now.
  });

  test('a role that a process took away without a word is gone on other gateways within moments', async () => {
    const { roomId: room, staff: streamer, viewer } = await house.hostAndViewer();
    const { personId } = viewer.session.person;
    const badge = async () => {
      const said = await viewer.client.request('chat:send', { roomId: room, text: newKey(), requestKey: newKey() });
      return said.outcome === 'sent' && said.message.badge;
    };
    await streamer.client.request('room:set-staff', { roomId: room, personId, role: 'moderator' });
    await eventually(async () => (await badge()) === 'moderator');

    await db.query('DELETE FROM room_staff WHERE room_id = $1', [room]);

    await eventually(async () => (await badge()) === null);
  });
});
