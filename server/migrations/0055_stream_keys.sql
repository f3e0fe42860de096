-- Up Migration

-- What lets OBS and other WHIP encoders publish in a room as its host.
CREATE TABLE stream_keys (
  key_id       uuid PRIMARY KEY,
  room_id      uuid NOT NULL REFERENCES rooms ON DELETE CASCADE,
  -- SHA-256 of the key, which is shown once and kept nowhere.
  key_hash     bytea NOT NULL UNIQUE,
  created_at   timestamptz NOT NULL DEFAULT now(),
  last_used_at timestamptz,
  revoked_at   timestamptz
);
-- A room has one key that works.
CREATE UNIQUE INDEX stream_keys_room ON stream_keys (room_id) WHERE revoked_at IS NULL;

-- Who may publish in a room besides its host.
CREATE TABLE co_hosts (
  room_id     uuid NOT NULL REFERENCES rooms ON DELETE CASCADE,
  person_id   uuid NOT NULL REFERENCES people ON DELETE CASCADE,
  invited_at  timestamptz NOT NULL DEFAULT now(),
  accepted_at timestamptz,
  PRIMARY KEY (room_id, person_id)
);
