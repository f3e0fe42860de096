-- Up Migration

-- What was taken back in a room: an entry by its id, or 'sender:ID' for all that a sender had said until then. Written before whoever
-- took it back is answered, so that neither a lost Redis nor an archive that comes later brings it back.
CREATE TABLE room_log_redactions (
  room_id uuid NOT NULL REFERENCES rooms ON DELETE CASCADE,
  what    text NOT NULL,
  at      timestamptz NOT NULL,
  PRIMARY KEY (room_id, what)
);
CREATE INDEX room_log_redactions_at ON room_log_redactions (at);
