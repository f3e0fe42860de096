-- Up Migration

-- Stretches of room_log_entries that were archived before everybody who listens had taken account of them: they are heard again.
CREATE TABLE room_log_owed (
  room_id      uuid         NOT NULL REFERENCES rooms ON DELETE CASCADE,
  epoch        text         NOT NULL,
  from_offset  bigint       NOT NULL,
  to_offset    bigint       NOT NULL,
  next_at      timestamptz  NOT NULL DEFAULT now(),
  PRIMARY KEY (room_id, epoch, from_offset)
);
CREATE INDEX room_log_owed_next ON room_log_owed (next_at);
