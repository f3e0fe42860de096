-- Up Migration

-- The archive of room logs: replay, evidence, dashboards. Written in batches; deleted when the retention time has passed.
CREATE TABLE room_log_entries (
  room_id      uuid NOT NULL REFERENCES rooms ON DELETE CASCADE,
  epoch        text NOT NULL,
  entry_offset bigint NOT NULL,
  at           timestamptz NOT NULL,
  kind         text NOT NULL,
  sender_id    text NOT NULL,
  -- Id of what the entry carries; '' when it carries nothing with an id.
  entry_id     text NOT NULL,
  thinned      boolean NOT NULL,
  body         jsonb NOT NULL,
  -- Taken back by a later entry: kept as evidence, never shown again.
  redacted_at  timestamptz,
  PRIMARY KEY (room_id, epoch, entry_offset)
);
CREATE INDEX room_log_entries_at ON room_log_entries USING brin (at);
CREATE INDEX room_log_entries_shown ON room_log_entries (room_id, at) WHERE redacted_at IS NULL;
CREATE INDEX room_log_entries_entry ON room_log_entries (room_id, entry_id) WHERE entry_id <> '';
CREATE INDEX room_log_entries_sender ON room_log_entries (room_id, sender_id) WHERE sender_id <> '';

-- How far the archive has come in each room.
CREATE TABLE room_log_positions (
  room_id      uuid PRIMARY KEY REFERENCES rooms ON DELETE CASCADE,
  epoch        text NOT NULL,
  entry_offset bigint NOT NULL
);
