import type { ChatMessage, ChatSettings, ChatState, HeldMessage, HeldReason } from '../../../shared/protocol/chat.ts';
import { inTransaction, type Db } from '../../platform/postgres.ts';

export type ChatStore = {
  /** Defaults for a room that nobody configured. */
  state(roomId: string): Promise<ChatState>;
  /** Returns the settings as they are then. Two who change different ones at the same time both get their way. */
  configure(roomId: string, changes: SettingChanges): Promise<ChatSettings>;
  pin(roomId: string, message: ChatMessage | null): Promise<void>;
  /**
   * Has somebody say what changed in a chat and was not said yet, as it is now. One at a time in a room, so that what is said last is how
   * it stays; when it could not be said, it is to be said still.
   */
  tell(roomId: string, say: (state: ChatState, parts: readonly ChatPart[]) => Promise<unknown>): Promise<void>;
  /** Rooms, `max` at the most, where something is to be said. */
  untold(max: number): Promise<string[]>;
  /** Unpins this message; whether it was pinned. */
  unpin(roomId: string, messageId: string): Promise<boolean>;
  announce(roomId: string, text: string | null): Promise<void>;
  /**
   * The same message is held once. `full`: so many wait of this sender, or in the room, that no more is taken; in a full room the newest
   * of whoever has most waiting is rejected for one of somebody who has less. An unheard one is held rejected: nobody is asked about
   * it, and its sender is answered as if somebody was.
   */
  hold(roomId: string, message: ChatMessage, heldFor: HeldFor, unheard: boolean): Promise<Holding>;
  /** Deletes what was held so long ago, decided or not; `max` at the most. */
  forgetHeld(days: number, max: number): Promise<void>;
  held(roomId: string, rows: number): Promise<HeldMessage[]>;
  /** How many messages wait. */
  heldCount(roomId: string): Promise<number>;
  /** `said`: it was approved, and has been said. `isRefused`: it was rejected by others, which its sender may know: not so an unheard one. */
  heldOne(roomId: string, messageId: string): Promise<HeldOne | null>;
  /** Decides once; returns the decision that counts. */
  decide(roomId: string, messageId: string, decision: Decision, byId: string): Promise<Decision | null>;
  /** Rejects what this person wrote and takes back before anybody decided; whether it waited. */
  takeBackHeld(roomId: string, messageId: string, senderId: string): Promise<boolean>;
  noteSaid(messageId: string): Promise<void>;
  /** Messages, `max` at the most, that were approved some seconds ago, and that nobody has noted to be said. */
  unsaid(max: number): Promise<{ roomId: string; message: ChatMessage }[]>;
  /** Rejects all that a person said and that waits in these rooms; returns it. */
  rejectAllOf(
    roomIds: readonly string[],
    personId: string,
    byId: string,
  ): Promise<{ roomId: string; message: ChatMessage }[]>;
  /** Unpins what a person said; returns the rooms where something was. */
  unpinAllOf(roomIds: readonly string[], personId: string): Promise<string[]>;
};

/** What `configure`, `pin` and `announce` change. */
export type ChatPart = 'settings' | 'pinned' | 'announcement';

export type Decision = 'approved' | 'rejected';

/** Why a message waits, and the word that was found. */
export type HeldFor = { reason: HeldReason; detail: string | null };

/** `crowdedOut`: what gave way for it. */
export type Holding = { outcome: 'new' | 'known' | 'full'; crowdedOut: ChatMessage | null };

type HeldOne = HeldFor & { message: ChatMessage; decision: Decision | null; said: boolean; isRefused: boolean };

/** A setting that is undefined stays as it is. */
export type SettingChanges = { [S in keyof ChatSettings]?: ChatSettings[S] | undefined };

const defaults: ChatSettings = {
  slowSeconds: 0,
  audience: 'everyone',
  followMinutesMin: 0,
  fanLevelMin: 1,
  hold: 'none',
};

/** Messages that wait in one room: more than its staff will ever look through. */
const heldMax = 1_000;
/** Messages of one sender that wait in one room: the others have to be seen too. */
const heldOfOneMax = 10;
/** Unheard messages, and those that gave way, count as waiting this long, as if staff had looked through them then. */
const undecidedMinutes = 10;

/** Part of a SET: this part is to be said in the room. */
const noted = (part: ChatPart): string => `untold = array_append(array_remove(s.untold, '${part}'), '${part}')`;

const settingColumns = `
  slow_seconds AS "slowSeconds", audience, follow_minutes_min AS "followMinutesMin", fan_level_min AS "fanLevelMin", hold`;
const select = `SELECT ${settingColumns}, pinned, announcement FROM chat_settings WHERE room_id = $1`;
/** $2 to $6: what changes, null for what stays; $7 to $11: what a room begins with. */
const configure = `
  INSERT INTO chat_settings AS s (room_id, slow_seconds, audience, follow_minutes_min, fan_level_min, hold, untold)
  VALUES ($1, coalesce($2, $7::int), coalesce($3, $8), coalesce($4, $9::int), coalesce($5, $10::int), coalesce($6, $11),
    '{settings}')
  ON CONFLICT (room_id) DO UPDATE SET slow_seconds = coalesce($2, s.slow_seconds), audience = coalesce($3, s.audience),
    follow_minutes_min = coalesce($4, s.follow_minutes_min), fan_level_min = coalesce($5, s.fan_level_min),
    hold = coalesce($6, s.hold), ${noted('settings')}
  RETURNING ${settingColumns}`;
const pin = `
  INSERT INTO chat_settings AS s (room_id, pinned, untold) VALUES ($1, $2, '{pinned}')
  ON CONFLICT (room_id) DO UPDATE SET pinned = EXCLUDED.pinned, ${noted('pinned')}`;
const unpin = `
  UPDATE chat_settings AS s SET pinned = NULL, ${noted('pinned')} WHERE room_id = $1 AND pinned->>'messageId' = $2`;
const announce = `
  INSERT INTO chat_settings AS s (room_id, announcement, untold) VALUES ($1, $2, '{announcement}')
  ON CONFLICT (room_id) DO UPDATE SET announcement = EXCLUDED.announcement, ${noted('announcement')}`;
const lockUntold = `
  SELECT ${settingColumns}, pinned, announcement, untold FROM chat_settings
  WHERE room_id = $1 AND untold <> '{}' FOR UPDATE`;
const noteTold = `UPDATE chat_settings SET untold = '{}' WHERE room_id = $1`;
const untold = `SELECT room_id AS "roomId" FROM chat_settings WHERE untold <> '{}' LIMIT $1`;
const hold = `
  WITH waiting AS (
    SELECT count(*) AS all FROM held_messages WHERE room_id = $2 AND decision IS NULL),
  own AS (
    SELECT count(*) AS waiting FROM held_messages
    WHERE room_id = $2 AND sender_id = $3 AND (decision IS NULL OR decision = 'rejected' AND decided_by IS NULL
      AND held_at > now() - interval '${undecidedMinutes} minutes')),
  most AS (
    SELECT (array_agg(message_id ORDER BY held_at DESC))[1] AS newest, count(*) AS waiting
    FROM held_messages WHERE room_id = $2 AND decision IS NULL AND (SELECT "all" FROM waiting) >= ${heldMax}
    GROUP BY sender_id ORDER BY waiting DESC LIMIT 1),
  yielding AS (
    SELECT newest FROM most, own
    WHERE own.waiting + 1 < most.waiting AND NOT EXISTS (SELECT FROM held_messages WHERE message_id = $1)),
  yielded AS (
    UPDATE held_messages SET decision = 'rejected', decided_at = now(), crowded_out = true
    WHERE message_id IN (SELECT newest FROM yielding) AND decision IS NULL AND NOT $6 RETURNING message),
  added AS (
    INSERT INTO held_messages (message_id, room_id, sender_id, message, reason, detail, decision, decided_at)
    SELECT $1, $2, $3, $4, $5, $7, CASE WHEN $6 THEN 'rejected' END, CASE WHEN $6 THEN now() END FROM waiting, own
    WHERE own.waiting < ${heldOfOneMax} AND (waiting.all < ${heldMax} OR EXISTS (SELECT FROM yielding))
    ON CONFLICT (message_id) DO NOTHING RETURNING message_id)
  SELECT CASE
    WHEN EXISTS (SELECT FROM added) THEN 'new'
    WHEN EXISTS (SELECT FROM held_messages WHERE message_id = $1) THEN 'known'
    ELSE 'full' END AS outcome, (SELECT message FROM yielded) AS "crowdedOut"`;
const forgetHeld = `
  DELETE FROM held_messages WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM held_messages WHERE held_at < now() - make_interval(days => $1) LIMIT $2))`;
const heldOpen = `
  SELECT message, reason, detail, (extract(epoch FROM held_at) * 1000)::bigint AS "heldAtMs"
  FROM held_messages WHERE room_id = $1 AND decision IS NULL ORDER BY held_at LIMIT $2`;
const heldCount = `SELECT count(*) AS waiting FROM held_messages WHERE room_id = $1 AND decision IS NULL`;
const heldOne = `
  SELECT message, reason, detail, decision, said,
    coalesce(decision = 'rejected' AND (crowded_out OR decided_by <> sender_id), false) AS "isRefused"
  FROM held_messages WHERE room_id = $1 AND message_id = $2`;
const decide = `
  UPDATE held_messages SET decision = coalesce(decision, $3), decided_at = coalesce(decided_at, now()),
    decided_by = coalesce(decided_by, $4)
  WHERE room_id = $1 AND message_id = $2 RETURNING decision`;
const takeBackHeld = `
  UPDATE held_messages SET decision = 'rejected', decided_at = now(), decided_by = $3
  WHERE room_id = $1 AND message_id = $2 AND sender_id = $3
    AND (decision IS NULL OR decision = 'rejected' AND decided_by IS NULL)`;
const noteSaid = `UPDATE held_messages SET said = true WHERE message_id = $1`;
const unsaid = `
  SELECT room_id AS "roomId", message FROM held_messages
  WHERE decision = 'approved' AND NOT said AND decided_at < now() - interval '5 seconds' ORDER BY decided_at LIMIT $1`;
const rejectAllOf = `
  UPDATE held_messages SET decision = 'rejected', decided_at = now(), decided_by = $3
  WHERE room_id = ANY ($1) AND sender_id = $2 AND decision IS NULL RETURNING room_id AS "roomId", message`;
const unpinAllOf = `
  UPDATE chat_settings AS s SET pinned = NULL, ${noted('pinned')}
  WHERE room_id = ANY ($1) AND pinned->>'senderId' = $2 RETURNING room_id AS "roomId"`;

const stateOf = ({ pinned, announcement, ...settings }: Row): ChatState => ({ settings, pinned, announcement });

type Row = ChatSettings & { pinned: ChatMessage | null; announcement: string | null };

const valuesOf = ({ slowSeconds, audience, followMinutesMin, fanLevelMin, hold: held }: SettingChanges) => [
  slowSeconds,
  audience,
  followMinutesMin,
  fanLevelMin,
  held,
];

export function createChatStore(db: Db): ChatStore {
  return {
    async state(roomId) {
      const row = (await db.query<Row>(select, [roomId])).rows[0];
      return stateOf(row ?? { ...defaults, pinned: null, announcement: null });
    },
    async tell(roomId, say) {
      await inTransaction(db, async (client) => {
        const row = (await client.query<Row & { untold: ChatPart[] }>(lockUntold, [roomId])).rows[0];
        if (!row) return;
        const { untold: parts, ...state } = row;
        await say(stateOf(state), parts);
        await client.query(noteTold, [roomId]);
      });
    },
    async untold(max) {
      return (await db.query<{ roomId: string }>(untold, [max])).rows.map(({ roomId }) => roomId);
    },
    async configure(roomId, changes) {
      const values = [...valuesOf(changes).map((value) => value ?? null), ...valuesOf(defaults)];
      return (await db.query<ChatSettings>(configure, [roomId, ...values])).rows[0]!;
    },
    async pin(roomId, message) {
      await db.query(pin, [roomId, message]);
    },
    async unpin(roomId, messageId) {
      return (await db.query(unpin, [roomId, messageId])).rowCount === 1;
    },
    async announce(roomId, text) {
      await db.query(announce, [roomId, text]);
    },
    async hold(roomId, message, { reason, detail }, unheard) {
      const values = [message.messageId, roomId, message.senderId, message, reason, unheard, detail];
      return (await db.query<Holding>(hold, values)).rows[0]!;
    },
    async forgetHeld(days, max) {
      await db.query(forgetHeld, [days, max]);
    },
    async held(roomId, rows) {
      return (await db.query<HeldMessage>(heldOpen, [roomId, rows])).rows;
    },
    async heldCount(roomId) {
      return (await db.query<{ waiting: number }>(heldCount, [roomId])).rows[0]!.waiting;
    },
    async heldOne(roomId, messageId) {
      return (await db.query<HeldOne>(heldOne, [roomId, messageId])).rows[0] ?? null;
    },
    async decide(roomId, messageId, decision, byId) {
      return (
        (await db.query<{ decision: Decision }>(decide, [roomId, messageId, decision, byId])).rows[0]?.decision ?? null
      );
    },
    async takeBackHeld(roomId, messageId, senderId) {
      return (await db.query(takeBackHeld, [roomId, messageId, senderId])).rowCount === 1;
    },
    async noteSaid(messageId) {
      await db.query(noteSaid, [messageId]);
    },
    async unsaid(max) {
      return (await db.query<{ roomId: string; message: ChatMessage }>(unsaid, [max])).rows;
    },
    async rejectAllOf(roomIds, personId, byId) {
      return (await db.query<{ roomId: string; message: ChatMessage }>(rejectAllOf, [roomIds, personId, byId])).rows;
    },
    async unpinAllOf(roomIds, personId) {
      return (await db.query<{ roomId: string }>(unpinAllOf, [roomIds, personId])).rows.map(({ roomId }) => roomId);
    },
  };
}
