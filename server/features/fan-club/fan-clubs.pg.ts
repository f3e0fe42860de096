import { AppError } from '../../../shared/errors.ts';
import { levelOfPoints } from '../../../shared/fan-levels.ts';
import type { Club, Member } from '../../../shared/protocol/fan-club.ts';
import { inTransaction, violates, type Db, type DbClient } from '../../platform/postgres.ts';
import type { FanClubStore, JoinResult, MembershipRow, MembershipState, RoomForFans } from './fan-clubs.ts';
import type { Fan } from './fan-points.ts';

const clubColumns = `club_id AS "clubId", join_rule AS "joinRule", members_max AS "membersMax",
  member_count AS "memberCount", greeting, announcement, group_room_id AS "groupRoomId",
  coalesce((SELECT g.state <> 'live' FROM rooms g WHERE g.room_id = group_room_id), false) AS "groupClosed"`;
const ms = (column: string): string => `(extract(epoch FROM ${column}) * 1000)::bigint`;
const at = (parameter: string): string => `to_timestamp(${parameter}::float8 / 1000)`;

const findClub = `SELECT ${clubColumns} FROM fan_clubs WHERE club_id = $1`;
const lockClub = `SELECT members_max - member_count AS "placesLeft" FROM fan_clubs WHERE club_id = $1 FOR UPDATE`;
/** An announcement that changes has a number of its own; one that is taken away is none. */
const setClub = `
  INSERT INTO fan_clubs AS c (club_id, join_rule, members_max, greeting, announcement, announcement_number)
  VALUES ($1, coalesce($2, 'open'), coalesce($3, 100000), coalesce($4, ''), coalesce($5, ''), (coalesce($5, '') <> '')::int)
  ON CONFLICT (club_id) DO UPDATE SET
    join_rule = coalesce($2, c.join_rule), members_max = coalesce($3, c.members_max),
    greeting = coalesce($4, c.greeting), announcement = coalesce($5, c.announcement),
    announcement_number = c.announcement_number + (coalesce($5, '') NOT IN ('', c.announcement))::int
  RETURNING ${clubColumns}`;
const setGroupRoom = `
  UPDATE fan_clubs SET group_room_id = $2 WHERE club_id = $1 AND group_room_id IS NULL RETURNING ${clubColumns}`;

const membership = `
  SELECT state, points, ${ms('active_at')} AS "activeAtMs", ${ms('decays_at')} AS "decaysAtMs"
  FROM fan_memberships WHERE club_id = $1 AND person_id = $2`;
const among = `
  SELECT person_id AS "personId", points, ${ms('first_joined_at')} AS "firstJoinedAtMs"
  FROM fan_memberships WHERE club_id = $1 AND person_id = ANY ($2) AND state = 'member'`;
const spoke = `
  SELECT m.club_id AS "clubId", m.person_id AS "personId", line.message_id AS "messageId"
  FROM unnest($1::uuid[], $2::uuid[], $3::text[]) WITH ORDINALITY AS line (room_id, person_id, message_id, place)
  JOIN rooms r ON r.room_id = line.room_id AND NOT r.rehearsal
  JOIN fan_memberships m ON m.club_id = r.host_id AND m.person_id = line.person_id AND m.state = 'member'
  ORDER BY line.place`;
const statesOf = `SELECT person_id AS "personId", state FROM fan_memberships WHERE club_id = $1 AND person_id = ANY ($2)`;

/**
 * A return changes nothing of what runs against the points, however long one was away: or leaving and coming back, a script of two
 * lines, would keep them for ever. Who was warned before loses the points of one day on coming back, and then goes on.
 */
const upsert = `
  INSERT INTO fan_memberships AS m (club_id, person_id, state, active_at, joined_at, changed_at, first_joined_at)
  SELECT $1, person_id, state, ${at('$4')}, ${at('$4')}, ${at('$4')}, CASE WHEN state = 'member' THEN ${at('$4')} END
  FROM unnest($2::uuid[], $3::text[]) AS new (person_id, state)
  ON CONFLICT (club_id, person_id) DO UPDATE SET
    state = EXCLUDED.state, joined_at = EXCLUDED.joined_at, changed_at = EXCLUDED.changed_at,
    first_joined_at = coalesce(m.first_joined_at, EXCLUDED.first_joined_at)`;
const count = `UPDATE fan_clubs SET member_count = member_count + $2 WHERE club_id = $1`;
const move = `
  UPDATE fan_memberships SET state = $3, changed_at = ${at('$5')}
  WHERE club_id = $1 AND person_id = $2 AND state = $4`;

/** A member out, or whoever is out and became a member in again: nothing else makes a turn. */
const notePutOut = `INSERT INTO fan_club_put_outs (club_id, person_id, is_out, at) VALUES ($1, $2, true, ${at('$3')})`;
const noteLetIn = `
  INSERT INTO fan_club_put_outs (club_id, person_id, is_out, at)
  SELECT $1, person_id, false, ${at('$3')} FROM unnest($2::uuid[]) AS member (person_id) WHERE (
    SELECT is_out FROM fan_club_put_outs p WHERE p.club_id = $1 AND p.person_id = member.person_id ORDER BY row_id DESC LIMIT 1
  )`;

const members = `
  SELECT m.person_id AS "personId", p.display_name AS name, m.points, ${ms('m.joined_at')} AS "joinedAtMs"
  FROM fan_memberships m JOIN people p USING (person_id)
  WHERE m.club_id = $1 AND m.state = 'member' AND ($2::bigint IS NULL OR m.points < $2 OR (m.points = $2 AND m.person_id > $3))
  ORDER BY m.points DESC, m.person_id LIMIT $4`;
const requests = `
  SELECT m.person_id AS "personId", p.display_name AS name, ${ms('m.changed_at')} AS "askedAtMs"
  FROM fan_memberships m JOIN people p USING (person_id)
  WHERE m.club_id = $1 AND m.state = 'asked' ORDER BY m.changed_at LIMIT $2`;

const liveToTell = `
  SELECT c.group_room_id AS "groupRoomId", r.room_id AS "roomId", r.title
  FROM rooms r JOIN fan_clubs c ON c.club_id = r.host_id JOIN rooms g ON g.room_id = c.group_room_id
  WHERE r.kind = 'show' AND r.state = 'live' AND NOT r.rehearsal AND g.state = 'live'
    AND NOT EXISTS (SELECT FROM fan_live_notices n WHERE n.room_id = r.room_id) AND r.room_id > $1
  ORDER BY r.room_id LIMIT $2`;
const markTold = `INSERT INTO fan_live_notices (room_id) VALUES ($1) ON CONFLICT DO NOTHING`;
const announcementsToTell = `
  SELECT club_id AS "clubId", group_room_id AS "groupRoomId", announcement_number AS number, announcement AS text
  FROM fan_clubs JOIN rooms g ON g.room_id = group_room_id AND g.state = 'live'
  WHERE announcement_told < announcement_number AND announcement <> '' AND club_id > $1
  ORDER BY club_id LIMIT $2`;
const markAnnounced = `
  UPDATE fan_clubs SET announcement_told = greatest(announcement_told, $2) WHERE club_id = $1`;
const forFansAmong = `
  SELECT host_id AS "clubId", room_id AS "roomId", kind = 'group' AND state <> 'live' AS "isClosed"
  FROM rooms WHERE room_id = ANY ($1) AND open_to = 'fans'`;
const roomsForFans = `
  SELECT room_id AS "roomId" FROM rooms
  WHERE host_id = $1 AND open_to = 'fans' AND state NOT IN ('ended', 'cancelled')
  ORDER BY state = 'scheduled', scheduled_at LIMIT $2`;

export function createFanClubStore(db: Db): FanClubStore {
  return {
    async find(clubId) {
      return (await db.query<Club>(findClub, [clubId])).rows[0] ?? null;
    },
    async set(clubId, { joinRule, membersMax, greeting, announcement }) {
      const { rows } = await db
        .query<Club>(setClub, [clubId, joinRule, membersMax, greeting, announcement])
        .catch((error: unknown) => {
          if (!violates(error, 'fan_clubs_not_too_many')) throw error;
          throw new AppError('CONFLICT', 'The club has more members than that.', { reason: 'members-more' });
        });
      return rows[0]!;
    },
    async setGroupRoom(clubId, roomId) {
      return (await db.query<Club>(setGroupRoom, [clubId, roomId])).rows[0] ?? null;
    },
    async spoke(lines) {
      const people = lines.map(({ personId }) => personId);
      const values = [lines.map(({ roomId }) => roomId), people, lines.map(({ messageId }) => messageId)];
      return (await db.query<Fan & { messageId: string }>(spoke, values)).rows;
    },
    async among(clubId, personIds) {
      type Found = { personId: string; points: number; firstJoinedAtMs: number };
      const { rows } = await db.query<Found>(among, [clubId, personIds]);
      return new Map(
        rows.map(({ personId, points, firstJoinedAtMs }) => [
          personId,
          { level: levelOfPoints(points), firstJoinedAtMs },
        ]),
      );
    },
    async membership(clubId, personId) {
      return (await db.query<MembershipRow>(membership, [clubId, personId])).rows[0] ?? null;
    },
    join: (clubId, people, nowMs) => inTransaction(db, (client) => joinAll(client, clubId, people, nowMs)),
    leave: (clubId, personId, nowMs) =>
      inTransaction(db, async (client) => {
        await client.query(lockClub, [clubId]);
        if (await moved(client, clubId, personId, 'left', 'asked', nowMs)) return true;
        return endMembership(client, clubId, personId, 'left', nowMs);
      }),
    decide: (clubId, personId, accept, nowMs) =>
      inTransaction(db, async (client) => {
        const placesLeft = await lock(client, clubId);
        if (!accept) return (await refuse(client, clubId, personId, nowMs)) ? 'refused' : 'not_asked';
        // Not a member at once: whoever was refused months ago may not want to be one any more.
        if (await moved(client, clubId, personId, 'left', 'refused', nowMs)) return 'may_ask';
        const state = (await client.query<{ state: MembershipState }>(membership, [clubId, personId])).rows[0]?.state;
        if (state !== 'asked') return 'not_asked';
        if (placesLeft <= 0) return 'full';
        await write(client, clubId, [{ personId, state: 'member' }], nowMs);
        return 'joined';
      }),
    async members(clubId, rows, after) {
      const found = await db.query<Omit<Member, 'level'>>(members, [clubId, after?.points, after?.personId, rows]);
      return found.rows.map((member) => ({ ...member, level: levelOfPoints(member.points) }));
    },
    async requests(clubId, rows) {
      return (await db.query<{ personId: string; name: string; askedAtMs: number }>(requests, [clubId, rows])).rows;
    },
    async liveToTell(afterId, max) {
      const found = await db.query<{ groupRoomId: string; roomId: string; title: string }>(liveToTell, [afterId, max]);
      return found.rows;
    },
    async markTold(roomId) {
      await db.query(markTold, [roomId]);
    },
    async announcementsToTell(afterId, max) {
      type Untold = { clubId: string; groupRoomId: string; number: number; text: string };
      return (await db.query<Untold>(announcementsToTell, [afterId, max])).rows;
    },
    async markAnnounced(clubId, number) {
      await db.query(markAnnounced, [clubId, number]);
    },
    async forFansAmong(roomIds) {
      return (await db.query<RoomForFans>(forFansAmong, [roomIds])).rows;
    },
    async roomsForFans(clubId, max) {
      return (await db.query<{ roomId: string }>(roomsForFans, [clubId, max])).rows.map(({ roomId }) => roomId);
    },
  };
}

/** Decides for each in order, under the lock of the club's row, so that the size limit holds over all gateways. */
async function joinAll(
  client: DbClient,
  clubId: string,
  people: readonly { personId: string; asks: boolean }[],
  nowMs: number,
): Promise<JoinResult[]> {
  let placesLeft = await lock(client, clubId);
  const ids = people.map(({ personId }) => personId);
  const { rows } = await client.query<{ personId: string; state: MembershipState }>(statesOf, [clubId, ids]);
  const states = new Map(rows.map(({ personId, state }) => [personId, state]));
  const changes = new Map<string, MembershipState>();
  const results = people.map(({ personId, asks }): JoinResult => {
    const state = changes.get(personId) ?? states.get(personId);
    if (state === 'member') return 'joined';
    if (state === 'refused') return 'refused';
    // Asked again, one keeps one's place among those who wait, also while the club is full.
    if (state === 'asked' && asks) return 'asked';
    if (placesLeft <= 0) return 'full';
    changes.set(personId, asks ? 'asked' : 'member');
    if (!asks) placesLeft -= 1;
    return asks ? 'asked' : 'joined';
  });
  const written = [...changes].map(([personId, state]) => ({ personId, state }));
  if (written.length > 0) await write(client, clubId, written, nowMs);
  return results;
}

async function lock(client: DbClient, clubId: string): Promise<number> {
  const club = (await client.query<{ placesLeft: number }>(lockClub, [clubId])).rows[0];
  if (!club) throw new AppError('NOT_FOUND', 'There is no such fan club.');
  return club.placesLeft;
}

async function write(
  client: DbClient,
  clubId: string,
  changes: readonly { personId: string; state: MembershipState }[],
  nowMs: number,
): Promise<void> {
  const values = [clubId, changes.map(({ personId }) => personId), changes.map(({ state }) => state), nowMs];
  await client.query(upsert, values);
  const joined = changes.filter(({ state }) => state === 'member').map(({ personId }) => personId);
  await client.query(count, [clubId, joined.length]);
  await client.query(noteLetIn, [clubId, joined, nowMs]);
}

/** Turns down who asked, or puts a member out. @returns false when it is neither. */
async function refuse(client: DbClient, clubId: string, personId: string, nowMs: number): Promise<boolean> {
  if (await moved(client, clubId, personId, 'refused', 'asked', nowMs)) return true;
  if (!(await endMembership(client, clubId, personId, 'refused', nowMs))) return false;
  await client.query(notePutOut, [clubId, personId, nowMs]);
  return true;
}

async function moved(
  client: DbClient,
  clubId: string,
  personId: string,
  to: MembershipState,
  from: MembershipState,
  nowMs: number,
): Promise<boolean> {
  return (await client.query(move, [clubId, personId, to, from, nowMs])).rowCount === 1;
}

async function endMembership(
  client: DbClient,
  clubId: string,
  personId: string,
  to: MembershipState,
  nowMs: number,
): Promise<boolean> {
  const ended = await moved(client, clubId, personId, to, 'member', nowMs);
  if (ended) await client.query(count, [clubId, -1]);
  return ended;
}
