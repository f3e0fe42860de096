import { afterAll, beforeAll, expect, test } from 'vitest';
import { createFanClubStore } from '../../server/features/fan-club/fan-clubs.pg.ts';
import { createGroupNews } from '../../server/features/fan-club/group-news.ts';
import { createRoomStore } from '../../server/features/room/room-store.pg.ts';
import { createLog } from '../../server/platform/log.ts';
import { noId } from '../../server/platform/pages.ts';
import { createPostgres, type Db } from '../../server/platform/postgres.ts';
import { newId } from '../../shared/ids.ts';
import { freshDatabase } from '../support/stack.ts';

let db: Db;
beforeAll(async () => {
  db = createPostgres({ url: await freshDatabase(), log: createLog('silent') });
});
afterAll(() => db.end());

/** A club with a group whose host is live, and who has announced something. */
async function groupWithNews(): Promise<string> {
  const [clubs, rooms] = [createFanClubStore(db), createRoomStore(db)];
  const hostId = newId();
  const host = `INSERT INTO people (person_id, kind, display_name, email) VALUES ($1, 'account', 'H', $1::uuid || '@x.test')`;
  await db.query(host, [hostId]);
  await clubs.set(hostId, { announcement: 'News' });
  const group = await rooms.openGroup({ roomId: newId(), hostId, title: 'Friends' });
  await clubs.setGroupRoom(hostId, group.roomId);
  const planned = { title: 'Tea', coverUrl: null, productIds: [], scheduledAtMs: null, request: null };
  const show = { ...planned, rehearsal: false, openTo: 'everyone' as const };
  const { roomId } = await rooms.add({ roomId: newId(), hostId, ...show });
  await rooms.move(roomId, ['scheduled'], 'live');
  return group.roomId;
}

test('news that the log could not take is told in a later round, once, and keeps no other group waiting', async () => {
  const groups = [await groupWithNews(), await groupWithNews(), await groupWithNews()];
  const [told, failed]: [string[], string[]] = [[], []];
  let away: string | undefined = groups[0];
  // As many rounds as there are groups, and one that finds nobody behind the last.
  const rounds = async () => {
    for (let round = 0; round <= groups.length; round += 1) await tellAll();
  };
  const tellAll = createGroupNews({
    store: createFanClubStore(db),
    log: {
      async append(groupRoomId, kind, _body, { clientKey } = {}) {
        if (groupRoomId === away) throw new Error('Redis is away');
        told.push(`${groupRoomId} ${kind} ${clientKey}`);
        return { epoch: 'e', offset: 1, atMs: 0, duplicate: false };
      },
      setAggregate: () => undefined,
    },
    toldMax: 1,
    onError: (_error, groupRoomId) => failed.push(groupRoomId),
  });

  await rounds();
  const whileAway = told.length;
  away = undefined;
  await rounds();
  await rounds();

  expect(failed).toEqual([groups[0], groups[0]]);
  expect([whileAway, told.length]).toEqual([4, 6]);
  expect(new Set(told.map((line) => line.split(' ')[0]))).toEqual(new Set(groups));
  expect(new Set(told).size).toBe(6);
});

test('of several announcements in one round the last one counts; one that was taken away is not told', async () => {
  const store = createFanClubStore(db);
  const group = await groupWithNews();
  const all = () => store.announcementsToTell(noId, 10);
  const { clubId } = (await all()).find(({ groupRoomId }) => groupRoomId === group)!;
  const untold = async () =>
    (await all()).filter((one) => one.clubId === clubId).map(({ number, text }) => [number, text]);

  for (const announcement of ['News', 'Better news', 'News']) await store.set(clubId, { announcement });
  expect(await untold()).toEqual([[3, 'News']]);
  await store.set(clubId, { greeting: 'Hello' });
  await store.set(clubId, { announcement: '' });
  expect(await untold()).toEqual([]);
  await store.set(clubId, { announcement: 'News' });
  await store.markAnnounced(clubId, 3);
  expect(await untold()).toEqual([[4, 'News']]);
  await store.markAnnounced(clubId, 4);
  expect(await untold()).toEqual([]);
});
