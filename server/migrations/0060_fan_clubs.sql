-- Up Migration

-- A host has one club; account and club are one, so the club's id is the host's.
CREATE TABLE fan_clubs (
  club_id       uuid PRIMARY KEY REFERENCES people,
  join_rule     text NOT NULL DEFAULT 'open' CHECK (join_rule IN ('open', 'follow', 'bought', 'approval')),
  members_max   int NOT NULL DEFAULT 100000 CHECK (members_max BETWEEN 1 AND 1000000),
  greeting      text NOT NULL DEFAULT '' CHECK (length(greeting) <= 500),
  announcement  text NOT NULL DEFAULT '' CHECK (length(announcement) <= 500),
  -- The club's always-open room; null until the host opens it.
  group_room_id uuid,
  member_count  int NOT NULL DEFAULT 0,
  created_at    timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT fan_clubs_not_too_many CHECK (member_count BETWEEN 0 AND members_max)
);

CREATE TABLE fan_memberships (
  club_id    uuid NOT NULL REFERENCES fan_clubs,
  person_id  uuid NOT NULL REFERENCES people,
  state      text NOT NULL CHECK (state IN ('asked', 'member', 'left', 'refused')),
  -- Sum of the person's rows in fan_points, kept here so that a list of members needs no sums.
  points     bigint NOT NULL DEFAULT 0 CHECK (points >= 0),
  -- When points last came in; what decay counts from.
  active_at  timestamptz NOT NULL,
  -- The warning that points will decay was given for this stretch of inactivity.
  warned     boolean NOT NULL DEFAULT false,
  joined_at  timestamptz NOT NULL,
  changed_at timestamptz NOT NULL,
  PRIMARY KEY (club_id, person_id)
);
CREATE INDEX fan_memberships_person ON fan_memberships (person_id) WHERE state = 'member';
CREATE INDEX fan_memberships_rank ON fan_memberships (club_id, points DESC, person_id) WHERE state = 'member';
CREATE INDEX fan_memberships_asked ON fan_memberships (club_id, changed_at) WHERE state = 'asked';
CREATE INDEX fan_memberships_idle ON fan_memberships (active_at) WHERE state = 'member' AND points > 0;

-- Every point ever given or taken. Append-only: points and levels can be recomputed from it.
CREATE TABLE fan_points (
  row_id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  club_id   uuid NOT NULL,
  person_id uuid NOT NULL,
  source    text NOT NULL CHECK (source IN ('watch', 'comment', 'like', 'share', 'buy', 'prize', 'decay')),
  delta     int NOT NULL CHECK (delta <> 0 AND (delta < 0) = (source = 'decay')),
  -- What it was for; the same thing gives points once.
  cause     text NOT NULL CHECK (length(cause) BETWEEN 1 AND 200),
  -- The UTC day whose cap it counts against.
  on_day    date NOT NULL,
  at        timestamptz NOT NULL,
  FOREIGN KEY (club_id, person_id) REFERENCES fan_memberships,
  UNIQUE (club_id, person_id, source, cause)
);
CREATE INDEX fan_points_day ON fan_points (club_id, person_id, on_day);
CREATE TRIGGER fan_points_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON fan_points
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Shows whose start was told in the fan group.
CREATE TABLE fan_live_notices (
  room_id uuid PRIMARY KEY,
  told_at timestamptz NOT NULL DEFAULT now()
);
