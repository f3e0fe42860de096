import type { ChatMessage, ChatSettings, ChatState, HeldMessage } from '../../../shared/protocol/chat.ts';
import type { Queryable } from '../../platform/postgres.ts';

export type ChatStore = {
  /** Defaults for a room that nobody configured. */
  state(roomId: string): Promise<ChatState>;
  configure(roomId: string, settings: ChatSettings): Promise<void>;
  pin(roomId: string, message: ChatMessage | null): Promise<void>;
  announce(roomId: string, text: string | null): Promise<void>;
  /** The same message is held once; false when it was already. */
  hold(roomId: string, message: ChatMessage, reason: string): Promise<boolean>;
  held(roomId: string, rows: number): Promise<HeldMessage[]>;
  /** How many messages wait. */
  heldCount(roomId: string): Promise<number>;
  heldOne(roomId: string, messageId: string): Promise<{ message: ChatMessage; decision: Decision | null } | null>;
  /** Decides once; returns the decision that counts. */
  decide(roomId: string, messageId: string, decision: Decision, byId: string): Promise<Decision | null>;
};

export type Decision = 'approved' | 'rejected';

const defaults: ChatSettings = {
  slowSeconds: 0,
  audience: 'everyone',
  followMinutesMin: 0,
  fanLevelMin: 1,
  hold: 'none',
};

const select = `
  SELECT slow_seconds AS "slowSeconds", audience, follow_minutes_min AS "followMinutesMin", fan_level_min AS "fanLevelMin",
    hold, pinned, announcement
  FROM chat_settings WHERE room_id = $1`;
const configure = `
  INSERT INTO chat_settings (room_id, slow_seconds, audience, follow_minutes_min, fan_level_min, hold)
  VALUES ($1, $2, $3, $4, $5, $6)
  ON CONFLICT (room_id) DO UPDATE SET slow_seconds = EXCLUDED.slow_seconds, audience = EXCLUDED.audience,
    follow_minutes_min = EXCLUDED.follow_minutes_min, fan_level_min = EXCLUDED.fan_level_min, hold = EXCLUDED.hold`;
const pin = `
  INSERT INTO chat_settings (room_id, pinned) VALUES ($1, $2) ON CONFLICT (room_id) DO UPDATE SET pinned = EXCLUDED.pinned`;
const announce = `
  INSERT INTO chat_settings (room_id, announcement) VALUES ($1, $2)
  ON CONFLICT (room_id) DO UPDATE SET announcement = EXCLUDED.announcement`;
const hold = `
  INSERT INTO held_messages (message_id, room_id, sender_id, message, reason) VALUES ($1, $2, $3, $4, $5)
  ON CONFLICT (message_id) DO NOTHING`;
const heldOpen = `
  SELECT message, reason, (extract(epoch FROM held_at) * 1000)::bigint AS "heldAtMs"
  FROM held_messages WHERE room_id = $1 AND decision IS NULL ORDER BY held_at LIMIT $2`;
const heldCount = `SELECT count(*) AS waiting FROM held_messages WHERE room_id = $1 AND decision IS NULL`;
const heldOne = `SELECT message, decision FROM held_messages WHERE room_id = $1 AND message_id = $2`;
const decide = `
  UPDATE held_messages SET decision = coalesce(decision, $3), decided_at = coalesce(decided_at, now()),
    decided_by = coalesce(decided_by, $4)
  WHERE room_id = $1 AND message_id = $2 RETURNING decision`;

type Row = ChatSettings & { pinned: ChatMessage | null; announcement: string | null };

export function createChatStore(db: Queryable): ChatStore {
  return {
    async state(roomId) {
      const row = (await db.query<Row>(select, [roomId])).rows[0];
      const { pinned, announcement, ...settings } = row ?? { ...defaults, pinned: null, announcement: null };
      return { settings, pinned, announcement };
    },
    async configure(roomId, { slowSeconds, audience, followMinutesMin, fanLevelMin, hold: held }) {
      await db.query(configure, [roomId, slowSeconds, audience, followMinutesMin, fanLevelMin, held]);
    },
    async pin(roomId, message) {
      await db.query(pin, [roomId, message]);
    },
    async announce(roomId, text) {
      await db.query(announce, [roomId, text]);
    },
    async hold(roomId, message, reason) {
      const { rowCount } = await db.query(hold, [message.messageId, roomId, message.senderId, message, reason]);
      return rowCount === 1;
    },
    async held(roomId, rows) {
      return (await db.query<HeldMessage>(heldOpen, [roomId, rows])).rows;
    },
    async heldCount(roomId) {
      return (await db.query<{ waiting: number }>(heldCount, [roomId])).rows[0]!.waiting;
    },
    async heldOne(roomId, messageId) {
      return (
        (await db.query<{ message: ChatMessage; decision: Decision | null }>(heldOne, [roomId, messageId])).rows[0] ??
        null
      );
    },
    async decide(roomId, messageId, decision, byId) {
      return (
        (await db.query<{ decision: Decision }>(decide, [roomId, messageId, decision, byId])).rows[0]?.decision ?? null
      );
    },
  };
}
