import { AppError } from '../../../shared/errors.ts';
import type { Room, StaffRole } from '../../../shared/protocol/room.ts';
import { newId } from '../../../shared/ids.ts';
import { inTransaction, violates, type Db, type Queryable } from '../../platform/postgres.ts';
import { containing } from '../../platform/search-patterns.ts';
import { allFound, firstFound } from './room-search.pg.ts';
import type { CalendarShow, RoomsPage, RoomStore, StaffMember, StaffPlace, Takeover } from './room-store.ts';

const ms = (column: string, name: string): string => `(extract(epoch FROM r.${column}) * 1000)::bigint AS "${name}"`;

/** `r`: a row of rooms, `h`: its host. */
const columns = `
  r.room_id AS "roomId", r.kind, r.host_id AS "hostId", h.display_name AS "hostName", r.title, r.cover_url AS "coverUrl",
  r.state, r.rehearsal, r.open_to AS "openTo", r.product_ids AS "productIds", ${ms('scheduled_at', 'scheduledAtMs')},
  ${ms('started_at', 'startedAtMs')}, ${ms('ended_at', 'endedAtMs')}, r.version`;

const findWithRoles = `
  SELECT ${columns}, coalesce(
    (SELECT json_object_agg(person_id, role) FROM room_staff s WHERE s.room_id = r.room_id), '{}') AS roles
  FROM rooms r JOIN people h ON h.person_id = r.host_id WHERE r.room_id = $1`;
const select = (where: string): string =>
  `SELECT ${columns} FROM rooms r JOIN people h ON h.person_id = r.host_id ${where}`;
const changed = (statement: string): string =>
  `WITH r AS (${statement} RETURNING *) SELECT ${columns} FROM r JOIN people h ON h.person_id = r.host_id`;

/** Shows of one host that are not over, at the most; counted where the row is written. A ban counts in as many. */
const openMax = 200;

/** Whether people can see all of these products of this host's shop. */
const areShown = (ids: string, hostId: string): string => `
  NOT EXISTS (SELECT FROM unnest(${ids}) AS wanted (product_id) WHERE NOT EXISTS (
    SELECT FROM products p
    WHERE p.product_id = wanted.product_id AND p.shop_id = ${hostId} AND p.published AND p.archived_at IS NULL))`;

/**
 * A key that was used for another room gives no row; rooms made before requests had a fingerprint count as the same. Nor does one room too
 * many, or with a product that nobody can see, of a key that made none.
 */
const insert = changed(`
  INSERT INTO rooms (room_id, kind, host_id, title, cover_url, rehearsal, product_ids, scheduled_at, state, request_key,
    request_hash, open_to)
  SELECT $1::uuid, 'show', $2::uuid, $3, $4, $5::boolean, $6::uuid[], to_timestamp($7::float8 / 1000), 'scheduled', $8::text, $9::bytea,
    $10::text
  WHERE EXISTS (SELECT FROM rooms WHERE host_id = $2 AND request_key = $8)
    OR ${areShown('$6::uuid[]', '$2')}
      AND (SELECT count(*) FROM rooms WHERE host_id = $2 AND kind = 'show' AND state NOT IN ('ended', 'cancelled')) < ${openMax}
  ON CONFLICT (host_id, request_key) DO UPDATE SET request_key = EXCLUDED.request_key
    WHERE rooms.request_hash IS NULL OR rooms.request_hash = EXCLUDED.request_hash`);

/** Some who entered would be put out, and so be absent from the draw. */
const hasGiveaway = `EXISTS (SELECT FROM giveaways g WHERE g.room_id = rooms.room_id AND g.ended_at IS NULL)`;
/**
 * A field that is not given stays; the time, and whom it is open to, can be changed only while the room waits for its start: nobody who
 * watches is put out by a switch, and what was said among fans stays among them. What is on the list of products already may have gone from
 * the shop meanwhile. $8: the version that is changed, null for whichever it is.
 */
const update = changed(`
  UPDATE rooms SET
    title = coalesce($2, title),
    cover_url = CASE WHEN $3::boolean THEN $4 ELSE cover_url END,
    product_ids = coalesce($5, product_ids),
    scheduled_at = CASE WHEN $6::boolean THEN to_timestamp($7::float8 / 1000) ELSE scheduled_at END,
    was_scheduled_at = CASE WHEN NOT $6::boolean THEN was_scheduled_at WHEN $7::float8 IS NULL THEN coalesce(scheduled_at, was_scheduled_at) END,
    open_to = coalesce($9, open_to),
    version = version + 1
  WHERE room_id = $1 AND state NOT IN ('ended', 'cancelled') AND (NOT $6::boolean OR state = 'scheduled')
    AND ($9::text IS NULL OR open_to = $9 OR state = 'scheduled' AND NOT ${hasGiveaway})
    AND ($8::int IS NULL OR version = $8)
    AND ${areShown('ARRAY(SELECT unnest($5::uuid[]) EXCEPT SELECT unnest(product_ids))', 'host_id')}`);
/** Before its door changes: whoever publishes a giveaway holds this lock, and a statement sees only what was there when it began. */
const lockRoom = 'SELECT FROM rooms WHERE room_id = $1 FOR UPDATE';
const knows = `SELECT ${areShown('$2::uuid[]', '$1::uuid')} AS "areShown"`;

/** A host has one group, so whoever opens it a second time gets the one that is there, under the newer title. */
const openGroup = changed(`
  INSERT INTO rooms (room_id, kind, host_id, title, state, started_at, open_to)
  VALUES ($1, 'group', $2, $3, 'live', now(), 'fans')
  ON CONFLICT (host_id) WHERE kind = 'group' AND state = 'live'
  DO UPDATE SET title = EXCLUDED.title, version = rooms.version + 1`);

const closeGroup = changed(`
  UPDATE rooms SET state = CASE WHEN $2 THEN 'ended' ELSE 'live' END, ended_at = CASE WHEN $2 THEN now() END, version = version + 1
  WHERE room_id = $1 AND kind = 'group' AND (state = 'live') = $2`);

/**
 * Of a show, by hand; a group has no life like that. Whoever lets a show go on does so without the stream that was lost. A pause
 * pressed in the moment in which the stream made one is a pause by hand too.
 */
const move = changed(`
  UPDATE rooms SET
    state = $3,
    started_at = CASE WHEN $3 = 'live' THEN coalesce(started_at, now()) ELSE started_at END,
    ended_at = CASE WHEN $3 IN ('ended', 'cancelled') THEN now() END,
    stream_lost_at = CASE WHEN $3 = 'paused' THEN stream_lost_at END,
    resumed_at = CASE WHEN $3 = 'paused' OR $3 = 'live' AND state = 'paused' THEN now() ELSE resumed_at END,
    paused_by_hand = ($3 = 'paused'),
    version = version + 1
  WHERE room_id = $1 AND kind = 'show'
    AND (state = ANY ($2) OR $3 = 'paused' AND state = 'paused' AND NOT paused_by_hand)`);

const streamSeen = `
  UPDATE rooms SET publisher_id = $2, stream_lost_at = NULL,
    takeover_untold = CASE WHEN $3::boolean AND publisher_id <> $2 THEN gen_random_uuid() ELSE takeover_untold END
  WHERE room_id = $1 RETURNING takeover_untold AS "takeoverId"`;
const noteTakeoverTold = 'UPDATE rooms SET takeover_untold = NULL WHERE takeover_untold = $2 AND room_id = $1';
const untoldTakeovers = `
  SELECT room_id AS "roomId", takeover_untold AS "takeoverId" FROM rooms WHERE takeover_untold IS NOT NULL LIMIT $1`;
const streaming = `
  SELECT room_id AS "roomId", publisher_id AS "publisherId" FROM rooms
  WHERE publisher_id IS NOT NULL AND kind = 'show' AND state IN ('live', 'paused')`;
/**
 * What a stream makes of a room stands in one statement with the stream: another one may begin or end at any moment. It undoes no
 * pause that a person asked for, and a camera that is tried before the time of the show does not begin it. Who is told that the show goes on
 * need not be told who took it over.
 */
const goLive = changed(`
  UPDATE rooms SET state = 'live', started_at = coalesce(started_at, now()), takeover_untold = NULL, version = version + 1
  WHERE room_id = $1 AND publisher_id = $2 AND (state = 'paused' AND NOT paused_by_hand
    OR state = 'scheduled' AND (scheduled_at IS NULL OR scheduled_at <= now()))`);
const streamLost = changed(`
  UPDATE rooms SET publisher_id = NULL, stream_lost_at = now(),
    state = CASE WHEN state = 'live' AND kind = 'show' THEN 'paused' ELSE state END,
    version = version + CASE WHEN state = 'live' AND kind = 'show' THEN 1 ELSE 0 END
  WHERE room_id = $1 AND publisher_id = $2`);
const silent = `kind = 'show' AND state = 'paused' AND NOT paused_by_hand AND stream_lost_at IS NOT NULL`;
const endSilent = changed(`
  UPDATE rooms SET state = 'ended', ended_at = now(), stream_lost_at = NULL, version = version + 1
  WHERE ${silent} AND stream_lost_at < now() - make_interval(secs => $1::float8 / 1000)
    AND room_id IN (SELECT room_id FROM rooms WHERE ${silent} ORDER BY stream_lost_at LIMIT $2)`);
/** A show that goes on, or pauses, by hand, and that nobody streams to. */
const byHand = `kind = 'show' AND publisher_id IS NULL AND (state = 'live' OR state = 'paused' AND paused_by_hand)`;
/** When a hand last paused or resumed it, else when it began or lost its stream. */
const byHandSince = 'greatest(started_at, resumed_at, stream_lost_at)';
const endByHand = changed(`
  UPDATE rooms SET state = 'ended', ended_at = now(), stream_lost_at = NULL, version = version + 1
  WHERE ${byHand} AND ${byHandSince} < now() - make_interval(secs => $1::float8 / 1000)
    AND room_id IN (SELECT room_id FROM rooms WHERE ${byHand} ORDER BY ${byHandSince} LIMIT $2)`);

/** `r`: a row of rooms. A show that everybody may come to, and that has not begun. */
const isComing = (r: string): string => `${r}.kind = 'show' AND NOT ${r}.rehearsal AND ${r}.state = 'scheduled'`;
const isMissed = `${isComing('rooms')} AND rooms.scheduled_at < now() - make_interval(secs => $1::float8 / 1000)`;
const cancelMissed = changed(`
  UPDATE rooms SET state = 'cancelled', ended_at = now(), version = version + 1
  WHERE ${isMissed} AND room_id IN (SELECT room_id FROM rooms WHERE ${isMissed} ORDER BY scheduled_at LIMIT $2)`);

const noteTold = 'UPDATE rooms SET told_version = $2 WHERE room_id = $1 AND told_version < $2';
const untold = select('WHERE r.told_version < r.version LIMIT $1');

const states = { live: `'live', 'paused'`, coming: `'scheduled'`, past: `'ended'` } as const;
/** Viewers as they were last saved, some seconds ago. */
const watchedMost = '(SELECT viewers FROM room_audience a WHERE a.room_id = r.room_id) DESC NULLS LAST';
const order = {
  live: `${watchedMost}, r.started_at DESC`,
  coming: 'r.scheduled_at NULLS LAST',
  past: 'r.ended_at DESC',
} as const;

/** The same as numbers that rise: where a row stands in its list. Unix µs. */
const microseconds = (column: string): string => `(extract(epoch FROM r.${column}) * 1000000)::bigint`;
const placed = {
  live: [
    '-coalesce((SELECT viewers FROM room_audience a WHERE a.room_id = r.room_id), -1)::bigint',
    `-${microseconds('started_at')}`,
  ],
  coming: [`coalesce(${microseconds('scheduled_at')}, ${Number.MAX_SAFE_INTEGER})`, '0::bigint'],
  past: [`-${microseconds('ended_at')}`, '0::bigint'],
} as const;

/** What ended long ago is much, and not read through by who looks behind it: this bound is for the index. */
const endedBefore = `AND ($5::bigint IS NULL OR r.ended_at <= 'epoch'::timestamptz - $5::bigint * interval '1 microsecond')`;

/** A host who is later than this is not expected any more. */
const lateMax = '1 hour';
/** Coming shows of one host, at the most, in a list that nobody searched: a host has up to two hundred. */
const comingOfOneMax = 5;
const dueAt = (r: string): string => `(coalesce(${r}.scheduled_at, 'infinity'), ${r}.room_id)`;
/** Who asks for the shows of one host gets them all. */
const isExpected = `
  ($3 IS NOT NULL OR coalesce(r.scheduled_at, 'infinity') > now() - interval '${lateMax}')
  AND ($3 IS NOT NULL OR $2 <> '' OR ${comingOfOneMax} > (SELECT count(*) FROM (
    SELECT FROM rooms e WHERE e.host_id = r.host_id AND ${isComing('e')}
      AND coalesce(e.scheduled_at, 'infinity') > now() - interval '${lateMax}' AND ${dueAt('e')} < ${dueAt('r')}
    LIMIT ${comingOfOneMax}) AS earlier))`;

type Search = 'none' | 'first' | 'all';

/** $1: what is searched for, $2: the pattern of it. @see room-search.pg.ts. $5 to $7: the place of the last row of the page before. */
function listed(which: keyof typeof states, search: Search): string {
  const more = { live: '', coming: `AND ${isExpected}`, past: endedBefore }[which];
  const place = placed[which].join(', ');
  const isListed = `
    r.kind = 'show' AND NOT r.rehearsal AND r.state IN (${states[which]}) AND ($3::uuid IS NULL OR r.host_id = $3) ${more}
    AND ($7::uuid IS NULL OR (${place}, r.room_id) > ($5::bigint, $6::bigint, $7))`;
  const inOrder = `${order[which]}, r.room_id`;
  const found = {
    none: `rooms r JOIN people h ON h.person_id = r.host_id WHERE ${isListed} AND $1 = '' AND $2 = ''`,
    first: `${firstFound({ isListed, order: inOrder })} WHERE $1 <> ''`,
    all: allFound({ isListed, order: inOrder }),
  }[search];
  return `SELECT ${columns}, concat_ws('.', ${place}, r.room_id) AS place FROM ${found} ORDER BY ${inOrder} LIMIT $4`;
}

const timeOf = 'coalesce(r.scheduled_at, r.was_scheduled_at)';
const inCalendar = `r.kind = 'show' AND NOT r.rehearsal`;
const calendarOf = `
  SELECT ${columns}, ${ms('was_scheduled_at', 'wasScheduledAtMs')} FROM rooms r JOIN people h ON h.person_id = r.host_id
  WHERE r.host_id = $1 AND ${inCalendar} AND ${timeOf} > now() - interval '30 days'
  ORDER BY ${timeOf} < now(), abs(extract(epoch FROM ${timeOf} - now())) LIMIT 200`;
const calendarEntry = `
  SELECT ${columns}, ${ms('was_scheduled_at', 'wasScheduledAtMs')} FROM rooms r JOIN people h ON h.person_id = r.host_id
  WHERE r.room_id = $1 AND ${inCalendar} AND coalesce(r.started_at, ${timeOf}) IS NOT NULL`;
/** Who may have shows. */
const hostName = `SELECT display_name AS name FROM people WHERE person_id = $1 AND kind = 'account'`;

const mine = select(`
  WHERE r.host_id = $1 OR r.room_id IN (SELECT room_id FROM room_staff WHERE person_id = $1)
  ORDER BY r.created_at DESC LIMIT $2`);

/** All there can be: the shows, and the room of the fan group. */
const openOf = `
  SELECT room_id AS "roomId" FROM rooms WHERE host_id = $1 AND state NOT IN ('ended', 'cancelled')
  ORDER BY state = 'scheduled', created_at DESC LIMIT ${openMax + 1}`;

const rehearsals = 'SELECT room_id AS "roomId" FROM rooms WHERE room_id = ANY ($1) AND rehearsal';

const helpsIn = `
  SELECT FROM room_staff s JOIN rooms r USING (room_id)
  WHERE r.host_id = $1 AND s.person_id = $2 AND r.state NOT IN ('ended', 'cancelled') LIMIT 1`;

const staffOf = `
  SELECT s.person_id AS "personId", p.display_name AS name, s.role
  FROM room_staff s JOIN people p USING (person_id) WHERE s.room_id = $1 ORDER BY s.since`;

/** Staff of one room, at the most; counted where the row is written. */
const staffMax = 50;
const staffChanged = (statement: string): string => `
  WITH changed AS (${statement} RETURNING room_id, person_id)
  INSERT INTO room_staff_untold (room_id, person_id, change_id) SELECT room_id, person_id, $3 FROM changed
  ON CONFLICT (room_id, person_id) DO UPDATE SET change_id = EXCLUDED.change_id, at = now()`;
const addStaff = staffChanged(`
  INSERT INTO room_staff (room_id, person_id, role)
  SELECT $1::uuid, $2::uuid, $4 WHERE (SELECT count(*) FROM room_staff WHERE room_id = $1 AND person_id <> $2) < ${staffMax}
  ON CONFLICT (room_id, person_id) DO UPDATE SET role = EXCLUDED.role`);
const removeStaff = staffChanged('DELETE FROM room_staff WHERE room_id = $1 AND person_id = $2');
/** Waits for who tells of the same person, and makes who changes them again wait. */
const lockUntoldStaff = `
  SELECT change_id AS "changeId" FROM room_staff_untold WHERE room_id = $1 AND person_id = $2 FOR UPDATE`;
const roleNow = 'SELECT role FROM room_staff WHERE room_id = $1 AND person_id = $2';
const noteStaffTold = 'DELETE FROM room_staff_untold WHERE room_id = $1 AND person_id = $2';
/** Whoever changed it is most likely at it for the first seconds. */
const untoldStaff = `
  SELECT room_id AS "roomId", person_id AS "personId" FROM room_staff_untold
  WHERE at < now() - interval '5 seconds' ORDER BY at LIMIT $1`;

export function createRoomStore(db: Db): RoomStore {
  return {
    async add({ roomId, hostId, title, coverUrl, rehearsal, openTo, productIds, scheduledAtMs, request }) {
      const values = [roomId, hostId, title, coverUrl, rehearsal, productIds, scheduledAtMs];
      const added = await one(insert, [...values, request?.key ?? null, request?.hash ?? null, openTo]);
      if (added) return added;
      if (request && (await isUsed(hostId, request.key))) throw new AppError('KEY_REUSED');
      await checkProducts(hostId, productIds);
      throw new AppError('CONFLICT', `A host has at most ${openMax} shows that are not over.`, { reason: 'too-many' });
    },
    async openGroup({ roomId, hostId, title }) {
      return (await one(openGroup, [roomId, hostId, title]))!;
    },
    closeGroup: (roomId, closed) => one(closeGroup, [roomId, closed]),
    find: (roomId) => one(select('WHERE r.room_id = $1'), [roomId]),
    async findWithRoles(roomId) {
      const row = (await db.query<Room & { roles: Record<string, StaffRole> }>(findWithRoles, [roomId])).rows[0];
      if (!row) return null;
      const { roles, ...room } = row;
      return { room, roles: new Map(Object.entries(roles)) };
    },
    edit(roomId, { title, coverUrl, productIds, scheduledAtMs, openTo, version }) {
      const values = [
        roomId,
        title ?? null,
        coverUrl !== undefined,
        coverUrl ?? null,
        productIds ?? null,
        scheduledAtMs !== undefined,
        scheduledAtMs ?? null,
        version ?? null,
        openTo ?? null,
      ];
      if (openTo === undefined) return one(update, values);
      return inTransaction(db, async (client) => {
        await client.query(lockRoom, [roomId]);
        return one(update, values, client);
      });
    },
    checkProducts,
    async checkClub(hostId) {
      const { rowCount } = await db.query('SELECT FROM fan_clubs WHERE club_id = $1', [hostId]);
      if (!rowCount) throw new AppError('CONFLICT', 'The host has no fan club: open it first.', { reason: 'no-club' });
    },
    move: (roomId, from, to) => one(move, [roomId, from, to]),
    async streamSeen(roomId, publisherId, tookOver) {
      const { rows } = await db.query<{ takeoverId: string | null }>(streamSeen, [roomId, publisherId, tookOver]);
      return rows[0]?.takeoverId ?? null;
    },
    async noteTakeoverTold({ roomId, takeoverId }) {
      await db.query(noteTakeoverTold, [roomId, takeoverId]);
    },
    untoldTakeovers: async (max) => (await db.query<Takeover>(untoldTakeovers, [max])).rows,
    streaming: async () => (await db.query<{ roomId: string; publisherId: string }>(streaming)).rows,
    streamLost: (roomId, publisherId) => one(streamLost, [roomId, publisherId]),
    goLive: (roomId, publisherId) => one(goLive, [roomId, publisherId]),
    endSilent: (lostMs, max) => many(endSilent, [lostMs, max]),
    endByHand: (ms, max) => many(endByHand, [ms, max]),
    cancelMissed: (lateMs, max) => many(cancelMissed, [lateMs, max]),
    async noteTold(roomId, version) {
      await db.query(noteTold, [roomId, version]);
    },
    untold: (max) => many(untold, [max]),
    async list({ which, query, hostId, rows, after }) {
      const [first = null, second = null, roomId = null] = after?.split('.') ?? [];
      const page = async (search: Search): Promise<RoomsPage> => {
        const searched = search === 'none' ? ['', ''] : [query, containing(query)];
        const values = [...searched, hostId, rows, first, second, roomId];
        const found = await db.query<Room & { place: string }>(listed(which, search), values);
        const next = found.rowCount === rows ? found.rows.at(-1)!.place : null;
        return { rooms: found.rows.map(({ place: _place, ...room }) => room), next };
      };
      if (query === '') return page('none');
      const begin = await page('first');
      return begin.next === null ? page('all') : begin;
    },
    liveOf: (hostId) =>
      many(select(`WHERE r.host_id = $1 AND r.kind = 'show' AND r.state IN ('live', 'paused')`), [hostId]),
    async openOf(hostId) {
      return (await db.query<{ roomId: string }>(openOf, [hostId])).rows.map(({ roomId }) => roomId);
    },
    async rehearsals(roomIds) {
      return (await db.query<{ roomId: string }>(rehearsals, [roomIds])).rows.map(({ roomId }) => roomId);
    },
    helpsIn: async (hostId, personId) => (await db.query(helpsIn, [hostId, personId])).rowCount === 1,
    async calendarOf(hostId) {
      const host = (await db.query<{ name: string }>(hostName, [hostId])).rows[0];
      return host ? { name: host.name, shows: (await db.query<CalendarShow>(calendarOf, [hostId])).rows } : null;
    },
    calendarEntry: async (roomId) => (await db.query<CalendarShow>(calendarEntry, [roomId])).rows[0] ?? null,
    of: (personId, rows) => many(mine, [personId, rows]),
    async staff(roomId) {
      return (await db.query<StaffMember>(staffOf, [roomId])).rows;
    },
    async setStaff(roomId, personId, role) {
      const changeId = newId();
      if (role === null) return (await db.query(removeStaff, [roomId, personId, changeId])).rowCount === 1;
      const { rowCount } = await db.query(addStaff, [roomId, personId, changeId, role]).catch((error: unknown) => {
        throw violates(error, 'room_staff_person_id_fkey') ? new AppError('NOT_FOUND') : error;
      });
      if (!rowCount) throw new AppError('CONFLICT', `A room has at most ${staffMax} helpers.`, { reason: 'too-many' });
      return true;
    },
    async tellStaff({ roomId, personId }, say) {
      await inTransaction(db, async (client) => {
        const untold = (await client.query<{ changeId: string }>(lockUntoldStaff, [roomId, personId])).rows[0];
        if (!untold) return;
        // Asked by itself: who waited for the lock would get the role of before it.
        const { rows } = await client.query<{ role: StaffRole }>(roleNow, [roomId, personId]);
        await say(rows[0]?.role ?? null, untold.changeId);
        await client.query(noteStaffTold, [roomId, personId]);
      });
    },
    untoldStaff: async (max) => (await db.query<StaffPlace>(untoldStaff, [max])).rows,
  };

  async function checkProducts(hostId: string, productIds: readonly string[]): Promise<void> {
    const { rows } = await db.query<{ areShown: boolean }>(knows, [hostId, productIds]);
    if (!rows[0]!.areShown) throw new AppError('BAD_INPUT', 'productIds: not a published product of the host’s shop');
  }

  async function isUsed(hostId: string, key: string): Promise<boolean> {
    return (await db.query('SELECT FROM rooms WHERE host_id = $1 AND request_key = $2', [hostId, key])).rowCount === 1;
  }

  async function one(statement: string, values: unknown[], on: Queryable = db): Promise<Room | null> {
    return (await on.query<Room>(statement, values)).rows[0] ?? null;
  }

  async function many(statement: string, values: unknown[]): Promise<Room[]> {
    return (await db.query<Room>(statement, values)).rows;
  }
}
