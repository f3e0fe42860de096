-- Up Migration

-- Who wants to be told of one show, whether they follow its host or not.
CREATE TABLE room_bells (
  room_id   uuid NOT NULL REFERENCES rooms ON DELETE CASCADE,
  person_id uuid NOT NULL REFERENCES people ON DELETE CASCADE,
  since     timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (room_id, person_id)
);
CREATE INDEX room_bells_person ON room_bells (person_id);

-- Followers are reminded of the shows of a host unless they switch it off.
ALTER TABLE follows ADD COLUMN reminders boolean NOT NULL DEFAULT true;

-- The time of the show that its subscribers were told last; NULL while they were told nothing, or that it is over.
ALTER TABLE rooms ADD COLUMN told_scheduled_at timestamptz;

-- One thing that everybody who subscribed to a show is told, and how far the telling has come.
CREATE TABLE reminder_rounds (
  room_id  uuid NOT NULL REFERENCES rooms ON DELETE CASCADE,
  -- Names the round: the kind, and for which time of the show.
  occasion text NOT NULL,
  kind     text NOT NULL CHECK (kind IN ('show-soon', 'show-moved', 'show-cancelled', 'show-live')),
  begun_at timestamptz NOT NULL DEFAULT now(),
  -- People up to this id have been told.
  after_id uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
  done_at  timestamptz,
  PRIMARY KEY (room_id, occasion)
);
CREATE INDEX reminder_rounds_open ON reminder_rounds (begun_at) WHERE done_at IS NULL;

-- What people were told. The key makes it once for each, however often a round is taken up again.
CREATE TABLE notifications (
  notification_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  person_id       uuid NOT NULL REFERENCES people ON DELETE CASCADE,
  room_id         uuid NOT NULL REFERENCES rooms ON DELETE CASCADE,
  occasion        text NOT NULL,
  kind            text NOT NULL,
  at              timestamptz NOT NULL DEFAULT now(),
  read_at         timestamptz,
  UNIQUE (person_id, room_id, occasion)
);
CREATE INDEX notifications_person ON notifications (person_id, at DESC);
CREATE INDEX notifications_at ON notifications USING brin (at);
