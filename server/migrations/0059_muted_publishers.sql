-- Up Migration

-- Whom somebody who may has muted: a media server that dies, or a room that empties, must not make them heard again.
CREATE TABLE muted_publishers (
  room_id   uuid NOT NULL REFERENCES rooms ON DELETE CASCADE,
  person_id uuid NOT NULL REFERENCES people ON DELETE CASCADE,
  kind      text NOT NULL CHECK (kind IN ('audio', 'video')),
  PRIMARY KEY (person_id, room_id, kind)
);
