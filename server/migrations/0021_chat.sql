-- Up Migration

-- What stands against a person: in one room, or (room_id NULL) in all rooms of a host.
CREATE TABLE sanctions (
  sanction_id uuid PRIMARY KEY,
  host_id     uuid NOT NULL REFERENCES people ON DELETE CASCADE,
  room_id     uuid REFERENCES rooms ON DELETE CASCADE,
  person_id   uuid NOT NULL REFERENCES people ON DELETE CASCADE,
  kind        text NOT NULL CHECK (kind IN ('mute', 'timeout', 'kick', 'ban', 'shadow_ban')),
  reason      text CHECK (length(reason) <= 200),
  by_id       uuid NOT NULL REFERENCES people,
  at          timestamptz NOT NULL DEFAULT now(),
  -- NULL: until it is lifted.
  until       timestamptz,
  lifted_at   timestamptz,
  lifted_by   uuid REFERENCES people
);
CREATE INDEX sanctions_host ON sanctions (host_id, person_id) WHERE lifted_at IS NULL;

-- Words nobody may say: in one room, or (room_id NULL) on the whole platform.
CREATE TABLE banned_words (
  word_id  uuid PRIMARY KEY,
  room_id  uuid REFERENCES rooms ON DELETE CASCADE,
  word     text NOT NULL CHECK (length(word) BETWEEN 1 AND 50),
  -- The form that is compared: width, case, spacing and script folded.
  folded   text NOT NULL CHECK (folded <> ''),
  added_by uuid NOT NULL REFERENCES people,
  added_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE NULLS NOT DISTINCT (room_id, folded)
);

CREATE TABLE chat_settings (
  room_id            uuid PRIMARY KEY REFERENCES rooms ON DELETE CASCADE,
  -- 0: no slow mode.
  slow_seconds       integer NOT NULL DEFAULT 0 CHECK (slow_seconds BETWEEN 0 AND 120),
  audience           text NOT NULL DEFAULT 'everyone' CHECK (audience IN ('everyone', 'followers', 'fans')),
  follow_minutes_min integer NOT NULL DEFAULT 0 CHECK (follow_minutes_min BETWEEN 0 AND 525600),
  fan_level_min      integer NOT NULL DEFAULT 1 CHECK (fan_level_min BETWEEN 1 AND 20),
  -- Which messages wait for a moderator.
  hold               text NOT NULL DEFAULT 'none' CHECK (hold IN ('none', 'banned_words', 'links', 'all')),
  -- The pinned message as it was when it was pinned.
  pinned             jsonb,
  announcement       text CHECK (length(announcement) <= 500)
);

CREATE TABLE held_messages (
  message_id uuid PRIMARY KEY,
  room_id    uuid NOT NULL REFERENCES rooms ON DELETE CASCADE,
  sender_id  uuid NOT NULL REFERENCES people ON DELETE CASCADE,
  message    jsonb NOT NULL,
  reason     text NOT NULL,
  held_at    timestamptz NOT NULL DEFAULT now(),
  decision   text CHECK (decision IN ('approved', 'rejected')),
  decided_at timestamptz,
  decided_by uuid REFERENCES people
);
CREATE INDEX held_messages_open ON held_messages (room_id, held_at) WHERE decision IS NULL;
