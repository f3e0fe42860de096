-- Up Migration

CREATE TABLE rooms (
  room_id      uuid PRIMARY KEY,
  -- show: one live show; group: the always-open room of a fan club.
  kind         text NOT NULL DEFAULT 'show' CHECK (kind IN ('show', 'group')),
  host_id      uuid NOT NULL REFERENCES people,
  title        text NOT NULL CHECK (length(title) BETWEEN 1 AND 120),
  cover_url    text,
  state        text NOT NULL CHECK (state IN ('scheduled', 'live', 'paused', 'ended', 'cancelled')),
  rehearsal    boolean NOT NULL DEFAULT false,
  product_ids  uuid[] NOT NULL DEFAULT '{}' CHECK (cardinality(product_ids) <= 100),
  scheduled_at timestamptz,
  started_at   timestamptz,
  -- Who sends the stream, and since when nobody does; a room that stays without one is ended.
  publisher_id   text,
  stream_lost_at timestamptz,
  ended_at     timestamptz,
  version      integer NOT NULL DEFAULT 1,
  -- Idempotency key of the host who made it.
  request_key  text,
  created_at   timestamptz NOT NULL DEFAULT now(),
  UNIQUE (host_id, request_key),
  CHECK (kind = 'show' OR state IN ('live', 'ended')),
  CHECK (state NOT IN ('live', 'paused') OR started_at IS NOT NULL),
  CHECK ((state IN ('ended', 'cancelled')) = (ended_at IS NOT NULL))
);
CREATE INDEX rooms_host ON rooms (host_id, created_at DESC);
CREATE INDEX rooms_state ON rooms (state, scheduled_at) WHERE kind = 'show' AND NOT rehearsal;
CREATE INDEX rooms_stream_lost ON rooms (stream_lost_at) WHERE stream_lost_at IS NOT NULL;
-- A fan club has one group.
CREATE UNIQUE INDEX rooms_group_key ON rooms (host_id) WHERE kind = 'group' AND state = 'live';

CREATE TABLE room_staff (
  room_id   uuid NOT NULL REFERENCES rooms ON DELETE CASCADE,
  person_id uuid NOT NULL REFERENCES people ON DELETE CASCADE,
  role      text NOT NULL CHECK (role IN ('moderator', 'assistant')),
  since     timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (room_id, person_id)
);
CREATE INDEX room_staff_person ON room_staff (person_id);

CREATE TABLE follows (
  host_id   uuid NOT NULL REFERENCES people ON DELETE CASCADE,
  person_id uuid NOT NULL REFERENCES people ON DELETE CASCADE,
  since     timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (host_id, person_id),
  CHECK (host_id <> person_id)
);
CREATE INDEX follows_person ON follows (person_id, since DESC);
